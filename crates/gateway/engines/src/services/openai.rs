//! OpenAI's moderation (`POST /v1/moderations`).

use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base, score};
use crate::{Answered, Content, Engine, Failure, Request, Unasked, Verdict};

/// Moderation.
#[derive(Debug)]
pub struct OpenAiModeration {
    /// Such as `https://api.openai.com`.
    pub url: String,
    /// The API key.
    pub token: Token,
    /// The model, such as `omni-moderation-latest`.
    pub model: String,
    /// From which score on a category blocks, 0 to 1; `None`: what OpenAI itself flags.
    pub threshold: Option<f32>,
}

impl Engine for OpenAiModeration {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let texts: Vec<_> = content.parts.iter().map(|part| part.text).collect();
        let body = json!({"model": self.model, "input": texts});
        let url = format!("{}/v1/moderations", base(&self.url));
        Request::json(url, &body)?.bearer(self.token.expose())
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            let results = said.get("results")?.as_array()?;
            if results.len() != content.parts.len() {
                return Some(Verdict::Failed(Failure::Places));
            }
            let (mut found, mut highest) = (Vec::new(), None::<f32>);
            for result in results {
                let scores = result.get("category_scores")?.as_object()?;
                for (category, value) in scores {
                    let sure = score(value)?;
                    let flagged = match self.threshold {
                        Some(least) => sure >= least,
                        None => {
                            result
                                .get("categories")?
                                .get(category)
                                .and_then(Value::as_bool)
                                == Some(true)
                        }
                    };
                    if flagged {
                        found.push(category.clone());
                        highest = Some(highest.map_or(sure, |before| before.max(sure)));
                    }
                }
                if self.threshold.is_none() && result.get("flagged")?.as_bool()? && found.is_empty()
                {
                    found.push("flagged".to_owned());
                }
            }
            Some(if found.is_empty() {
                Verdict::Allow
            } else {
                Verdict::block(found, highest)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::bed;

    #[test]
    fn its_own_flags_or_our_thresholds_decide() {
        let mut engine = OpenAiModeration {
            url: "https://api.openai.com".into(),
            token: Token::new("sk".into()),
            model: "omni-moderation-latest".into(),
            threshold: None,
        };
        let content = bed::prompt("hi");
        let (request, body) = bed::asked(&engine, &content);
        assert_eq!(request.url, "https://api.openai.com/v1/moderations");
        assert_eq!(
            body,
            json!({"model": "omni-moderation-latest", "input": ["hi"]})
        );
        let result = json!({"results": [{"flagged": true,
            "categories": {"violence": true, "hate": false},
            "category_scores": {"violence": 0.9, "hate": 0.4}}]});
        assert_eq!(
            bed::blocked(bed::said(&engine, &content, result.clone())),
            ["violence"]
        );
        engine.threshold = Some(0.3);
        assert_eq!(
            bed::blocked(bed::said(&engine, &content, result.clone())),
            ["hate", "violence"]
        );
        engine.threshold = Some(0.95);
        assert_eq!(bed::said(&engine, &content, result), Verdict::Allow);
        let none = json!({"results": []});
        assert_eq!(
            bed::said(&engine, &content, none),
            Verdict::Failed(Failure::Places)
        );
    }
}
