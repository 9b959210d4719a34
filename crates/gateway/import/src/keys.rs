//! Virtual keys of other gateways. Their secrets cannot be kept (ours have another form, and only hashes of another
//! kind are there), but what they may do can.

use serde_json::{Map, Value};
use tidegate_types::ModelPattern;

use crate::{ImportError, amount::usd, bounded};

/// A key to create.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// Its team's name.
    pub team: Option<String>,
    /// A budget in USD as text, and its window: `1m`, `1h`, `1d`, `1w`, `1mo`.
    pub budget: Option<(String, &'static str)>,
    /// Requests per minute.
    pub rpm: Option<u64>,
    /// Tokens per minute.
    pub tpm: Option<u64>,
    /// Calls at once.
    pub concurrency: Option<u64>,
    /// Models it may use; none: all.
    pub models: Vec<String>,
    /// Providers it may use; none: all.
    pub providers: Vec<String>,
    /// When it ends, RFC 3339.
    pub expires: Option<String>,
}

/// A window of ours for a duration of theirs: `30d`, `1mo`, `24h`, `1M`. Only what is the same length, or a month.
pub(crate) fn window(theirs: &str) -> Option<&'static str> {
    Some(match theirs {
        "1m" | "60s" => "1m",
        "1h" | "60m" | "3600s" => "1h",
        "1d" | "24h" | "86400s" => "1d",
        "1w" | "7d" | "168h" => "1w",
        "1mo" | "1M" | "30d" => "1mo",
        _ => return None,
    })
}

/// Keys as LiteLLM's `/key/list?return_full_object=true` gives them, or rows of its table `LiteLLM_VerificationToken` as
/// JSON; what cannot be said of them.
///
/// # Errors
/// The text is no such list.
pub fn litellm_keys(text: &str) -> Result<(Vec<ForeignKey>, Vec<String>), ImportError> {
    let value: Value = serde_json::from_str(bounded(text)?)
        .map_err(|error| ImportError::Form(format!("line {}: no JSON", error.line())))?;
    let list = match &value {
        Value::Array(list) => Some(list),
        Value::Object(page) => page.get("keys").and_then(Value::as_array),
        _ => None,
    };
    let list =
        list.ok_or_else(|| ImportError::Form("neither a list of keys nor `keys`".to_owned()))?;
    let (mut keys, mut unsaid) = (Vec::new(), Vec::new());
    for (at, one) in list.iter().enumerate() {
        match one {
            Value::Object(row) => keys.extend(litellm_key(row, at, &mut unsaid)),
            _ => unsaid.push(format!("key {at} is a hash alone: ask for full objects")),
        }
    }
    if !keys.is_empty() {
        unsaid.push(
            "the keys get new secrets: LiteLLM keeps the SHA-256 of secrets that have another form than ours"
                .to_owned(),
        );
    }
    Ok((keys, unsaid))
}

fn litellm_key(
    row: &Map<String, Value>,
    at: usize,
    unsaid: &mut Vec<String>,
) -> Option<ForeignKey> {
    let text = |name: &str| row.get(name)?.as_str().filter(|text| !text.is_empty());
    let name = text("key_alias").or_else(|| text("key_name"));
    let name = name.map_or_else(|| format!("litellm-{at}"), fit);
    if row.get("blocked").and_then(Value::as_bool) == Some(true) {
        unsaid.push(format!("key `{name}` is blocked: not created"));
        return None;
    }
    let mut key = ForeignKey {
        team: text("team_alias").or_else(|| text("team_id")).map(fit),
        rpm: whole(row.get("rpm_limit")),
        tpm: whole(row.get("tpm_limit")),
        concurrency: whole(row.get("max_parallel_requests")),
        models: patterns(row.get("models"), &name, unsaid),
        expires: text("expires").map(ToOwned::to_owned),
        name,
        ..ForeignKey::default()
    };
    let cap = row.get("max_budget").and_then(Value::as_f64);
    if let Some(cap) = cap {
        match (usd(cap), text("budget_duration")) {
            (Some(cap), Some(duration)) if window(duration).is_some() => {
                key.budget = window(duration).map(|window| (cap, window));
            }
            (Some(cap), duration) => unsaid.push(format!(
                "key `{}`: a budget of {cap} USD for {} has no window of ours",
                key.name,
                duration.map_or("good".to_owned(), fit)
            )),
            (None, _) => unsaid.push(format!("key `{}`: its budget is no amount", key.name)),
        }
    }
    for other in [
        "soft_budget",
        "model_max_budget",
        "model_rpm_limit",
        "model_tpm_limit",
        "aliases",
        "permissions",
        "guardrails",
        "tags",
        "allowed_cache_controls",
        "config",
    ] {
        if row.get(other).is_some_and(says) {
            unsaid.push(format!("key `{}`: `{other}`", key.name));
        }
    }
    Some(key)
}

/// Whether a value says anything.
pub(crate) fn says(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::String(text) => !text.is_empty(),
        _ => true,
    }
}

/// A limit: above zero.
pub(crate) fn whole(value: Option<&Value>) -> Option<u64> {
    value?.as_u64().filter(|&limit| limit > 0)
}

/// Names of models that a key may use.
pub(crate) fn patterns(value: Option<&Value>, key: &str, unsaid: &mut Vec<String>) -> Vec<String> {
    let list = value
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let mut found = Vec::new();
    for name in list.iter().filter_map(Value::as_str) {
        if matches!(name, "all-proxy-models" | "all-team-models" | "*") {
            continue;
        }
        if name.parse::<ModelPattern>().is_ok() {
            found.push(name.to_owned());
        } else {
            unsaid.push(format!("key `{key}`: a model whose name is no pattern"));
        }
    }
    found
}

/// A name without what no name has.
pub(crate) fn fit(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_control())
        .take(100)
        .collect()
}
