//! Gray Swan's Cygnal (`POST /cygnal/monitor`).

use http::HeaderName;
use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base, messages, score};
use crate::{Answered, Content, Engine, Request, Speaker, Unasked, Verdict};

/// Cygnal.
#[derive(Debug)]
pub struct GraySwan {
    /// Such as `https://api.grayswan.ai`.
    pub url: String,
    /// The API key.
    pub token: Token,
    /// The policy; empty: the default one.
    pub policy: String,
    /// From which violation score on it blocks, 0 to 1.
    pub threshold: f32,
}

impl Engine for GraySwan {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let mut body = json!({"messages": messages(content, Speaker::role)});
        if let (false, Some(members)) = (self.policy.is_empty(), body.as_object_mut()) {
            members.insert("policy_id".to_owned(), json!(self.policy));
        }
        let key = HeaderName::from_static("grayswan-api-key");
        Request::json(format!("{}/cygnal/monitor", base(&self.url)), &body)?.with(
            key,
            self.token.expose(),
            true,
        )
    }

    fn read(&self, _: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            let violation = score(said.get("violation")?)?;
            if violation < self.threshold {
                return Some(Verdict::Allow);
            }
            let yes = |name: &str| said.get(name).and_then(Value::as_bool) == Some(true);
            let kinds = [
                ("ipi", "indirect prompt injection"),
                ("mutation", "mutated text"),
            ];
            let kinds = kinds
                .iter()
                .filter(|(name, _)| yes(name))
                .map(|(_, kind)| *kind);
            Some(Verdict::block(
                ["violation"].into_iter().chain(kinds),
                Some(violation),
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Failure, services::bed};

    #[test]
    fn it_blocks_from_the_threshold_on() {
        let engine = GraySwan {
            url: "https://api.grayswan.ai".into(),
            token: Token::new("key".into()),
            policy: String::new(),
            threshold: 0.5,
        };
        let content = bed::prompt("hi");
        let (request, body) = bed::asked(&engine, &content);
        assert_eq!(bed::header(&request, "grayswan-api-key"), "key");
        assert_eq!(
            body,
            json!({"messages": [{"role": "user", "content": "hi"}]})
        );
        let said = |violation: f32| {
            bed::said(
                &engine,
                &content,
                json!({"violation": violation, "ipi": true}),
            )
        };
        assert_eq!(said(0.25), Verdict::Allow);
        assert_eq!(
            bed::blocked(said(0.5)),
            ["indirect prompt injection", "violation"]
        );
        assert_eq!(said(7.0), Verdict::Failed(Failure::Unclear));
    }
}
