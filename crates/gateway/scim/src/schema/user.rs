//! Users (RFC 7643 §4.1) and what enterprises add to them (RFC 7643 §4.3).

use super::{Attribute, Kind, Mutability, ResourceType, Schema};

const NAME: &[Attribute] = &[
    Attribute::text("formatted", "The whole name, as it is to be shown."),
    Attribute::text("familyName", "The family name."),
    Attribute::text("givenName", "The given name."),
    Attribute::text("middleName", "Middle names."),
    Attribute::text("honorificPrefix", "What comes before, as in `Ms.`."),
    Attribute::text("honorificSuffix", "What comes after, as in `III`."),
];

const ADDRESS: &[Attribute] = &[
    Attribute::text("formatted", "The whole address, as it is to be shown."),
    Attribute::text("streetAddress", "Street and number."),
    Attribute::text("locality", "Town."),
    Attribute::text("region", "State or region."),
    Attribute::text("postalCode", "Postal code."),
    Attribute::text("country", "Country, as two letters (ISO 3166-1)."),
    Attribute::text("type", "What it is for.").canonical(&["work", "home", "other"]),
    PRIMARY,
];

const PRIMARY: Attribute = Attribute::new(
    "primary",
    Kind::Boolean,
    "Whether this is the one to prefer; at most one is.",
);
const DISPLAY: Attribute = Attribute::text("display", "How it is to be shown.");
const TYPE: Attribute = Attribute::text("type", "What it is for.");
const VALUE: Attribute = Attribute::text("value", "The value.");

const PLAIN: &[Attribute] = &[VALUE, DISPLAY, TYPE, PRIMARY];
const CONTACT: &[Attribute] = &[
    VALUE,
    DISPLAY,
    Attribute::text("type", "What it is for.").canonical(&["work", "home", "other"]),
    PRIMARY,
];
const PHOTO: &[Attribute] = &[
    Attribute::reference("value", &["external"], "Where the picture lies."),
    DISPLAY,
    Attribute::text("type", "What it is for.").canonical(&["photo", "thumbnail"]),
    PRIMARY,
];
const CERTIFICATE: &[Attribute] = &[
    Attribute::new("value", Kind::Binary, "The certificate, DER in base64.").exact(),
    DISPLAY,
    TYPE,
    PRIMARY,
];
const MEMBERSHIP: &[Attribute] = &[
    Attribute::text("value", "The group's id.")
        .exact()
        .mutability(Mutability::ReadOnly),
    Attribute::reference("$ref", &["Group"], "Where the group lies.")
        .mutability(Mutability::ReadOnly),
    Attribute::text("display", "The group's name.").mutability(Mutability::ReadOnly),
    Attribute::text("type", "Always direct.")
        .canonical(&["direct"])
        .mutability(Mutability::ReadOnly),
];
const MANAGER: &[Attribute] = &[
    Attribute::text("value", "The manager's id.").exact(),
    Attribute::reference("$ref", &["User"], "Where the manager lies."),
    Attribute::text("displayName", "The manager's name.").mutability(Mutability::ReadOnly),
];

/// A user.
pub static USER: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    about: "People and services that call models.",
    schema: Schema {
        id: "urn:ietf:params:scim:schemas:core:2.0:User",
        name: "User",
        about: "User Account",
        attributes: &[
            Attribute::text("userName", "What identifies the user, in any case.")
                .required()
                .unique(),
            Attribute::complex("name", NAME, "The parts of the name."),
            Attribute::text("displayName", "The name that is shown."),
            Attribute::text("nickName", "A casual name."),
            Attribute::reference("profileUrl", &["external"], "A page about the user."),
            Attribute::text("title", "What they are, as in `Vice President`."),
            Attribute::text("userType", "How they belong, as in `Contractor`."),
            Attribute::text(
                "preferredLanguage",
                "The language they prefer (RFC 9110 §12.5.4).",
            ),
            Attribute::text(
                "locale",
                "How dates and numbers are written for them (RFC 5646).",
            ),
            Attribute::text("timezone", "Their time zone, as in `Europe/Berlin`."),
            Attribute::new(
                "active",
                Kind::Boolean,
                "Whether they may use anything: without it their keys and sessions are refused.",
            ),
            Attribute::complex(
                "emails",
                CONTACT,
                "E-mail addresses. The primary one for work is the user's.",
            )
            .many(),
            Attribute::complex("phoneNumbers", PLAIN, "Telephone numbers.").many(),
            Attribute::complex("ims", PLAIN, "Addresses for messages.").many(),
            Attribute::complex("photos", PHOTO, "Pictures.").many(),
            Attribute::complex("addresses", ADDRESS, "Postal addresses.").many(),
            Attribute::complex("groups", MEMBERSHIP, "The groups they are in.")
                .many()
                .mutability(Mutability::ReadOnly),
            Attribute::complex("entitlements", PLAIN, "What they are entitled to.").many(),
            Attribute::complex("roles", PLAIN, "What they are at the client.").many(),
            Attribute::complex("x509Certificates", CERTIFICATE, "Certificates.").many(),
        ],
    },
    extension: Some(&ENTERPRISE),
};

/// What enterprises add to a user.
pub static ENTERPRISE: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    about: "Enterprise User",
    attributes: &[
        Attribute::text("employeeNumber", "Their number."),
        Attribute::text("costCenter", "Their cost centre."),
        Attribute::text("organization", "Their organisation."),
        Attribute::text("division", "Their division."),
        Attribute::text("department", "Their department."),
        Attribute::complex("manager", MANAGER, "Whom they report to."),
    ],
};
