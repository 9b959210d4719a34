//! Where something stands in a request, for a refusal to name it. Nearly no path is ever shown: one is a link to the
//! path before it, and written out when it has to be.

use std::{borrow::Cow, fmt, rc::Rc};

/// A place in a request: `messages[3].content[0]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Path(Option<Rc<Step>>);

#[derive(Debug)]
struct Step {
    before: Path,
    name: Name,
}

#[derive(Debug)]
enum Name {
    Index(usize),
    Member(Cow<'static, str>),
}

impl Path {
    /// The request itself.
    pub(crate) const TOP: Self = Self(None);

    /// A member of what stands here.
    pub(crate) fn member(&self, name: impl Into<Cow<'static, str>>) -> Self {
        self.then(Name::Member(name.into()))
    }

    /// An element of what stands here.
    pub(crate) fn element(&self, index: usize) -> Self {
        self.then(Name::Index(index))
    }

    pub(crate) const fn is_top(&self) -> bool {
        self.0.is_none()
    }

    fn then(&self, name: Name) -> Self {
        let before = self.clone();
        Self(Some(Rc::new(Step { before, name })))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(step) = &self.0 else {
            return Ok(());
        };
        step.before.fmt(f)?;
        match &step.name {
            Name::Index(index) => write!(f, "[{index}]"),
            Name::Member(name) if step.before.is_top() => f.write_str(name),
            Name::Member(name) => write!(f, ".{name}"),
        }
    }
}

impl From<&Path> for String {
    fn from(path: &Path) -> Self {
        path.to_string()
    }
}

impl From<Path> for String {
    fn from(path: Path) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_written_as_a_client_would_write_it() {
        let content = Path::TOP.member("messages").element(3).member("content");
        assert_eq!(content.element(0).to_string(), "messages[3].content[0]");
        assert_eq!(
            String::from(&content.member("a".to_owned())),
            "messages[3].content.a"
        );
        assert_eq!(Path::TOP.to_string(), "");
        assert!(Path::TOP.is_top() && !content.is_top());
    }
}
