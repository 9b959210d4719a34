//! Takes an object apart by name. What was not taken when it is [closed](Fields::close) is refused by its
//! path, so that nothing a client asked for can be lost by not being thought of.

use std::borrow::Cow;

use super::{Json, Path, Refused};

/// An object on its way to being understood.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    /// Where it stands: `messages[3].content[0]`; empty at the top.
    path: Path,
    members: Vec<(Cow<'a, str>, Json<'a>)>,
}

impl<'a> Fields<'a> {
    /// The object at `path`.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn new(path: Path, value: Json<'a>) -> Result<Self, Refused> {
        match value {
            Json::Object(members) => Ok(Self { path, members }),
            other => Err(wrong(&path, "an object", &other)),
        }
    }

    /// Where it stands.
    pub(crate) const fn path(&self) -> &Path {
        &self.path
    }

    /// The path of a member.
    pub(crate) fn at(&self, name: impl Into<Cow<'static, str>>) -> Path {
        self.path.member(name)
    }

    /// The member of that name, left where it is.
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'a>> {
        let found = self.members.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value)
    }

    /// Takes a member; `null` is none.
    pub(crate) fn take(&mut self, name: &str) -> Option<Json<'a>> {
        let at = self.members.iter().position(|(known, _)| known == name)?;
        match self.members.remove(at).1 {
            Json::Null => None,
            value => Some(value),
        }
    }

    /// Takes a string.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn string(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, Refused> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(&self.at(name), "a string", &other)),
        }
    }

    /// Takes a string that has to be there.
    ///
    /// # Errors
    /// It is missing, or something else.
    pub(crate) fn required(&mut self, name: &'static str) -> Result<Cow<'a, str>, Refused> {
        self.string(name)?.ok_or_else(|| missing(&self.at(name)))
    }

    /// Takes a boolean.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn bool(&mut self, name: &'static str) -> Result<Option<bool>, Refused> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Bool(value)) => Ok(Some(value)),
            Some(other) => Err(wrong(&self.at(name), "a boolean", &other)),
        }
    }

    /// Takes a number.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
    ) -> Result<Option<serde_json::Number>, Refused> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Number(number)) => Ok(Some(number)),
            Some(other) => Err(wrong(&self.at(name), "a number", &other)),
        }
    }

    /// Takes a whole number from 0 on.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn count(&mut self, name: &'static str) -> Result<Option<u64>, Refused> {
        match self.number(name)? {
            None => Ok(None),
            Some(number) => number
                .as_u64()
                .map(Some)
                .ok_or_else(|| Refused::invalid(self.at(name), "must be a whole number from 0 on")),
        }
    }

    /// Takes a list with the path of each element; empty where there is none.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn list(&mut self, name: &'static str) -> Result<Vec<(Path, Json<'a>)>, Refused> {
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(list)) => Ok(elements(&self.at(name), list)),
            Some(other) => Err(wrong(&self.at(name), "an array", &other)),
        }
    }

    /// Takes an object.
    ///
    /// # Errors
    /// It is something else.
    pub(crate) fn object(&mut self, name: &'static str) -> Result<Option<Self>, Refused> {
        let taken = self.take(name);
        taken
            .map(|value| Self::new(self.at(name), value))
            .transpose()
    }

    /// Leaves out members that only advise the provider: an answer means the same without them. Which ones
    /// is written in `docs/translation.md`.
    pub(crate) fn advice(&mut self, names: &[&str]) {
        self.members.retain(|(name, _)| !names.contains(&&**name));
    }

    /// Leaves out a member where it says what holds anyway.
    ///
    /// # Errors
    /// It says something else.
    pub(crate) fn only(&mut self, name: &'static str, usual: &Json<'_>) -> Result<(), Refused> {
        match self.take(name) {
            Some(value) if value != *usual => Err(Refused::unsupported(self.at(name))),
            _ => Ok(()),
        }
    }

    /// What is left, `null`s too.
    pub(crate) fn rest(self) -> Vec<(Cow<'a, str>, Json<'a>)> {
        self.members
    }

    /// Nothing more is looked for.
    ///
    /// # Errors
    /// There is something left that says something.
    pub(crate) fn close(self) -> Result<(), Refused> {
        let left = self.members.iter().find(|(_, value)| *value != Json::Null);
        match left {
            Some((name, _)) => Err(Refused::unsupported(self.at(name.to_string()))),
            None => Ok(()),
        }
    }
}

/// The elements of a list, each with its path.
pub(crate) fn elements<'a>(path: &Path, list: Vec<Json<'a>>) -> Vec<(Path, Json<'a>)> {
    let numbered = list.into_iter().enumerate();
    numbered
        .map(|(at, value)| (path.element(at), value))
        .collect()
}

/// Something else stands there than has to.
pub(crate) fn wrong(path: &Path, wanted: &str, found: &Json<'_>) -> Refused {
    let path = if path.is_top() {
        "body".to_owned()
    } else {
        path.to_string()
    };
    Refused::invalid(path, format!("must be {wanted}, and is {}", found.kind()))
}

/// Something that has to be there is not.
pub(crate) fn missing(path: &Path) -> Refused {
    Refused::invalid(path, "is missing")
}
