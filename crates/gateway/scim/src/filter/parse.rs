//! A parser by recursive descent, with bounds on length, depth and number of terms. It looks at each byte
//! a bounded number of times.

use serde_json::Number;

use super::{Comparison, DEEPEST, Filter, LONGEST, Literal, MOST};
use crate::{
    Attr, Path, ScimError,
    path::{Named, is_name},
};

/// Where the reading is.
pub(crate) struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    terms: usize,
    /// Between brackets, where attributes are parts of the one before them.
    inside: bool,
}

type Read<T> = Result<T, ScimError>;

fn wrong<T>(detail: &'static str) -> Read<T> {
    Err(ScimError::filter(detail))
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Read<Self> {
        if text.len() > LONGEST {
            return wrong("it is longer than 4 KiB");
        }
        Ok(Self {
            rest: text.trim(),
            depth: 0,
            terms: 0,
            inside: false,
        })
    }

    pub(crate) fn end(&self) -> Read<()> {
        if self.rest.is_empty() {
            return Ok(());
        }
        wrong("something follows that does not belong there")
    }

    /// The path of a PATCH.
    pub(crate) fn path(&mut self) -> Read<Path> {
        let mut attr = match self.named()? {
            Named::Attr(attr) => attr,
            Named::Schema(urn) => return Ok(Path::Schema(urn)),
        };
        let mut filter = None;
        if attr.sub.is_none() && self.rest.starts_with('[') {
            filter = Some(self.bracketed()?);
            attr.sub = self.part()?;
        }
        Ok(Path::Attribute { attr, filter })
    }

    pub(crate) fn filter(&mut self) -> Read<Filter> {
        let mut parts = vec![self.conjunction()?];
        while self.keyword("or") {
            parts.push(self.conjunction()?);
        }
        Filter::any(parts).map_or_else(|| wrong("it is empty"), Ok)
    }

    fn conjunction(&mut self) -> Read<Filter> {
        let mut parts = vec![self.term()?];
        while self.keyword("and") {
            parts.push(self.term()?);
        }
        Filter::all(parts).map_or_else(|| wrong("it is empty"), Ok)
    }

    fn term(&mut self) -> Read<Filter> {
        self.terms += 1;
        if self.terms > MOST {
            return wrong("it has more than 100 comparisons");
        }
        self.space();
        if self.rest.starts_with('(') {
            return self.enclosed('(', ')');
        }
        let before = self.rest;
        if self.word().eq_ignore_ascii_case("not") {
            self.space();
            if self.rest.starts_with('(') {
                return self
                    .enclosed('(', ')')
                    .map(|inner| Filter::Not(inner.into()));
            }
        }
        self.rest = before;
        self.expression()
    }

    /// `attribute operator value`, `attribute pr`, `attribute[…]`.
    fn expression(&mut self) -> Read<Filter> {
        let Named::Attr(attr) = self.named()? else {
            return wrong("a schema alone has no value");
        };
        if !self.rest.starts_with('[') {
            return self.comparison(attr);
        }
        if self.inside || attr.sub.is_some() {
            return wrong("brackets stand after an attribute, and not within others");
        }
        let inner = self.bracketed()?;
        let Some(part) = self.part()? else {
            return Ok(Filter::Element(attr, inner.into()));
        };
        // `emails[type eq "work"].value eq "…"`: beyond the grammar, and in use. It has one meaning.
        let compared = self.comparison(Attr::plain(&part))?;
        let both = Filter::all(vec![inner, compared]);
        both.map_or_else(
            || wrong("it is empty"),
            |both| Ok(Filter::Element(attr, both.into())),
        )
    }

    fn comparison(&mut self, attr: Attr) -> Read<Filter> {
        if !self.space() {
            return wrong("an attribute's name is followed by a space and an operator");
        }
        let comparison = match self.word().to_ascii_lowercase().as_str() {
            "pr" => return Ok(Filter::Present(attr)),
            "co" => Comparison::Contains,
            "eq" => Comparison::Equal,
            "ew" => Comparison::EndsWith,
            "ge" => Comparison::GreaterOrEqual,
            "gt" => Comparison::Greater,
            "le" => Comparison::LessOrEqual,
            "lt" => Comparison::Less,
            "ne" => Comparison::NotEqual,
            "sw" => Comparison::StartsWith,
            _ => return wrong("an operator is one of eq ne co sw ew gt ge lt le pr"),
        };
        if !self.space() {
            return wrong("an operator is followed by a space and a value");
        }
        Ok(Filter::Compare(attr, comparison, self.literal()?))
    }

    fn literal(&mut self) -> Read<Literal> {
        if self.rest.starts_with('"') {
            let mut escaped = false;
            let end = self.rest.bytes().skip(1).position(|byte| {
                let ends = byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                ends
            });
            let Some((text, rest)) = end.and_then(|end| self.rest.split_at_checked(end + 2)) else {
                return wrong("a text has no end");
            };
            self.rest = rest;
            return match serde_json::from_str(text) {
                Ok(text) => Ok(Literal::Text(text)),
                Err(_) => wrong("a text is not written as in JSON"),
            };
        }
        let end = self.rest.find([' ', ')', ']']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word.to_ascii_lowercase().as_str() {
            "true" => Ok(Literal::Bool(true)),
            "false" => Ok(Literal::Bool(false)),
            "null" => Ok(Literal::Null),
            _ => match serde_json::from_str::<Number>(word) {
                Ok(number) => Ok(Literal::Number(number)),
                Err(_) => wrong("a value is a text in quotes, a number, true, false or null"),
            },
        }
    }

    /// What brackets behind an attribute hold.
    fn bracketed(&mut self) -> Read<Filter> {
        self.inside = true;
        let inner = self.enclosed('[', ']');
        self.inside = false;
        inner
    }

    fn enclosed(&mut self, open: char, close: char) -> Read<Filter> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return wrong("it is nested deeper than 16");
        }
        self.rest = self.rest.strip_prefix(open).unwrap_or(self.rest);
        let inner = self.filter()?;
        self.space();
        let Some(rest) = self.rest.strip_prefix(close) else {
            return wrong("a bracket is not closed");
        };
        self.rest = rest;
        self.depth -= 1;
        Ok(inner)
    }

    /// `.part`, behind a bracket.
    fn part(&mut self) -> Read<Option<String>> {
        let Some(rest) = self.rest.strip_prefix('.') else {
            return Ok(None);
        };
        self.rest = rest;
        let part = self.word();
        if is_name(part) {
            return Ok(Some(part.to_owned()));
        }
        wrong("behind the bracket's point is no attribute's name")
    }

    fn named(&mut self) -> Read<Named> {
        let word = self.word();
        Attr::named(word).map_or_else(
            || wrong("there is no attribute's name where one belongs"),
            Ok,
        )
    }

    /// The characters of names and URNs from here on.
    fn word(&mut self) -> &'a str {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.' | '_' | '-' | '$');
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    /// Passes this word, with space before it and space or a bracket behind it, if it is there.
    fn keyword(&mut self, keyword: &str) -> bool {
        let before = self.rest;
        self.space();
        let found = self.word().eq_ignore_ascii_case(keyword) && self.rest.starts_with([' ', '(']);
        if !found {
            self.rest = before;
        }
        found
    }

    /// Passes spaces; whether there were any.
    fn space(&mut self) -> bool {
        let before = self.rest.len();
        self.rest = self.rest.trim_start_matches(' ');
        before != self.rest.len()
    }
}
