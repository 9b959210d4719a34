//! What every resource has (RFC 7643 §3.1), and groups (RFC 7643 §4.2).

use super::{Attribute, Kind, Mutability, ResourceType, Returned, Schema};

/// What every resource has, in no schema of its own.
pub(crate) const COMMON: &[Attribute] = &[
    Attribute::reference("schemas", &["uri"], "The schemas that the resource uses.")
        .many()
        .returned(Returned::Always),
    Attribute::text("id", "The resource's id at this server.")
        .exact()
        .mutability(Mutability::ReadOnly)
        .returned(Returned::Always),
    Attribute::text("externalId", "The resource's id at the client.").exact(),
    Attribute::complex(
        "meta",
        META,
        "When it was made and changed, and where it lies.",
    )
    .mutability(Mutability::ReadOnly),
];

const META: &[Attribute] = &[
    Attribute::text("resourceType", "The kind of resource.").exact(),
    Attribute::new("created", Kind::DateTime, "When it was made."),
    Attribute::new("lastModified", Kind::DateTime, "When it was last changed."),
    Attribute::reference("location", &["uri"], "Where it lies."),
    Attribute::text("version", "Its entity tag.").exact(),
];

const MEMBER: &[Attribute] = &[
    Attribute::text("value", "The member's id.")
        .exact()
        .mutability(Mutability::Immutable),
    Attribute::reference("$ref", &["User"], "Where the member lies.")
        .mutability(Mutability::Immutable),
    Attribute::text("type", "The kind of member: users only.")
        .canonical(&["User"])
        .mutability(Mutability::Immutable),
];

/// A group of users.
pub static GROUP: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    about: "Groups of users.",
    schema: Schema {
        id: "urn:ietf:params:scim:schemas:core:2.0:Group",
        name: "Group",
        about: "Group",
        attributes: &[
            Attribute::text(
                "displayName",
                "The group's name. Groups are mapped to teams and roles by it, so it is theirs alone.",
            )
            .required()
            .unique(),
            Attribute::complex("members", MEMBER, "The users in the group.").many(),
        ],
    },
    extension: None,
};
