//! Credentials that are short-lived: what they are asked for with.

use std::path::Path;

use tidegate_provider::profiles::Profile;

use super::{credential, named};
use crate::{
    config::section::Section,
    tokens::{Entra, Google, Grant},
};

/// `entra` or `google`, if one of them is there.
pub(super) fn read(
    section: &mut Section<'_>,
    usual: Option<&Profile>,
    base: &Path,
) -> Option<Grant> {
    let entra = section.section_if_any("entra");
    let google = section.section_if_any("google");
    if entra.is_some() && google.is_some() {
        section.note(
            "google",
            "stands beside `entra`: a provider takes one of them",
        );
    }
    match (entra, google) {
        (Some(one), _) => entra_app(one, usual, base).map(Grant::Entra),
        (None, Some(one)) => google_account(one, base).map(Grant::Google),
        (None, None) => None,
    }
}

fn entra_app(mut section: Section<'_>, usual: Option<&Profile>, base: &Path) -> Option<Entra> {
    let authority = address(&mut section, "authority");
    let authority = authority.unwrap_or_else(|| "https://login.microsoftonline.com".to_owned());
    let mut id = |key: &'static str, what: &str| {
        let text = section.string(key);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
        if !text
            .as_ref()
            .is_some_and(|text| !text.is_empty() && text.bytes().all(plain))
        {
            section.note(key, format!("is needed: {what}"));
        }
        text
    };
    let tenant = id("tenant", "the directory's id or domain");
    let client_id = id("client_id", "the app's id");
    let text = section.string("client_secret");
    if text.is_none() {
        section.note("client_secret", "is needed: \"env:NAME\" or \"file:PATH\"");
    }
    let client_secret = text.and_then(|text| credential(&section, "client_secret", &text, base));
    let default = usual.map_or("", |known| known.entra_scope);
    let scope = section
        .string("scope")
        .unwrap_or_else(|| default.to_owned());
    if scope.is_empty() {
        section.note(
            "scope",
            "is needed here, like \"https://ai.azure.com/.default\"",
        );
    }
    section.finish();
    Some(Entra {
        authority,
        tenant: tenant?,
        client_id: client_id?,
        client_secret: client_secret?,
        scope,
    })
}

fn google_account(mut section: Section<'_>, base: &Path) -> Option<Google> {
    let text = section.string("credentials");
    let machine = section.bool("metadata", false);
    let server = section.string("metadata_url");
    let found = match text {
        Some(text) if !machine => {
            let fits = |byte: &u8| *byte >= b' ' || byte.is_ascii_whitespace();
            let file = named(&section, "credentials", &text, base, fits);
            file.and_then(|file| match Google::parse(file.expose()) {
                Ok(found) => Some(found),
                Err(error) => {
                    section.note("credentials", error.to_string());
                    None
                }
            })
        }
        None if machine => Some(Google::metadata(server)),
        _ => {
            section.note(
                "credentials",
                "is needed, \"file:PATH\" or \"env:NAME\" of a file that Google's tools write; or `metadata = true`, on \
                 Google's own machines; not both",
            );
            None
        }
    };
    section.finish();
    found
}

/// An address that secrets go to: over TLS, or on this machine.
fn address(section: &mut Section<'_>, key: &'static str) -> Option<String> {
    let text = section.string(key)?;
    if !crate::tokens::is_safe(&text) {
        section.note(
            key,
            "starts with `https://` (or `http://` for this machine)",
        );
    }
    Some(text.trim_end_matches('/').to_owned())
}
