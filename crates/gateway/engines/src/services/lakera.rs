//! Lakera Guard (`POST /v2/guard`).
//!
//! What is only personal data is marked by its places, which count code points; anything else that was detected blocks.

use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base, messages};
use crate::{
    Answered, Content, Engine, Failure, Mark, Request, Speaker, Unasked, Unit, Verdict, to_bytes,
};

/// Lakera Guard.
#[derive(Debug)]
pub struct Lakera {
    /// Such as `https://api.lakera.ai`.
    pub url: String,
    /// The API key.
    pub token: Token,
    /// The project whose policy applies; empty: the default one.
    pub project: String,
}

impl Engine for Lakera {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let mut body = json!({
            "messages": messages(content, Speaker::role),
            "breakdown": true,
            "payload": true,
        });
        if let (false, Some(members)) = (self.project.is_empty(), body.as_object_mut()) {
            members.insert("project_id".to_owned(), json!(self.project));
        }
        Request::json(format!("{}/v2/guard", base(&self.url)), &body)?.bearer(self.token.expose())
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            if !said.get("flagged")?.as_bool()? {
                return Some(Verdict::Allow);
            }
            let breakdown = said.get("breakdown").and_then(Value::as_array);
            let detected = breakdown.into_iter().flatten();
            let detected = detected
                .filter(|entry| entry.get("detected").and_then(Value::as_bool) == Some(true));
            let kinds: Vec<&str> = detected
                .filter_map(|entry| entry.get("detector_type")?.as_str())
                .collect();
            if kinds.is_empty() || kinds.iter().any(|kind| !kind.starts_with("pii/")) {
                return Some(Verdict::block(kinds, None));
            }
            let payload = said.get("payload")?.as_array()?;
            let marks: Option<Result<Vec<_>, _>> =
                payload.iter().map(|place| mark(content, place)).collect();
            Some(match marks? {
                Ok(marks) if marks.is_empty() => Verdict::block(kinds, None),
                Ok(marks) => Verdict::Mark(marks),
                Err(failure) => Verdict::Failed(failure),
            })
        })
    }
}

fn mark(content: &Content<'_>, place: &Value) -> Option<Result<Mark, Failure>> {
    let number = |name| usize::try_from(place.get(name)?.as_u64()?).ok();
    let part = number("message_id")?;
    let range = number("start")?..number("end")?;
    let text = content.parts.get(part).map(|part| part.text);
    let span = text.and_then(|text| to_bytes(text, &range, Unit::CodePoint));
    Some(match span {
        Some(span) if !span.is_empty() => Ok(Mark {
            part,
            span,
            category: crate::verdict::category(place.get("detector_type")?.as_str()?),
            score: 1.0,
        }),
        _ => Err(Failure::Places),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::bed;

    #[test]
    fn personal_data_is_marked_and_attacks_block() {
        let engine = Lakera {
            url: "https://api.lakera.ai".into(),
            token: Token::new("key".into()),
            project: "p-1".into(),
        };
        let content = bed::prompt("é ada@x.org");
        let (request, body) = bed::asked(&engine, &content);
        assert_eq!(request.url, "https://api.lakera.ai/v2/guard");
        assert_eq!(
            body,
            json!({"messages": [{"role": "user", "content": "é ada@x.org"}],
            "breakdown": true, "payload": true, "project_id": "p-1"})
        );
        let said = |kind: &str, end| {
            bed::said(
                &engine,
                &content,
                json!({"flagged": true,
            "breakdown": [{"detector_type": kind, "detected": true}, {"detector_type": "moderated_content/hate",
            "detected": false}],
            "payload": [{"start": 2, "end": end, "text": "ada@x.org", "detector_type": kind, "message_id": 0}]}),
            )
        };
        let Verdict::Mark(marks) = said("pii/email", 11) else {
            panic!("nothing is marked");
        };
        assert_eq!(&content.parts[0].text[marks[0].span.clone()], "ada@x.org");
        assert_eq!(bed::blocked(said("prompt_attack", 11)), ["prompt_attack"]);
        assert_eq!(said("pii/email", 12), Verdict::Failed(Failure::Places));
        assert_eq!(
            bed::said(&engine, &content, json!({"flagged": false})),
            Verdict::Allow
        );
    }
}
