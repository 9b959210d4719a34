//! Google Cloud Model Armor: `sanitizeUserPrompt` and `sanitizeModelResponse` of a template.
//!
//! The state of the whole does not always follow from its filters, so each filter is read; a filter that did not run
//! (`invocationResult`) has not looked. Sensitive Data Protection may give a text without what it found.

use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base};
use crate::{Answered, Content, Direction, Engine, Failure, Request, Unasked, Verdict};

/// A template.
#[derive(Debug)]
pub struct ModelArmor {
    /// Such as `https://modelarmor.europe-west4.rep.googleapis.com`.
    pub url: String,
    /// `projects/P/locations/L/templates/T`.
    pub template: String,
    /// An OAuth access token with the scope `cloud-platform`.
    pub token: Token,
}

impl Engine for ModelArmor {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let text = json!({"text": content.joined()});
        let (call, body) = match content.direction {
            Direction::Prompt => ("sanitizeUserPrompt", json!({"userPromptData": text})),
            Direction::Answer => ("sanitizeModelResponse", json!({"modelResponseData": text})),
        };
        let url = format!("{}/v1/{}:{call}", base(&self.url), self.template);
        Request::json(url, &body)?.bearer(self.token.expose())
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            let result = said.get("sanitizationResult")?;
            if result.get("invocationResult")?.as_str()? != "SUCCESS" {
                return Some(Verdict::Failed(Failure::Refused));
            }
            let (mut found, mut without) = (Vec::new(), None);
            for (name, filter) in filters(result.get("filterResults")?)? {
                let mut state = State::default();
                state.walk(filter, 0);
                match (name, state.matched, state.text) {
                    (_, false, _) => {}
                    ("sdp", true, Some(text)) => without = Some(text.to_owned()),
                    (name, true, _) => found.push(name.to_owned()),
                }
            }
            Some(match without {
                _ if !found.is_empty() => Verdict::block(found, None),
                // One text came back for all of them: of several parts nobody can say which is which.
                Some(text) if content.parts.len() == 1 => Verdict::Replace(vec![Some(text)]),
                Some(_) => Verdict::block(["sdp"], None),
                None => Verdict::Allow,
            })
        })
    }
}

/// The filters by name: they come as a map, or as a list of maps.
fn filters(results: &Value) -> Option<Vec<(&str, &Value)>> {
    let maps = match results {
        Value::Object(_) => vec![results],
        Value::Array(list) => list.iter().collect(),
        _ => return None,
    };
    let mut all = Vec::new();
    for map in maps {
        all.extend(
            map.as_object()?
                .iter()
                .map(|(name, value)| (name.as_str(), value)),
        );
    }
    Some(all)
}

/// What a filter found, wherever it says so.
#[derive(Default)]
struct State<'a> {
    matched: bool,
    text: Option<&'a str>,
}

impl<'a> State<'a> {
    fn walk(&mut self, value: &'a Value, depth: u8) {
        let Some(members) = value.as_object().filter(|_| depth < 6) else {
            return;
        };
        self.matched |= members.get("matchState").and_then(Value::as_str) == Some("MATCH_FOUND");
        if let Some(result) = members.get("deidentifyResult") {
            let text = result.pointer("/data/text").and_then(Value::as_str);
            self.text = self.text.or(text);
        }
        members
            .values()
            .for_each(|inner| self.walk(inner, depth + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::bed;

    fn engine() -> ModelArmor {
        ModelArmor {
            url: "https://modelarmor.eu.rep.googleapis.com".into(),
            template: "projects/p/locations/l/templates/t".into(),
            token: Token::new("ya29".into()),
        }
    }

    fn result(filters: Value) -> Value {
        json!({"sanitizationResult": {"filterMatchState": "NO_MATCH_FOUND",
            "invocationResult": "SUCCESS", "filterResults": filters}})
    }

    #[test]
    fn each_filter_is_read_whatever_the_whole_says() {
        let content = bed::prompt("hi");
        let (request, body) = bed::asked(&engine(), &content);
        assert!(
            request
                .url
                .ends_with("/v1/projects/p/locations/l/templates/t:sanitizeUserPrompt")
        );
        assert_eq!(bed::header(&request, "authorization"), "Bearer ya29");
        assert_eq!(body, json!({"userPromptData": {"text": "hi"}}));
        let rai = |state: &str| json!({"rai": {"raiFilterResult": {"matchState": state}}});
        let said = |filters| bed::said(&engine(), &content, result(filters));
        assert_eq!(said(rai("NO_MATCH_FOUND")), Verdict::Allow);
        assert_eq!(bed::blocked(said(rai("MATCH_FOUND"))), ["rai"]);
        assert_eq!(bed::blocked(said(json!([rai("MATCH_FOUND")]))), ["rai"]);
        let without = json!({"sdp": {"sdpFilterResult": {"deidentifyResult":
            {"matchState": "MATCH_FOUND", "data": {"text": "h*"}}}}});
        assert_eq!(
            said(without.clone()),
            Verdict::Replace(vec![Some("h*".into())])
        );
        let mut broken = result(without);
        broken["sanitizationResult"]["invocationResult"] = json!("PARTIAL");
        assert_eq!(
            bed::said(&engine(), &content, broken),
            Verdict::Failed(Failure::Refused)
        );
    }
}
