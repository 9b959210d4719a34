//! LiteLLM's `config.yaml`.

use serde_json::{Map, Value};
use tidegate_provider::profiles::{Home, Profile};
use tidegate_types::ModelPattern;

use crate::{
    Draft, DraftKey, DraftProvider, ImportError, bedrock, bounded,
    draft::{DraftCredential, quoted},
    keys::{fit, says, whole},
    known,
};

/// Drafts a configuration from LiteLLM's.
///
/// # Errors
/// The text is no YAML mapping, or an unreasonable one.
pub fn litellm(text: &str) -> Result<Draft, ImportError> {
    let root: Value = serde_saphyr::from_str(bounded(text)?).map_err(|error| {
        let place = error.location().map_or(0, |at| at.line());
        ImportError::Form(format!("line {place}: no YAML that can be read"))
    })?;
    let Value::Object(root) = root else {
        return Err(ImportError::Form("no mapping".to_owned()));
    };
    let mut draft = Draft::default();
    let models = root.get("model_list").and_then(Value::as_array);
    for (at, entry) in models.into_iter().flatten().enumerate() {
        match entry {
            Value::Object(entry) => model(entry, at, &mut draft),
            _ => draft.unsaid(format!("model_list[{at}] is no mapping")),
        }
    }
    for (section, value) in root.iter().filter(|(name, _)| *name != "model_list") {
        unsaid_section(section, value, &mut draft);
    }
    Ok(draft)
}

/// Every setting outside of the list of models is named, never its value.
fn unsaid_section(section: &str, value: &Value, draft: &mut Draft) {
    match value {
        Value::Object(map) => {
            for (name, _) in map.iter().filter(|(_, value)| says(value)) {
                draft.unsaid(format!("`{}.{}`", fit(section), fit(name)));
            }
        }
        value if says(value) => draft.unsaid(format!("`{}`", fit(section))),
        _ => {}
    }
}

/// Members of `litellm_params` that are said.
const SAID: [&str; 12] = [
    "model",
    "api_key",
    "api_base",
    "base_url",
    "api_version",
    "custom_llm_provider",
    "weight",
    "vertex_project",
    "vertex_location",
    "vertex_credentials",
    "region_name",
    "mock_response",
];

fn model(entry: &Map<String, Value>, at: usize, draft: &mut Draft) {
    let name = entry
        .get("model_name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let shown = if name.is_empty() {
        format!("model_list[{at}]")
    } else {
        fit(name)
    };
    let empty = Map::new();
    let params = entry
        .get("litellm_params")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let text = |key: &str| {
        params
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let Some(full) = text("model") else {
        return draft.unsaid(format!(
            "model `{shown}`: it names no `litellm_params.model`"
        ));
    };
    let (provider, model) = named(text("custom_llm_provider"), full);
    let weight = whole(params.get("weight")).and_then(|weight| u32::try_from(weight).ok());
    if bedrock::is(provider) {
        let (found, credential, model) = bedrock::litellm(params, model, &shown, draft);
        let key = DraftKey {
            name: "default".to_owned(),
            credential,
            weight,
            models: Vec::new(),
        };
        return claim(found, Some(key), model, ("bedrock", name, &shown), draft);
    }
    for (field, _) in params
        .iter()
        .filter(|(field, value)| !SAID.contains(&field.as_str()) && says(value))
    {
        draft.unsaid(format!("model `{shown}`: `litellm_params.{}`", fit(field)));
    }
    let custom = text("api_base").or_else(|| text("base_url"));
    let profile = known::profile(provider);
    let mut found = match (profile, custom) {
        // An address of one's own that speaks as OpenAI does.
        (Some(known), Some(_)) if known.name == "openai" => DraftProvider {
            dialect: Some("openai"),
            ..DraftProvider::default()
        },
        (Some(known), _) => DraftProvider {
            profile: Some(known.name),
            ..DraftProvider::default()
        },
        (None, Some(_)) if matches!(provider, "custom_openai" | "openai_like") => DraftProvider {
            dialect: Some("openai"),
            ..DraftProvider::default()
        },
        (None, _) => {
            return draft.unsaid(format!(
                "model `{shown}`: there is no profile for `{}`",
                fit(provider)
            ));
        }
    };
    if let Some(url) = custom {
        place(url, profile, &mut found);
    }
    special(&text, profile, &mut found);
    let key = key(text("api_key"), provider, profile, weight, &shown, draft);
    claim(found, key, model, (provider, name, &shown), draft);
}

/// Gives a model to its provider, and says by which name clients ask for it. The three texts are their provider,
/// the name that clients ask for now, and how it is shown.
fn claim(
    found: DraftProvider,
    key: Option<DraftKey>,
    model: &str,
    (provider, name, shown): (&str, &str, &str),
    draft: &mut Draft,
) {
    let claimed = (!matches!(model, "*" | "")).then_some(model);
    if claimed.is_some_and(|model| model.parse::<ModelPattern>().is_err()) {
        return draft.unsaid(format!(
            "model `{shown}`: its name at the provider is no pattern"
        ));
    }
    let ours = merge(found, key, claimed, provider, draft);
    if let Some(model) = claimed
        && name != model
        && name != format!("{ours}/{model}")
    {
        draft.unsaid(format!(
            "the name `{shown}`: clients ask for `{ours}/{}`",
            fit(model)
        ));
    }
}

/// Provider and model of a name: what stands before the first slash, or what LiteLLM makes of a bare one.
fn named<'m>(custom: Option<&'m str>, full: &'m str) -> (&'m str, &'m str) {
    match (custom, full.split_once('/')) {
        (Some(provider), Some((first, rest))) if first == provider => (provider, rest),
        (Some(provider), _) => (provider, full),
        (None, Some((provider, model))) => (provider, model),
        (None, None) if full.starts_with("claude") => ("anthropic", full),
        (None, None) if full.starts_with("gemini") => ("vertex_ai", full),
        (None, None) => ("openai", full),
    }
}

/// Where it is. LiteLLM's addresses have the version in them, ours have not.
fn place(url: &str, profile: Option<&Profile>, found: &mut DraftProvider) {
    let url = url.trim_end_matches('/');
    if profile.is_some_and(|known| known.name == "azure-openai") {
        let root = url.split("/openai").next().unwrap_or(url);
        found.base_url = Some(format!("{root}/openai"));
        return;
    }
    let (root, last) = url.rsplit_once('/').unwrap_or((url, ""));
    let is_version = |text: &str| {
        let digits = text.strip_prefix('v').unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (root, version) = match last {
        "v1" => (root, None),
        last if is_version(last) => (root, Some(format!("/{last}"))),
        _ if found.dialect == Some("openai") => (url, Some(String::new())),
        _ => (url, None),
    };
    if profile.is_some_and(|known| matches!(known.home, Home::At(home) if home == root)) {
        return;
    }
    found.base_url = Some(root.to_owned());
    found.version_path = version;
}

/// What Azure and Vertex want besides.
fn special<'p>(
    text: &impl Fn(&str) -> Option<&'p str>,
    profile: Option<&Profile>,
    found: &mut DraftProvider,
) {
    let name = profile.map_or("", |known| known.name);
    if name == "azure-openai"
        && let Some(version) = text("api_version")
    {
        found.line("api_version", &quoted(version));
    }
    if name.starts_with("vertex-") {
        for (theirs, ours) in [
            ("vertex_project", "project"),
            ("vertex_location", "location"),
        ] {
            if let Some(value) = text(theirs) {
                found.line(ours, &quoted(value));
            }
        }
        // Credentials that stand in the file are never copied: only a path is.
        let google = match text("vertex_credentials") {
            Some(path)
                if !path.trim_start().starts_with('{') && !path.starts_with("os.environ/") =>
            {
                format!("{{ credentials = {} }}", quoted(&format!("file:{path}")))
            }
            Some(named) if named.starts_with("os.environ/") => {
                let variable = named.trim_start_matches("os.environ/");
                format!("{{ credentials = {} }}", quoted(&format!("env:{variable}")))
            }
            Some(_) => "{ credentials = \"env:GOOGLE_CREDENTIALS\" }".to_owned(),
            None => "{ metadata = true }".to_owned(),
        };
        found.line("google", &google);
    }
}

/// How its credential is named; a literal one becomes a variable's.
fn key(
    text: Option<&str>,
    provider: &str,
    profile: Option<&Profile>,
    weight: Option<u32>,
    shown: &str,
    draft: &mut Draft,
) -> Option<DraftKey> {
    let keyless = profile.is_some_and(|known| known.keyless || known.name.starts_with("vertex-"));
    let usual = || {
        let fit = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        format!(
            "{}_API_KEY",
            provider.chars().map(fit).take(60).collect::<String>()
        )
    };
    let variable = match text {
        Some(text) => {
            match text.strip_prefix("os.environ/") {
                Some(name) => name.to_owned(),
                None => {
                    let name = usual();
                    draft.unsaid(format!("model `{shown}`: its key stands in the file; put it into the variable `{name}`"));
                    name
                }
            }
        }
        None if keyless => return None,
        None => usual(),
    };
    Some(DraftKey {
        name: "default".to_owned(),
        credential: DraftCredential::Sent(format!("env:{variable}")),
        weight,
        models: Vec::new(),
    })
}

/// Puts a model to the provider that is the same place, or makes a new one; its name.
fn merge(
    found: DraftProvider,
    key: Option<DraftKey>,
    model: Option<&str>,
    provider: &str,
    draft: &mut Draft,
) -> String {
    let same = |other: &DraftProvider| {
        (
            other.profile,
            other.dialect,
            &other.base_url,
            &other.version_path,
            &other.lines,
        ) == (
            found.profile,
            found.dialect,
            &found.base_url,
            &found.version_path,
            &found.lines,
        )
    };
    let at = draft.providers.iter().position(same).unwrap_or_else(|| {
        let name = draft.free_name(found.profile.unwrap_or(provider));
        draft.providers.push(DraftProvider { name, ..found });
        draft.providers.len() - 1
    });
    let Some(ours) = draft.providers.get_mut(at) else {
        return String::new();
    };
    if let Some(model) = model
        && !ours.models.iter().any(|known| known == model)
    {
        ours.models.push(model.to_owned());
    }
    let Some(mut key) = key else {
        return ours.name.clone();
    };
    if !ours
        .keys
        .iter()
        .any(|known| known.credential == key.credential)
    {
        key.name = format!("key-{}", ours.keys.len() + 1);
        ours.keys.push(key.clone());
    }
    let known = ours
        .keys
        .iter_mut()
        .find(|known| known.credential == key.credential);
    if let (Some(known), Some(model)) = (known, model)
        && !known.models.iter().any(|named| named == model)
    {
        known.models.push(model.to_owned());
    }
    ours.name.clone()
}
