//! AWS Bedrock's `ApplyGuardrail` (API reference of the Bedrock runtime, 2023-09-30).
//!
//! With a Bedrock API key, or signed with an access key. `GUARDRAIL_INTERVENED` means two things: something was blocked, or something was
//! only masked, and then `outputs` has the masked texts. The assessments have what was matched: it is not read.

use http::{HeaderMap, HeaderName};
use serde_json::{Value, json};
use tidegate_aws::{AwsKey, Unsent};
use tidegate_types::Timestamp;

use super::{Token, base};
use crate::{Answered, Content, Direction, Engine, Failure, Request, Unasked, Verdict};

/// The most text of one call: 25 text units of 1,000 characters.
const LONGEST: usize = 25_000;

/// A guardrail at AWS.
#[derive(Debug)]
pub struct Bedrock {
    /// Such as `https://bedrock-runtime.us-east-1.amazonaws.com`.
    pub url: String,
    /// The guardrail's id or ARN.
    pub guardrail: String,
    /// Its version: a number, or `DRAFT`.
    pub version: String,
    /// How AWS knows who asks.
    pub credential: AwsCredential,
}

/// How AWS knows who asks.
#[derive(Debug)]
pub enum AwsCredential {
    /// A Bedrock API key.
    ApiKey(Token),
    /// An access key, which signs.
    AccessKey(AwsKey),
}

/// The request with its signature.
fn signed(key: &AwsKey, mut request: Request, now: Timestamp) -> Result<Request, Unasked> {
    let headers: HeaderMap = request.headers.iter().cloned().collect();
    let unsent = Unsent {
        method: "POST",
        url: &request.url,
        headers: &headers,
        body: &request.body,
    };
    let added = key.sign(&unsent, now).map_err(|_| Unasked::Signature)?;
    request.headers.extend(added);
    Ok(request)
}

impl Engine for Bedrock {
    fn request(&self, content: &Content<'_>, now: Timestamp) -> Result<Request, Unasked> {
        let length: usize = content
            .parts
            .iter()
            .map(|part| part.text.chars().count())
            .sum();
        if length > LONGEST {
            return Err(Unasked::TooLong(LONGEST));
        }
        let source = match content.direction {
            Direction::Prompt => "INPUT",
            Direction::Answer => "OUTPUT",
        };
        let parts = content.parts.iter();
        let parts: Vec<_> = parts
            .map(|part| json!({"text": {"text": part.text}}))
            .collect();
        let url = format!(
            "{}/guardrail/{}/version/{}/apply",
            base(&self.url),
            encoded(&self.guardrail),
            encoded(&self.version)
        );
        let body = json!({"source": source, "content": parts});
        let accept = HeaderName::from_static("accept");
        let request = Request::json(url, &body)?.with(accept, "application/json", false)?;
        match &self.credential {
            AwsCredential::ApiKey(token) => request.bearer(token.expose()),
            AwsCredential::AccessKey(key) => signed(key, request, now),
        }
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| match said.get("action")?.as_str()? {
            "NONE" => Some(Verdict::Allow),
            "GUARDRAIL_INTERVENED" => intervened(content, said),
            _ => None,
        })
    }
}

fn intervened(content: &Content<'_>, said: &Value) -> Option<Verdict> {
    let mut found = Found::default();
    found.walk("", said.get("assessments")?, 0);
    if !found.blocked.is_empty() || found.masked == 0 {
        return Some(Verdict::block(found.blocked, None));
    }
    let outputs = said.get("outputs")?.as_array()?;
    if outputs.len() != content.parts.len() {
        return Some(Verdict::Failed(Failure::Places));
    }
    let texts = outputs.iter().zip(&content.parts).map(|(output, part)| {
        let text = output.get("text")?.as_str()?;
        Some((text != part.text).then(|| text.to_owned()))
    });
    texts.collect::<Option<_>>().map(Verdict::Replace)
}

/// What its policies did, wherever it stands in the assessments.
#[derive(Default)]
struct Found {
    blocked: Vec<String>,
    masked: usize,
}

impl Found {
    fn walk(&mut self, policy: &str, value: &Value, depth: u8) {
        if depth > 8 {
            return;
        }
        match value {
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.walk(policy, item, depth + 1)),
            Value::Object(members) => {
                match members.get("action").and_then(Value::as_str) {
                    Some("BLOCKED") => {
                        let kind = members.get("type").or_else(|| members.get("name"));
                        let kind = kind.and_then(Value::as_str).unwrap_or_default();
                        self.blocked.push(match kind {
                            "" => policy.to_owned(),
                            kind => format!("{policy}: {kind}"),
                        });
                    }
                    Some("ANONYMIZED") => self.masked += 1,
                    _ => {}
                }
                for (name, inner) in members {
                    let policy = if depth <= 1 { name.as_str() } else { policy };
                    self.walk(policy, inner, depth + 1);
                }
            }
            _ => {}
        }
    }
}

/// As a segment of a path (RFC 3986 §2.1): an ARN has slashes and colons.
fn encoded(segment: &str) -> String {
    let mut out = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Speaker, services::bed};

    fn engine() -> Bedrock {
        Bedrock {
            url: "https://bedrock-runtime.eu-west-1.amazonaws.com/".into(),
            guardrail: "arn:aws:bedrock:eu-west-1:1:guardrail/x".into(),
            version: "DRAFT".into(),
            credential: AwsCredential::ApiKey(Token::new("key".into())),
        }
    }

    #[test]
    fn it_is_asked_as_documented() {
        let content = bed::content(
            Direction::Answer,
            &[(Speaker::Assistant, "a"), (Speaker::Assistant, "b")],
        );
        let (request, body) = bed::asked(&engine(), &content);
        assert_eq!(
            request.url,
            "https://bedrock-runtime.eu-west-1.amazonaws.com/guardrail/\
             arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aguardrail%2Fx/version/DRAFT/apply"
        );
        assert_eq!(bed::header(&request, "authorization"), "Bearer key");
        let parts = json!([{"text": {"text": "a"}}, {"text": {"text": "b"}}]);
        assert_eq!(body, json!({"source": "OUTPUT", "content": parts}));
        let long = "x".repeat(LONGEST + 1);
        let refused = engine().request(&bed::prompt(&long), Timestamp::from_micros(0));
        assert_eq!(refused.unwrap_err(), Unasked::TooLong(LONGEST));
    }

    #[test]
    fn a_mask_is_no_block() {
        let content = bed::content(
            Direction::Prompt,
            &[(Speaker::User, "I am Ada"), (Speaker::User, "hi")],
        );
        let masked = json!({"action": "GUARDRAIL_INTERVENED",
            "outputs": [{"text": "I am {NAME}"}, {"text": "hi"}],
            "assessments": [{"sensitiveInformationPolicy": {"piiEntities":
                [{"type": "NAME", "match": "Ada", "action": "ANONYMIZED"}]}}]});
        let verdict = bed::said(&engine(), &content, masked);
        assert_eq!(
            verdict,
            Verdict::Replace(vec![Some("I am {NAME}".into()), None])
        );
        let blocked = json!({"action": "GUARDRAIL_INTERVENED", "outputs": [{"text": "No."}],
            "assessments": [{"contentPolicy": {"filters":
                [{"type": "HATE", "confidence": "HIGH", "action": "BLOCKED"}]},
                "sensitiveInformationPolicy": {"piiEntities":
                [{"type": "NAME", "match": "Ada", "action": "ANONYMIZED"}]}}]});
        let categories = bed::blocked(bed::said(&engine(), &content, blocked));
        assert_eq!(categories, ["contentPolicy: HATE"]);
        assert!(!format!("{categories:?}").contains("Ada"));
        let none = json!({"action": "NONE", "outputs": [], "assessments": []});
        assert_eq!(bed::said(&engine(), &content, none), Verdict::Allow);
        let lost = json!({"action": "GUARDRAIL_INTERVENED", "outputs": [{"text": "x"}],
            "assessments": [{"p": {"e": [{"action": "ANONYMIZED"}]}}]});
        let verdict = bed::said(&engine(), &content, lost);
        assert_eq!(verdict, Verdict::Failed(Failure::Places));
    }
}
