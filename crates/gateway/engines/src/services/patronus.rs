//! Patronus (`POST /v1/evaluate`). It takes seconds: for answers that need not wait.

use http::HeaderName;
use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base};
use crate::{Answered, Content, Direction, Engine, Failure, Request, Speaker, Unasked, Verdict};

/// Evaluators of Patronus'.
#[derive(Debug)]
pub struct Patronus {
    /// Such as `https://api.patronus.ai`.
    pub url: String,
    /// The API key.
    pub token: Token,
    /// Evaluators, such as `toxicity`, or `judge:criteria`.
    pub evaluators: Vec<String>,
}

impl Engine for Patronus {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let evaluator = |name: &String| match name.split_once(':') {
            Some((evaluator, criteria)) => json!({"evaluator": evaluator, "criteria": criteria}),
            None => json!({"evaluator": name}),
        };
        let evaluators: Vec<_> = self.evaluators.iter().map(evaluator).collect();
        let of = |answer: bool| {
            let parts = content.parts.iter();
            let parts = parts.filter(|part| (part.speaker == Speaker::Assistant) == answer);
            parts.map(|part| part.text).collect::<Vec<_>>().join("\n\n")
        };
        let mut body = json!({"evaluators": evaluators, "evaluated_model_input": of(false)});
        if let (Direction::Answer, Some(members)) = (content.direction, body.as_object_mut()) {
            members.insert("evaluated_model_output".to_owned(), json!(of(true)));
        }
        let key = HeaderName::from_static("x-api-key");
        Request::json(format!("{}/v1/evaluate", base(&self.url)), &body)?.with(
            key,
            self.token.expose(),
            true,
        )
    }

    fn read(&self, _: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            let results = said.get("results")?.as_array()?;
            if results.len() != self.evaluators.len() {
                return Some(Verdict::Failed(Failure::Unclear));
            }
            let mut found = Vec::new();
            for result in results {
                if result
                    .get("error_message")
                    .is_some_and(|error| !error.is_null())
                {
                    return Some(Verdict::Failed(Failure::Refused));
                }
                if !result.pointer("/evaluation_result/pass")?.as_bool()? {
                    let name = result.get("evaluator_id").and_then(Value::as_str);
                    found.push(name.unwrap_or("failed").to_owned());
                }
            }
            Some(if found.is_empty() {
                Verdict::Allow
            } else {
                Verdict::block(found, None)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::bed;

    #[test]
    fn one_that_fails_blocks_and_one_that_did_not_run_has_not_looked() {
        let engine = Patronus {
            url: "https://api.patronus.ai".into(),
            token: Token::new("key".into()),
            evaluators: vec!["toxicity".into(), "judge:is-polite".into()],
        };
        let content = bed::content(
            Direction::Answer,
            &[(Speaker::User, "q"), (Speaker::Assistant, "a")],
        );
        let (request, body) = bed::asked(&engine, &content);
        assert_eq!(bed::header(&request, "x-api-key"), "key");
        assert_eq!(
            body,
            json!({"evaluators": [{"evaluator": "toxicity"},
            {"evaluator": "judge", "criteria": "is-polite"}],
            "evaluated_model_input": "q", "evaluated_model_output": "a"})
        );
        let said = |second: Value| {
            bed::said(
                &engine,
                &content,
                json!({"results": [
            {"evaluator_id": "toxicity", "evaluation_result": {"pass": true}}, second]}),
            )
        };
        let result =
            |pass: bool| json!({"evaluator_id": "judge", "evaluation_result": {"pass": pass}});
        assert_eq!(said(result(true)), Verdict::Allow);
        assert_eq!(bed::blocked(said(result(false))), ["judge"]);
        let error = json!({"evaluator_id": "judge", "error_message": "timed out"});
        assert_eq!(said(error), Verdict::Failed(Failure::Refused));
    }
}
