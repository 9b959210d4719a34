//! How a definition is read: as serde reads it, and then as strictly as its schema says. Serde takes a number for the
//! name of a variant, a list for an object, and drops what a variant without fields does not know.

use serde_json::Value;
use tidegate_governance::guardrail::Definition;

use crate::read::{Read, Reader};

impl Read for Definition {
    fn read(value: Value, at: &mut Reader) -> Option<Self> {
        let definition: Self = match serde_json::from_value(value.clone()) {
            Ok(definition) => definition,
            Err(error) => return at.refuse(error.to_string()),
        };
        let written = match serde_json::to_value(&definition) {
            Ok(written) => written,
            Err(error) => return at.refuse(error.to_string()),
        };
        same(&value, &written, at).then_some(definition)
    }
}

/// Whether what was sent is what it was taken for: the same kinds of values, and no field besides.
fn same(sent: &Value, written: &Value, at: &mut Reader) -> bool {
    match (sent, written) {
        (Value::Object(sent), Value::Object(written)) => {
            sent.iter().fold(true, |all, (name, one)| {
                let fits = at.within(name.clone(), |at| match written.get(name) {
                    Some(written) => same(one, written, at),
                    None => at.refuse::<()>("is unknown here").is_some(),
                });
                all && fits
            })
        }
        (Value::Array(sent), Value::Array(written)) => {
            let pairs = sent.iter().zip(written).enumerate();
            pairs.fold(true, |all, (index, (sent, written))| {
                let fits = at.within(index.to_string(), |at| same(sent, written, at));
                all && fits
            })
        }
        (Value::Null, Value::Null)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_)) => true,
        (_, written) => at
            .refuse::<()>(format!("must be {}", kind(written)))
            .is_some(),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::read::Origin;

    fn wrong(definition: Value) -> Vec<(String, String)> {
        let mut reader = Reader::new(Origin::Body);
        let read = Definition::read(definition, &mut reader);
        let errors = reader.finish(read).err().unwrap_or_default();
        errors
            .into_iter()
            .map(|error| (error.pointer.unwrap_or_default(), error.detail))
            .collect()
    }

    #[test]
    fn what_the_schema_allows_is_read() {
        let right = json!({"detect": {"kind": "engine", "engine": "a", "stream": {"mode": "buffer"}},
            "action": {"do": "redact", "with": "hash"}, "sample": 7, "scope": {"relayed": null, "apps": ["cursor"]}});
        assert!(wrong(right).is_empty());
        let least = json!({"detect": {"kind": "terms", "words": ["a"]}, "action": {"do": "log"}});
        assert!(wrong(least).is_empty());
        let score = json!({"detect": {"kind": "rules", "groups": ["secrets"], "min_score": 1},
            "action": {"do": "block"}});
        assert!(wrong(score).is_empty());
    }

    #[test]
    fn a_variant_goes_by_its_name_only() {
        let at = |detect: Value, action: Value| wrong(json!({"detect": detect, "action": action}));
        let string = |place: &str| vec![(place.to_owned(), "must be a string".to_owned())];
        let engine =
            |mode: Value| json!({"kind": "engine", "engine": "a", "stream": {"mode": mode}});
        let rules = json!({"kind": "rules", "groups": [{"secrets": null}]});
        let block = || json!({"do": "block"});
        assert_eq!(at(engine(json!(0)), block()), string("/detect/stream/mode"));
        assert_eq!(at(rules, block()), string("/detect/groups/0"));
        assert_eq!(at(json!({"kind": 1, "words": ["a"]}), block()).len(), 1);
        assert_eq!(at(engine(json!("buffer")), json!({"do": 4})).len(), 1);
    }

    #[test]
    fn what_would_be_dropped_is_refused() {
        let action = json!({"do": "block", "with": "mask"});
        let unknown = json!({"detect": {"kind": "terms", "words": ["a"]}, "action": action});
        assert_eq!(
            wrong(unknown),
            [("/action/with".to_owned(), "is unknown here".to_owned())]
        );
    }

    #[test]
    fn a_list_is_no_object() {
        let listed = json!({"detect": {"kind": "terms", "words": ["a"]}, "action": {"do": "block"},
            "scope": [[], [], [], [], [], [], [], null]});
        assert_eq!(
            wrong(listed),
            [("/scope".to_owned(), "must be an object".to_owned())]
        );
    }
}
