//! The smallest JSON value that fits a JSON Schema (or Gemini's upper-case flavour of it).

use serde_json::{Map, Value};

/// A schema that nests or refers to itself deeper than this gets `null` there.
const DEEPEST: usize = 32;

/// The smallest value that fits `schema`; `{}` for "any JSON".
pub(super) fn minimal(schema: &Value) -> Value {
    if schema.is_null() {
        return Value::Object(Map::new());
    }
    Walk { root: schema }.value(schema, DEEPEST)
}

struct Walk<'a> {
    root: &'a Value,
}

impl Walk<'_> {
    fn value(&self, schema: &Value, depth: usize) -> Value {
        if depth == 0 {
            return Value::Null;
        }
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(first) = list(schema, "enum").and_then(<[Value]>::first) {
            return first.clone();
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let target = target
                .strip_prefix('#')
                .and_then(|path| self.root.pointer(path));
            return target.map_or(Value::Null, |target| self.value(target, depth - 1));
        }
        for key in ["anyOf", "oneOf"] {
            if let Some(choice) = list(schema, key).and_then(<[Value]>::first) {
                return self.value(choice, depth - 1);
            }
        }
        if let Some(all) = list(schema, "allOf") {
            return self.merged(all, depth - 1);
        }
        match kind(schema).as_str() {
            "array" => self.array(schema, depth - 1),
            "boolean" => Value::Bool(false),
            "integer" => number(schema, true),
            "null" => Value::Null,
            "number" => number(schema, false),
            "string" => string(schema),
            _ => self.object(schema, depth - 1),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> Value {
        let properties = schema.get("properties").and_then(Value::as_object);
        let required = list(schema, "required").unwrap_or_default();
        let fields = required.iter().filter_map(Value::as_str).map(|name| {
            let schema = properties.and_then(|properties| properties.get(name));
            let value = schema.map_or_else(|| "".into(), |schema| self.value(schema, depth));
            (name.to_owned(), value)
        });
        Value::Object(fields.collect())
    }

    fn array(&self, schema: &Value, depth: usize) -> Value {
        let least = ["minItems", "min_items"]
            .iter()
            .find_map(|key| schema.get(key));
        // Gemini writes counts as strings.
        let least = least.map_or(0, |n| {
            n.as_u64()
                .or_else(|| n.as_str()?.parse().ok())
                .unwrap_or(0)
                .min(64)
        });
        let prefix = list(schema, "prefixItems").unwrap_or_default();
        let item = |index: usize| {
            let schema = prefix.get(index).or_else(|| schema.get("items"));
            schema.map_or(Value::Null, |schema| self.value(schema, depth))
        };
        let count = usize::try_from(least).unwrap_or(0).max(prefix.len());
        Value::Array((0..count).map(item).collect())
    }

    fn merged(&self, all: &[Value], depth: usize) -> Value {
        let mut merged = Map::new();
        for part in all {
            match self.value(part, depth) {
                Value::Object(fields) => merged.extend(fields),
                other => return other,
            }
        }
        Value::Object(merged)
    }
}

fn list<'a>(schema: &'a Value, key: &str) -> Option<&'a [Value]> {
    schema.get(key)?.as_array().map(Vec::as_slice)
}

fn kind(schema: &Value) -> String {
    let kind = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None if schema.get("items").is_some() => Some("array"),
        None => None,
    };
    kind.unwrap_or("object").to_ascii_lowercase()
}

fn number(schema: &Value, integer: bool) -> Value {
    if let Some(least) = schema.get("minimum") {
        return least.clone();
    }
    match schema.get("exclusiveMinimum").and_then(Value::as_f64) {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a bound out of range saturates"
        )]
        Some(bound) if integer => (bound.floor() as i64).saturating_add(1).into(),
        Some(bound) => (bound + 1.0).into(),
        None if schema
            .get("maximum")
            .and_then(Value::as_f64)
            .is_some_and(|most| most < 0.0) =>
        {
            schema["maximum"].clone()
        }
        None => 0.into(),
    }
}

fn string(schema: &Value) -> Value {
    let text = match schema.get("format").and_then(Value::as_str) {
        Some("date") => "2026-01-01",
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("email") => "a@example.com",
        Some("time") => "00:00:00Z",
        Some("uri") => "https://example.com/",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        _ => "standin",
    };
    let least = schema
        .get("minLength")
        .and_then(Value::as_u64)
        .unwrap_or(0)
        .min(65_536);
    let most = schema
        .get("maxLength")
        .and_then(Value::as_u64)
        .unwrap_or(u64::MAX);
    let mut text = text.to_owned();
    while (text.len() as u64) < least {
        text.push('x');
    }
    text.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    text.into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_required_and_every_kind_of_it() {
        let schema = json!({
            "type": "object", "required": ["name", "age", "tags", "pet", "mood"],
            "properties": {
                "name": {"type": "string", "minLength": 9}, "age": {"type": "integer", "minimum": 18},
                "tags": {"type": "array", "minItems": 2, "items": {"type": "boolean"}},
                "pet": {"anyOf": [{"$ref": "#/$defs/Pet"}, {"type": "null"}]},
                "mood": {"enum": ["calm", "wild"]}, "extra": {"type": "string"},
            },
            "$defs": {"Pet": {"type": "object", "required": ["legs"], "properties": {"legs": {"type": "number"}}}},
        });
        assert_eq!(
            minimal(&schema),
            json!({
                "name": "standinxx", "age": 18, "tags": [false, false], "pet": {"legs": 0}, "mood": "calm",
            })
        );
    }

    #[test]
    fn gemini_spells_kinds_in_capitals() {
        let schema = json!({"type": "ARRAY", "minItems": "1", "items": {"type": "STRING"}});
        assert_eq!(minimal(&schema), json!(["standin"]));
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let schema =
            json!({"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}});
        assert!(minimal(&schema).to_string().len() < 1000);
    }
}
