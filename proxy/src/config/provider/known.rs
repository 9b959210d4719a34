//! What a section's profile says, where the section itself says nothing.

use tidegate_provider::{
    ClearText, Endpoint, Paths, Scheme,
    profiles::{self, Home, Profile},
};
use tidegate_types::{NameError, ProviderName};
use tidegate_wire::Dialect;

use crate::config::section::Section;

/// `profile`: what is known of the provider.
pub(super) fn profile(section: &mut Section<'_>) -> Option<&'static Profile> {
    let name = section.string("profile")?;
    let found = profiles::find(&name);
    if found.is_none() {
        let known: Vec<_> = profiles::all().map(|known| known.name).collect();
        section.note(
            "profile",
            format!(
                "\"{name}\" is not known; there are {}. Any other provider: \"dialect\" and \"base_url\"",
                known.join(", ")
            ),
        );
    }
    found
}

pub(super) fn name(section: &mut Section<'_>, profile: Option<&Profile>) -> Option<ProviderName> {
    let usual = || profile.map(|known| known.name.to_owned());
    let Some(text) = section.string("name").or_else(usual) else {
        section.note("name", "is missing; name the provider, like \"openai\"");
        return None;
    };
    text.parse()
        .map_err(|error: NameError| section.note("name", error.to_string()))
        .ok()
}

/// Where it is, by `base_url` (which is `url`), the profile, or its `location` at Google Cloud.
pub(super) fn endpoint(
    section: &mut Section<'_>,
    usual: Option<&Profile>,
    location: &str,
    url: Option<String>,
) -> Option<Endpoint> {
    let clear_text = if section.bool("allow_insecure_http", false) {
        ClearText::Anywhere
    } else {
        ClearText::Loopback
    };
    let (home, example) = match usual.map(|known| known.home) {
        Some(Home::At(url)) => (Some(url.to_owned()), url),
        Some(Home::Own(url)) => (None, url),
        Some(Home::ByLocation) => (Some(at_location(location)), ""),
        None => (None, "https://api.openai.com"),
    };
    let Some(url) = url.or(home) else {
        let text = format!("is missing; the root, like \"{example}\"");
        section.note("base_url", text);
        return None;
    };
    Endpoint::parse(&url, clear_text)
        .map_err(|error| section.note("base_url", error.to_string()))
        .ok()
}

/// Vertex AI's host for a location: a region, `global`, or one of the two groups of regions.
fn at_location(location: &str) -> String {
    match location {
        "global" => "https://aiplatform.googleapis.com".to_owned(),
        "us" | "eu" => format!("https://aiplatform.{location}.rep.googleapis.com"),
        region => format!("https://{region}-aiplatform.googleapis.com"),
    }
}

/// `project` and `location`, where the profile's paths have them; empty where they have not.
pub(super) fn project(section: &mut Section<'_>, usual: Option<&Profile>) -> (String, String) {
    if !usual.is_some_and(Profile::wants_project) {
        return Default::default();
    }
    let mut name = |key: &'static str, example: &str| {
        let text = section.string(key).unwrap_or_default();
        if !is_segment(&text) {
            section.note(key, format!("is needed, like \"{example}\""));
        }
        text
    };
    (
        name("project", "my-project"),
        name("location", "us-central1"),
    )
}

fn is_segment(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte);
    !text.is_empty() && text != "." && text != ".." && text.bytes().all(plain)
}

/// How its paths are spelled: by `version_path`, what stands there where OpenAI's have `/v1`; by `api_version`, at Azure,
/// with the deployment in them; or as the profile says.
pub(super) fn paths(
    section: &mut Section<'_>,
    usual: Option<&Profile>,
    (project, location): (&str, &str),
    by_deployment: &mut bool,
) -> Paths {
    let version = section.string("version_path");
    if let Some(text) = &version {
        let fits = text
            .strip_prefix('/')
            .map(|rest| rest.split('/').all(is_segment));
        if !text.is_empty() && fits != Some(true) {
            section.note("version_path", "is \"\" or a plain path like \"/v4\"");
        }
        return Paths::by_version(text);
    }
    let api_version = match usual.map(|known| known.name) {
        Some("azure-openai") => section.string("api_version"),
        _ => None,
    };
    if let Some(text) = api_version {
        if !is_segment(&text) {
            section.note("api_version", "is a version like \"2024-10-21\"");
        }
        *by_deployment = true;
        return Paths::default()
            .with("/v1/", "/deployments/{model}/")
            .with_query(Some(format!("api-version={text}")));
    }
    usual.map_or_else(Paths::default, |known| known.paths(project, location))
}

/// By which header it is told who asks.
pub(super) fn scheme(
    section: &mut Section<'_>,
    usual: Option<&Profile>,
    dialect: Option<Dialect>,
) -> Scheme {
    let dialects = dialect.map_or(Scheme::Bearer, Scheme::from);
    let default = usual.and_then(|known| known.scheme).unwrap_or(dialects);
    section.choice("auth", Scheme::ALL, default)
}
