//! A service of the operator's own, in a format of ours.
//!
//! It gets `{"direction": "prompt" | "answer", "model": "…", "parts": [{"role": "user", "text": "…"}]}` and answers
//! `{"verdict": "allow"}`, `{"verdict": "block", "categories": ["…"]}` or
//! `{"verdict": "replace", "parts": ["…", null]}`, where `null` leaves a part as it is. A secret signs the body:
//! `x-tidegate-signature: sha256=` and its HMAC in hexadecimal digits (RFC 2104).

use http::HeaderName;
use ring::hmac;
use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, names};
use crate::{Answered, Content, Direction, Engine, Failure, Request, Unasked, Verdict};

/// A service of one's own.
#[derive(Debug)]
pub struct Webhook {
    /// Where it listens.
    pub url: String,
    /// What signs the body, where there is one.
    pub secret: Option<Token>,
    /// A bearer token, where there is one.
    pub token: Option<Token>,
}

impl Engine for Webhook {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let parts = content.parts.iter();
        let parts: Vec<_> = parts
            .map(|part| json!({"role": part.speaker.role(), "text": part.text}))
            .collect();
        let direction = match content.direction {
            Direction::Prompt => "prompt",
            Direction::Answer => "answer",
        };
        let body = json!({"direction": direction, "model": content.model, "parts": parts});
        let mut request = Request::json(self.url.clone(), &body)?;
        if let Some(secret) = &self.secret {
            let signature = format!("sha256={}", sign(secret, &request.body));
            let name = HeaderName::from_static("x-tidegate-signature");
            request = request.with(name, &signature, false)?;
        }
        match &self.token {
            Some(token) => request.bearer(token.expose()),
            None => Ok(request),
        }
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| match said.get("verdict")?.as_str()? {
            "allow" => Some(Verdict::Allow),
            "block" => Some(Verdict::block(names(said.get("categories")), None)),
            "replace" => {
                let parts = said.get("parts")?.as_array()?;
                if parts.len() != content.parts.len() {
                    return Some(Verdict::Failed(Failure::Places));
                }
                let text = |part: &Value| match part {
                    Value::Null => Some(None),
                    Value::String(text) => Some(Some(text.clone())),
                    _ => None,
                };
                parts
                    .iter()
                    .map(text)
                    .collect::<Option<_>>()
                    .map(Verdict::Replace)
            }
            _ => None,
        })
    }
}

/// The HMAC-SHA256 of a body in hexadecimal digits (RFC 2104), as webhooks are signed with it.
#[must_use]
pub fn sign(secret: &tidegate_types::Secret<String>, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose().as_bytes());
    let digits = hmac::sign(&key, body);
    digits
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::bed;

    #[test]
    fn bodies_are_signed_and_verdicts_read() {
        // RFC 4231 §4.3, test case 2.
        let known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        let jefe = Token::new("Jefe".into());
        assert_eq!(sign(&jefe, b"what do ya want for nothing?"), known);
        let engine = Webhook {
            url: "https://guard.example/look".into(),
            secret: Some(jefe),
            token: None,
        };
        let content = bed::prompt("hi");
        let (request, body) = bed::asked(&engine, &content);
        let expected = json!({"direction": "prompt", "model": "gpt-4o", "parts": [{"role": "user", "text": "hi"}]});
        assert_eq!(body, expected);
        assert!(bed::header(&request, "x-tidegate-signature").starts_with("sha256="));
        let said = |body| bed::said(&engine, &content, body);
        assert_eq!(said(json!({"verdict": "allow"})), Verdict::Allow);
        let block = json!({"verdict": "block", "categories": ["no\nthing"]});
        assert_eq!(bed::blocked(said(block)), ["nothing"]);
        assert_eq!(bed::blocked(said(json!({"verdict": "block"}))), ["flagged"]);
        let replace = json!({"verdict": "replace", "parts": ["ho"]});
        assert_eq!(said(replace), Verdict::Replace(vec![Some("ho".into())]));
        let more = json!({"verdict": "replace", "parts": ["ho", null]});
        assert_eq!(said(more), Verdict::Failed(Failure::Places));
        assert_eq!(
            said(json!({"verdict": "perhaps"})),
            Verdict::Failed(Failure::Unclear)
        );
    }
}
