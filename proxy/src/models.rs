//! `/v1/models` of the unified API: what this key may use, by `provider/model`, and virtual models by their names.

use serde_json::{Value, json};
use tidegate_pipeline::{Refusal, stage::Identified};
use tidegate_provider::ChooseError;
use tidegate_wire::Dialect;

/// The list, or one entry where the path names a model, in the shape of the caller's dialect.
///
/// # Errors
/// The path names a model that this key cannot use.
pub(crate) fn answer(
    identified: &Identified<'_, '_>,
    dialect: Dialect,
) -> Result<Vec<u8>, Refusal> {
    let mut entries = entries(identified, dialect);
    let Some(wanted) = identified.route().path_model.as_deref() else {
        return Ok(document(entries, dialect).to_string().into_bytes());
    };
    let found = entries.iter().position(|entry| entry["id"] == wanted);
    match found {
        Some(at) => Ok(entries.swap_remove(at).to_string().into_bytes()),
        None => {
            let model = wanted.to_owned();
            Err(Refusal::Choose(ChooseError::UnknownModel {
                model,
                dialect,
            }))
        }
    }
}

fn entries(identified: &Identified<'_, '_>, dialect: Dialect) -> Vec<Value> {
    let permit = identified.permit();
    let aliases = identified.snapshot().routing.models().iter();
    let usable = aliases.filter(|alias| {
        let mut targets = alias.targets.iter();
        targets.any(|target| {
            permit.allows_provider(&target.provider)
                && (permit.allows_model(alias.name.as_str())
                    || permit.allows_model(target.model.as_str()))
        })
    });
    let mut entries: Vec<_> = usable
        .map(|alias| entry(alias.name.as_str(), "tidegate", dialect))
        .collect();
    for (provider, models) in identified.snapshot().catalog.models() {
        if !permit.allows_provider(&provider.name) {
            continue;
        }
        for model in models
            .into_iter()
            .filter(|model| permit.allows_model(model))
        {
            let id = format!("{}/{model}", provider.name);
            entries.push(entry(&id, provider.name.as_str(), dialect));
        }
    }
    entries
}

fn entry(id: &str, owner: &str, dialect: Dialect) -> Value {
    match dialect {
        Dialect::Anthropic => json!({
            "type": "model", "id": id, "display_name": id,
            "created_at": "1970-01-01T00:00:00Z",
        }),
        Dialect::Bedrock | Dialect::Gemini | Dialect::OpenAi => json!({
            "id": id, "object": "model", "created": 0, "owned_by": owner,
        }),
    }
}

fn document(entries: Vec<Value>, dialect: Dialect) -> Value {
    match dialect {
        Dialect::Anthropic => {
            let id = |entry: Option<&Value>| entry.map(|entry| entry["id"].clone());
            json!({
                "first_id": id(entries.first()), "last_id": id(entries.last()),
                "has_more": false, "data": entries,
            })
        }
        Dialect::Bedrock | Dialect::Gemini | Dialect::OpenAi => {
            json!({ "object": "list", "data": entries })
        }
    }
}
