//! What attributes there are, of which type: the tables that reading, PATCH, filters and discovery go by.

mod core;
mod user;

pub(crate) use self::core::COMMON;
pub use self::core::GROUP;
pub use self::user::{ENTERPRISE, USER};

/// The type of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Binary,
    Boolean,
    Complex,
    DateTime,
    Reference,
    String,
}

/// When an attribute is answered (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Returned {
    Always,
    Default,
}

/// Who may change an attribute (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mutability {
    Immutable,
    ReadOnly,
    ReadWrite,
}

/// An attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) kind: Kind,
    pub(crate) many: bool,
    pub(crate) required: bool,
    pub(crate) exact: bool,
    pub(crate) unique: bool,
    pub(crate) mutability: Mutability,
    pub(crate) returned: Returned,
    pub(crate) canonical: &'static [&'static str],
    pub(crate) references: &'static [&'static str],
    pub(crate) subs: &'static [Self],
}

impl Attribute {
    const fn new(name: &'static str, kind: Kind, about: &'static str) -> Self {
        Self {
            name,
            about,
            kind,
            many: false,
            required: false,
            exact: false,
            unique: false,
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            canonical: &[],
            references: &[],
            subs: &[],
        }
    }

    const fn text(name: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::String, about)
    }

    const fn complex(name: &'static str, subs: &'static [Self], about: &'static str) -> Self {
        let mut attribute = Self::new(name, Kind::Complex, about);
        attribute.subs = subs;
        attribute
    }

    const fn reference(
        name: &'static str,
        to: &'static [&'static str],
        about: &'static str,
    ) -> Self {
        let mut attribute = Self::new(name, Kind::Reference, about).exact();
        attribute.references = to;
        attribute
    }

    const fn many(mut self) -> Self {
        self.many = true;
        self
    }

    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    const fn mutability(mut self, mutability: Mutability) -> Self {
        self.mutability = mutability;
        self
    }

    const fn returned(mut self, returned: Returned) -> Self {
        self.returned = returned;
        self
    }

    const fn canonical(mut self, words: &'static [&'static str]) -> Self {
        self.canonical = words;
        self
    }

    /// The sub-attribute of that name, in any case (RFC 7643 §2.1).
    pub(crate) fn sub(&self, name: &str) -> Option<&'static Self> {
        named(self.subs, name)
    }
}

/// A schema.
#[derive(Debug)]
pub struct Schema {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) attributes: &'static [Attribute],
}

impl Schema {
    /// The schema's URN.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        named(self.attributes, name)
    }
}

/// A kind of resource.
#[derive(Debug)]
pub struct ResourceType {
    pub(crate) name: &'static str,
    pub(crate) endpoint: &'static str,
    pub(crate) about: &'static str,
    pub(crate) schema: Schema,
    pub(crate) extension: Option<&'static Schema>,
}

impl ResourceType {
    /// Its name, `User` or `Group`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Where its resources lie, below the base URL.
    #[must_use]
    pub const fn endpoint(&self) -> &'static str {
        self.endpoint
    }

    /// Its own schema, then that which extends it.
    pub(crate) fn schemas(&'static self) -> impl Iterator<Item = &'static Schema> {
        std::iter::once(&self.schema).chain(self.extension)
    }

    /// What an attribute's name means, in the schema that is named or in the resource's own.
    pub(crate) fn attribute(
        &'static self,
        schema: Option<&str>,
        name: &str,
    ) -> Option<&'static Attribute> {
        match schema {
            Some(urn) if !urn.eq_ignore_ascii_case(self.schema.id) => self
                .extension
                .filter(|extension| urn.eq_ignore_ascii_case(extension.id))
                .and_then(|extension| extension.attribute(name)),
            _ => self.schema.attribute(name).or_else(|| named(COMMON, name)),
        }
    }
}

fn named(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes
        .iter()
        .find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
