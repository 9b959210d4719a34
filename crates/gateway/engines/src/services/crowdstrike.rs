//! CrowdStrike AIDR (`POST …/aiguard/v1/guard_chat_completions`).
//!
//! A transformed text comes back in the shape of the input; one that does not fit it is a failure.

use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base, messages};
use crate::{Answered, Content, Direction, Engine, Failure, Request, Speaker, Unasked, Verdict};

/// The longest request, in bytes.
const LONGEST: usize = 1024 * 1024;

/// AIDR.
#[derive(Debug)]
pub struct CrowdStrike {
    /// Such as `https://api.crowdstrike.com/aidr/aiguard`.
    pub url: String,
    /// The collector's token.
    pub token: Token,
}

impl Engine for CrowdStrike {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let role = |speaker| match speaker {
            // It knows no tools among the speakers.
            Speaker::Tool => "user",
            other => other.role(),
        };
        let event = match content.direction {
            Direction::Prompt => "input",
            Direction::Answer => "output",
        };
        let body = json!({
            "guard_input": {"messages": messages(content, role)},
            "event_type": event,
            "app_id": "tidegate",
            "model": content.model,
        });
        let url = format!("{}/v1/guard_chat_completions", base(&self.url));
        let request = Request::json(url, &body)?.bearer(self.token.expose())?;
        if request.body.len() > LONGEST {
            return Err(Unasked::TooLong(LONGEST));
        }
        Ok(request)
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            if said.get("status")?.as_str()? != "Success" {
                return Some(Verdict::Failed(Failure::Refused));
            }
            let result = said.get("result")?;
            if result.get("blocked").and_then(Value::as_bool) == Some(true) {
                return Some(Verdict::block(detectors(result), None));
            }
            if result.get("transformed").and_then(Value::as_bool) != Some(true) {
                return Some(Verdict::Allow);
            }
            let texts = result
                .pointer("/guard_output/messages")
                .and_then(Value::as_array);
            Some(match texts.and_then(|texts| replaced(content, texts)) {
                Some(texts) => Verdict::Replace(texts),
                None => Verdict::Failed(Failure::Places),
            })
        })
    }
}

fn detectors(result: &Value) -> Vec<&str> {
    let detectors = result.get("detectors").and_then(Value::as_object);
    let detected = detectors.into_iter().flatten();
    let detected =
        detected.filter(|(_, said)| said.get("detected").and_then(Value::as_bool) == Some(true));
    detected.map(|(name, _)| name.as_str()).collect()
}

fn replaced(content: &Content<'_>, messages: &[Value]) -> Option<Vec<Option<String>>> {
    if messages.len() != content.parts.len() {
        return None;
    }
    let pairs = messages.iter().zip(&content.parts);
    let texts = pairs.map(|(message, part)| {
        let text = message.get("content")?.as_str()?;
        Some((text != part.text).then(|| text.to_owned()))
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::bed;

    #[test]
    fn a_transformed_text_fits_or_nothing_passes() {
        let engine = CrowdStrike {
            url: "https://api.crowdstrike.com/aidr/aiguard".into(),
            token: Token::new("pts".into()),
        };
        let content = bed::content(
            Direction::Prompt,
            &[(Speaker::Tool, "I am Ada"), (Speaker::User, "hi")],
        );
        let (request, body) = bed::asked(&engine, &content);
        assert_eq!(
            request.url,
            "https://api.crowdstrike.com/aidr/aiguard/v1/guard_chat_completions"
        );
        assert_eq!(
            body["guard_input"]["messages"][0],
            json!({"role": "user", "content": "I am Ada"})
        );
        assert_eq!(body["event_type"], "input");
        let said = |result: Value| {
            bed::said(
                &engine,
                &content,
                json!({"status": "Success", "result": result}),
            )
        };
        assert_eq!(
            said(json!({"blocked": false, "transformed": false})),
            Verdict::Allow
        );
        let blocked = json!({"blocked": true, "detectors": {"malicious_prompt": {"detected": true}, "pii": {"detected": false}}});
        assert_eq!(bed::blocked(said(blocked)), ["malicious_prompt"]);
        let changed = json!({"transformed": true, "guard_output": {"messages":
            [{"role": "user", "content": "I am ***"}, {"role": "user", "content": "hi"}]}});
        assert_eq!(
            said(changed),
            Verdict::Replace(vec![Some("I am ***".into()), None])
        );
        let lost = json!({"transformed": true, "guard_output": {"messages": []}});
        assert_eq!(said(lost), Verdict::Failed(Failure::Places));
    }
}
