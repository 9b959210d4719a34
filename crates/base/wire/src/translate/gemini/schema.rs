//! Gemini's `Schema`, a part of OpenAPI's (3.0.3, Schema Object), as JSON Schema.

use std::borrow::Cow;

use super::super::{Json, Refused};
use super::proto;
use crate::translate::Path;

/// Bounds: Protocol Buffers write 64-bit numbers as strings.
const BOUNDS: &[&str] = &[
    "maxItems",
    "maxLength",
    "maxProperties",
    "minItems",
    "minLength",
    "minProperties",
];

/// The order in which members are written: JSON Schema says nothing about it, and any order is as true.
const ADVICE: &[&str] = &["propertyOrdering"];

/// The same as JSON Schema. What is a keyword there already stays as it is.
///
/// # Errors
/// It is no schema.
pub(super) fn json_schema<'a>(path: &Path, schema: Json<'a>) -> Result<Json<'a>, Refused> {
    let mut fields = proto::message(path.clone(), schema)?;
    fields.advice(ADVICE);
    let nullable = fields.bool("nullable")?.unwrap_or_default();
    let mut members = Vec::new();
    for (name, value) in fields.rest() {
        let at = path.member(name.to_string());
        let value = match (&*name, value) {
            // Elsewhere than as a value, `null` is nothing.
            (name, Json::Null) if name != "default" => continue,
            ("type", Json::String(kind)) if kind == "TYPE_UNSPECIFIED" => continue,
            ("type", kind) => lower(kind),
            // The list of its values says so.
            ("format", Json::String(format)) if format == "enum" => continue,
            ("items" | "additionalProperties", value @ Json::Object(_)) => json_schema(&at, value)?,
            ("properties" | "$defs" | "defs", Json::Object(named)) => Json::Object(
                named
                    .into_iter()
                    .map(|(name, value)| {
                        let value = json_schema(&at.member(name.to_string()), value)?;
                        Ok((name, value))
                    })
                    .collect::<Result<_, Refused>>()?,
            ),
            ("anyOf" | "oneOf" | "allOf", Json::Array(list)) => Json::Array(
                list.into_iter()
                    .enumerate()
                    .map(|(number, value)| json_schema(&at.element(number), value))
                    .collect::<Result<_, Refused>>()?,
            ),
            ("example", value) => {
                members.push(("examples".into(), Json::Array(vec![value])));
                continue;
            }
            (bound, value) if BOUNDS.contains(&bound) => {
                proto::number(&value).map_or(value, Json::Number)
            }
            (_, value) => value,
        };
        members.push((name, value));
    }
    if nullable {
        allow_null(&mut members);
    }
    Ok(Json::Object(members))
}

/// `STRING` is `string`.
fn lower(kind: Json<'_>) -> Json<'_> {
    match kind {
        Json::String(kind) if kind.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Json::String(kind.to_ascii_lowercase().into())
        }
        Json::Array(kinds) => Json::Array(kinds.into_iter().map(lower).collect()),
        other => other,
    }
}

/// Says that it may be `null`, in the words that are there.
fn allow_null(members: &mut [(Cow<'_, str>, Json<'_>)]) {
    for (name, value) in members {
        match (&**name, value) {
            ("type", kind @ Json::String(_)) => {
                let alone = std::mem::replace(kind, Json::Null);
                *kind = Json::Array(vec![alone, Json::String("null".into())]);
            }
            ("enum", Json::Array(values)) if !values.contains(&Json::Null) => {
                values.push(Json::Null);
            }
            ("anyOf", Json::Array(list)) => list.push(Json::Object(vec![(
                "type".into(),
                Json::String("null".into()),
            )])),
            _ => {}
        }
    }
}
