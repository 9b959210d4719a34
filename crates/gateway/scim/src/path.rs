//! Names of attributes, and the paths of a PATCH (RFC 7644 §3.5.2, §3.10).

use std::{fmt, str::FromStr};

use crate::{
    Filter, ScimError,
    filter::{LONGEST, Parser},
};

/// An attribute's name, in a schema where one is said, and a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attr {
    /// The schema's URN.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// Where a PATCH applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Path {
    /// An attribute, or a part of it; with a filter only of those of its values that it selects.
    Attribute {
        /// The attribute, and the part of it.
        attr: Attr,
        /// Which of its values.
        filter: Option<Filter>,
    },
    /// All of an extension's attributes.
    Schema(String),
}

/// What a word names.
pub(crate) enum Named {
    Attr(Attr),
    Schema(String),
}

impl Attr {
    /// A name, without schema or part.
    #[must_use]
    pub fn plain(name: &str) -> Self {
        Self {
            schema: None,
            name: name.to_owned(),
            sub: None,
        }
    }

    /// Whether it is this attribute of the resource itself, with this part.
    #[must_use]
    pub fn is(&self, name: &str, sub: Option<&str>) -> bool {
        let core = self.schema.as_deref().is_none_or(|urn| {
            urn.eq_ignore_ascii_case(crate::USER.schema.id)
                || urn.eq_ignore_ascii_case(crate::GROUP.schema.id)
        });
        let part = match (&self.sub, sub) {
            (None, None) => true,
            (Some(ours), Some(theirs)) => ours.eq_ignore_ascii_case(theirs),
            _ => false,
        };
        core && part && self.name.eq_ignore_ascii_case(name)
    }

    /// Reads a word: a name of an attribute, or the URN of a schema.
    pub(crate) fn named(word: &str) -> Option<Named> {
        let mut schema = None;
        let mut rest = word;
        if word
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
        {
            let (urn, last) = word.rsplit_once(':')?;
            // Schemas are named like `…:2.0:User`: what follows a version is no attribute.
            let before = urn.rsplit(':').next().unwrap_or_default();
            if before.contains('.') && before.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
                return Some(Named::Schema(word.to_owned()));
            }
            schema = Some(urn.to_owned());
            rest = last;
        }
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        let good = is_name(name) && sub.is_none_or(is_name);
        good.then(|| {
            Named::Attr(Self {
                schema,
                name: name.to_owned(),
                sub: sub.map(str::to_owned),
            })
        })
    }
}

/// `ATTRNAME` of the grammar, and `$ref`.
pub(crate) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'$');
    first && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

impl fmt::Display for Attr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

impl FromStr for Attr {
    type Err = ScimError;

    fn from_str(text: &str) -> Result<Self, ScimError> {
        match Self::named(text) {
            Some(Named::Attr(attr)) if text.len() <= LONGEST => Ok(attr),
            _ => Err(ScimError::path("that is no attribute's name")),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Schema(urn) => f.write_str(urn),
            Self::Attribute { attr, filter: None } => attr.fmt(f),
            Self::Attribute {
                attr,
                filter: Some(filter),
            } => {
                let whole = Attr {
                    sub: None,
                    ..attr.clone()
                };
                write!(f, "{whole}[{filter}]")?;
                match &attr.sub {
                    Some(sub) => write!(f, ".{sub}"),
                    None => Ok(()),
                }
            }
        }
    }
}

impl FromStr for Path {
    type Err = ScimError;

    fn from_str(text: &str) -> Result<Self, ScimError> {
        let wrong = |error: ScimError| ScimError::path(error.detail);
        let mut parser = Parser::new(text).map_err(wrong)?;
        let path = parser.path().map_err(wrong)?;
        parser.end().map_err(wrong)?;
        Ok(path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_as_identity_providers_write_them() {
        for (text, schema, name, sub, filtered) in [
            ("userName", None, "userName", None, false),
            ("name.familyName", None, "name", Some("familyName"), false),
            (
                "emails[type eq \"work\"].value",
                None,
                "emails",
                Some("value"),
                true,
            ),
            ("members[value eq \"x\"]", None, "members", None, true),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
                Some(crate::ENTERPRISE.id),
                "manager",
                Some("value"),
                false,
            ),
        ] {
            let path: Path = text.parse().unwrap();
            let Path::Attribute { attr, filter } = &path else {
                panic!("{text}")
            };
            let seen = (
                attr.schema.as_deref(),
                attr.name.as_str(),
                attr.sub.as_deref(),
                filter.is_some(),
            );
            assert_eq!(seen, (schema, name, sub, filtered));
            assert_eq!(path.to_string(), text);
        }
        let whole = crate::ENTERPRISE.id.parse::<Path>();
        assert_eq!(whole, Ok(Path::Schema(crate::ENTERPRISE.id.to_owned())));
    }

    #[test]
    fn what_is_no_path_is_refused_as_one() {
        for bad in [
            "",
            " ",
            "a.b.c",
            "emails[",
            "emails[]",
            "emails[type eq]",
            "1a",
            "a b",
            "a[b pr]c",
            "a[b pr].c.d",
            "urn:",
            "emails[type eq \"x\"].",
            "ä",
        ] {
            let error = bad.parse::<Path>().unwrap_err();
            assert_eq!(error.kind, crate::ScimKind::InvalidPath, "{bad}");
        }
    }
}
