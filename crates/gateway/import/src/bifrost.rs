//! Bifrost's `config.json`.

use std::collections::HashMap;

use serde_json::{Map, Value};
use tidegate_types::ModelPattern;

use crate::{
    Draft, DraftKey, DraftProvider, ForeignKey, ImportError,
    amount::usd,
    bedrock,
    draft::{DraftCredential, quoted},
    keys::{fit, says, whole, window},
    known, object,
};

type Object = Map<String, Value>;

/// Drafts a configuration and keys from Bifrost's.
///
/// # Errors
/// The text is no JSON object.
pub fn bifrost(text: &str) -> Result<Draft, ImportError> {
    let root = object(text)?;
    let mut draft = Draft::default();
    let providers = root.get("providers").and_then(Value::as_object);
    for (name, value) in providers.into_iter().flatten() {
        match value {
            Value::Object(config) => provider(name, config, &mut draft),
            _ => draft.unsaid(format!("provider `{}` is no object", fit(name))),
        }
    }
    if let Some(governance) = root.get("governance").and_then(Value::as_object) {
        keys(governance, &mut draft);
    }
    let read = ["$schema", "providers", "governance"];
    for (section, value) in root
        .iter()
        .filter(|(name, _)| !read.contains(&name.as_str()))
    {
        if says(value) {
            draft.unsaid(format!("`{}`", fit(section)));
        }
    }
    Ok(draft)
}

/// A text that stands there, or is named: `env.NAME`, or `{"value": …, "env_var": …}`.
fn text(value: Option<&Value>) -> Option<String> {
    let named = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    match value? {
        Value::String(text) => named(text),
        Value::Object(map) => {
            let part = |name: &str| map.get(name).and_then(Value::as_str);
            match part("env_var").filter(|name| !name.is_empty()) {
                Some(name) => Some(format!("env.{}", name.trim_start_matches("env."))),
                None => part("value").and_then(named),
            }
        }
        _ => None,
    }
}

/// The same where no secret may be copied: only a name is.
fn variable(value: Option<&Value>) -> Option<String> {
    text(value)?.strip_prefix("env.").map(ToOwned::to_owned)
}

fn provider(name: &str, config: &Object, draft: &mut Draft) {
    let network = config.get("network_config").and_then(Value::as_object);
    let custom = config
        .get("custom_provider_config")
        .and_then(Value::as_object);
    let base = custom.and_then(|custom| custom.get("base_provider_type")?.as_str());
    let meant = base.unwrap_or(name);
    let profile = known::profile(meant);
    if profile.is_none() && !bedrock::is(meant) {
        return draft.unsaid(format!(
            "provider `{}`: there is no profile for it",
            fit(name)
        ));
    }
    let url = network.and_then(|network| text(network.get("base_url")));
    for (field, value) in config {
        let read = ["keys", "network_config", "custom_provider_config"].contains(&field.as_str());
        if !read && says(value) {
            draft.unsaid(format!("provider `{}`: `{}`", fit(name), fit(field)));
        }
    }
    for (field, value) in network.into_iter().flatten() {
        if field != "base_url" && says(value) {
            draft.unsaid(format!(
                "provider `{}`: `network_config.{}`",
                fit(name),
                fit(field)
            ));
        }
    }
    let mut found = DraftProvider {
        name: draft.free_name(name),
        ..DraftProvider::default()
    };
    match profile {
        Some(profile) if url.is_some() && base.is_some() => {
            found.dialect = Some(profile.dialect.as_str());
        }
        Some(profile) => found.profile = Some(profile.name),
        None => found.dialect = bedrock::provider().dialect,
    }
    found.base_url = url.map(|url| url.trim_end_matches('/').trim_end_matches("/v1").to_owned());
    let keys = config.get("keys").and_then(Value::as_array);
    for (at, one) in keys.into_iter().flatten().enumerate() {
        if let Value::Object(one) = one {
            credential(one, at, name, &mut found, draft);
        }
    }
    draft.providers.push(found);
}

/// One of a provider's keys, with what it says of the place.
fn credential(
    key: &Object,
    at: usize,
    provider: &str,
    found: &mut DraftProvider,
    draft: &mut Draft,
) {
    let shown = format!("provider `{}`, key {}", fit(provider), at + 1);
    if let Some(azure) = key.get("azure_key_config").and_then(Value::as_object) {
        at_azure(azure, &shown, found, draft);
    }
    if let Some(vertex) = key.get("vertex_key_config").and_then(Value::as_object) {
        return at_vertex(vertex, &shown, found, draft);
    }
    for field in ["blacklisted_models", "aliases"] {
        if key.get(field).is_some_and(says) {
            draft.unsaid(format!("{shown}: `{field}`"));
        }
    }
    let usual = |what: &str| {
        let fit = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_uppercase()
            } else {
                '_'
            }
        };
        let name: String = provider.chars().map(fit).take(60).collect();
        format!("{name}_{what}_{}", at + 1)
    };
    let aws = key.get("bedrock_key_config").and_then(Value::as_object);
    let signs = aws.map(|aws| at_bedrock(aws, &shown, found, draft));
    let credential = match (text(key.get("value")), signs) {
        (Some(value), _) => {
            let variable = value.strip_prefix("env.").map_or_else(
                || {
                    let name = usual("API_KEY");
                    draft.unsaid(format!(
                        "{shown} stands in the file; put it into the variable `{name}`"
                    ));
                    name
                },
                ToOwned::to_owned,
            );
            DraftCredential::Sent(format!("env:{variable}"))
        }
        (None, Some(parts)) => {
            let names = ["ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"];
            bedrock::access_key(parts, names.map(usual), &shown, draft)
        }
        (None, None) => return draft.unsaid(format!("{shown}: it has no value")),
    };
    let names = key
        .get("models")
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let names = names
        .iter()
        .filter_map(Value::as_str)
        .filter(|name| *name != "*");
    found.keys.push(DraftKey {
        name: format!("key-{}", at + 1),
        credential,
        weight: key.get("weight").and_then(Value::as_f64).and_then(weight),
        models: names
            .filter(|name| name.parse::<ModelPattern>().is_ok())
            .map(ToOwned::to_owned)
            .collect(),
    });
}

/// Azure: its place, and what has to be done by hand.
fn at_azure(azure: &Object, shown: &str, found: &mut DraftProvider, draft: &mut Draft) {
    if let Some(endpoint) = text(azure.get("endpoint")).filter(|url| url.starts_with("https://")) {
        found.base_url = Some(format!("{}/openai", endpoint.trim_end_matches('/')));
    } else {
        draft.unsaid(format!(
            "{shown}: `base_url` is to be written: its endpoint is a variable's"
        ));
    }
    if let Some(version) = text(azure.get("api_version")).filter(|text| !text.starts_with("env.")) {
        found.line("api_version", &quoted(&version));
    }
    for field in ["deployments", "client_id", "tenant_id", "client_secret"] {
        if azure.get(field).is_some_and(says) {
            draft.unsaid(format!("{shown}: `azure_key_config.{field}`"));
        }
    }
}

/// Bedrock: its region, and for each part of the access key that is said the variable that has it.
fn at_bedrock(
    aws: &Object,
    shown: &str,
    found: &mut DraftProvider,
    draft: &mut Draft,
) -> [Option<Option<String>>; 3] {
    let region = text(aws.get("region"));
    bedrock::place(region.as_deref(), shown, found, draft);
    let read = ["access_key", "secret_key", "session_token", "region"];
    for (field, value) in aws {
        if !read.contains(&field.as_str()) && says(value) {
            draft.unsaid(format!("{shown}: `bedrock_key_config.{}`", fit(field)));
        }
    }
    ["access_key", "secret_key", "session_token"].map(|part| {
        let part = aws.get(part);
        text(part).map(|_| variable(part))
    })
}

/// Vertex AI: project, location and whose account.
fn at_vertex(vertex: &Object, shown: &str, found: &mut DraftProvider, draft: &mut Draft) {
    for (theirs, ours) in [("project_id", "project"), ("region", "location")] {
        match text(vertex.get(theirs)) {
            Some(value) if !value.starts_with("env.") => {
                found.line(ours, &quoted(&value));
            }
            Some(_) => draft.unsaid(format!(
                "{shown}: `{ours}` is to be written: it is a variable's"
            )),
            None => {}
        }
    }
    let google = match variable(vertex.get("auth_credentials")) {
        Some(name) => format!("{{ credentials = {} }}", quoted(&format!("env:{name}"))),
        None => "{ metadata = true }".to_owned(),
    };
    found.line("google", &google);
}

/// Theirs are parts of one, ours whole numbers.
fn weight(part: f64) -> Option<u32> {
    let hundredths = (part * 100.0).round();
    let whole = (0..=100_000_u32).find(|whole| (f64::from(*whole) - hundredths).abs() < 0.5)?;
    (whole != 100).then_some(whole)
}

/// Virtual keys, with the budgets and limits that they name.
fn keys(governance: &Object, draft: &mut Draft) {
    let list = |name: &str| {
        governance
            .get(name)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    let by_id = |name: &str| -> HashMap<&str, &Object> {
        let items = list(name).filter_map(Value::as_object);
        items
            .filter_map(|item| Some((item.get("id")?.as_str()?, item)))
            .collect()
    };
    let (budgets, limits, teams) = (by_id("budgets"), by_id("rate_limits"), by_id("teams"));
    for key in list("virtual_keys").filter_map(Value::as_object) {
        let read = |name: &str| key.get(name).and_then(Value::as_str);
        let name = fit(read("name").or_else(|| read("id")).unwrap_or("bifrost"));
        if key.get("is_active").and_then(Value::as_bool) == Some(false) {
            draft.unsaid(format!("key `{name}` is not active: not created"));
            continue;
        }
        let mut ours = ForeignKey {
            team: read("team_id").map(|id| {
                let team = teams.get(id).and_then(|team| team.get("name")?.as_str());
                fit(team.unwrap_or(id))
            }),
            expires: read("expires_at").map(ToOwned::to_owned),
            name: name.clone(),
            ..ForeignKey::default()
        };
        let own = key
            .get("budgets")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let own = own.filter_map(Value::as_object);
        let named = read("budget_id").and_then(|id| budgets.get(id).copied());
        for (at, budget) in named.into_iter().chain(own).enumerate() {
            let cap = budget
                .get("max_limit")
                .and_then(Value::as_f64)
                .and_then(usd);
            let period = budget
                .get("reset_duration")
                .and_then(Value::as_str)
                .and_then(window);
            match (at, cap, period) {
                (0, Some(cap), Some(period)) => ours.budget = Some((cap, period)),
                _ => draft.unsaid(format!(
                    "key `{name}`: a budget of another window, or a second one"
                )),
            }
        }
        let limit = read("rate_limit_id").and_then(|id| limits.get(id).copied());
        let limit = limit.or_else(|| key.get("rate_limit").and_then(Value::as_object));
        if let Some(limit) = limit {
            ours.rpm = per_minute(limit, "request", &name, draft);
            ours.tpm = per_minute(limit, "token", &name, draft);
        }
        allowed(key, &mut ours, draft);
        if key.get("customer_id").is_some_and(says) {
            draft.unsaid(format!("key `{name}`: its customer"));
        }
        draft.keys.push(ours);
    }
    if !draft.keys.is_empty() {
        draft.unsaid(
            "the keys get new secrets: Bifrost's begin with `sk-bf-`, ours have another form",
        );
    }
    let read = ["virtual_keys", "budgets", "rate_limits"];
    for (name, value) in governance
        .iter()
        .filter(|(name, _)| !read.contains(&name.as_str()))
    {
        if says(value) {
            draft.unsaid(format!("`governance.{}`", fit(name)));
        }
    }
}

fn per_minute(limit: &Object, what: &str, name: &str, draft: &mut Draft) -> Option<u64> {
    let most = whole(limit.get(&format!("{what}_max_limit")))?;
    let period = limit
        .get(&format!("{what}_reset_duration"))
        .and_then(Value::as_str);
    if matches!(period, Some("1m" | "60s")) {
        return Some(most);
    }
    draft.unsaid(format!(
        "key `{name}`: a limit of {what}s that is not per minute"
    ));
    None
}

/// Which providers and models a key may use. Theirs allow nothing where nothing is said.
fn allowed(key: &Object, ours: &mut ForeignKey, draft: &mut Draft) {
    let configs = key
        .get("provider_configs")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut every_model = false;
    for config in configs.filter_map(Value::as_object) {
        ours.providers
            .extend(config.get("provider").and_then(Value::as_str).map(fit));
        let models = config
            .get("allowed_models")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        let models = models.iter().filter_map(Value::as_str);
        for model in models {
            if model == "*" {
                every_model = true;
            } else if model.parse::<ModelPattern>().is_ok() && !model.starts_with("regex:") {
                ours.models.push(model.to_owned());
            } else {
                draft.unsaid(format!(
                    "key `{}`: a model that is no pattern of ours",
                    ours.name
                ));
            }
        }
        for field in [
            "weight",
            "budgets",
            "budget_id",
            "rate_limit",
            "rate_limit_id",
            "key_ids",
            "keys",
            "blacklisted_models",
        ] {
            if config.get(field).is_some_and(says) {
                draft.unsaid(format!("key `{}`: `provider_configs[].{field}`", ours.name));
            }
        }
    }
    if every_model {
        ours.models.clear();
    }
    if ours.providers.is_empty() {
        draft.unsaid(format!(
            "key `{}` names no provider: it may use all of ours",
            ours.name
        ));
    }
}
