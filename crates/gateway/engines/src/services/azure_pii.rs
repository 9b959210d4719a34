//! Azure AI Language, recognition of personal data (`:analyze-text`, kind `PiiEntityRecognition`, 2023-04-01).
//!
//! Offsets are asked for in code points.

use http::HeaderName;
use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base, score};
use crate::{Answered, Content, Engine, Failure, Mark, Request, Unasked, Unit, Verdict, to_bytes};

/// The most texts of one call, and the longest of them in characters.
const DOCUMENTS: usize = 5;
const LONGEST: usize = 5_120;

/// Azure AI Language.
#[derive(Debug)]
pub struct AzurePii {
    /// Such as `https://name.cognitiveservices.azure.com`.
    pub url: String,
    /// The resource's key.
    pub token: Token,
    /// The language of the texts, such as `en`.
    pub language: String,
    /// How sure it must be, 0 to 1.
    pub threshold: f32,
}

impl Engine for AzurePii {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let long = content
            .parts
            .iter()
            .any(|part| part.text.chars().count() > LONGEST);
        if long || content.parts.len() > DOCUMENTS {
            return Err(Unasked::TooLong(LONGEST));
        }
        let documents: Vec<_> = (0..)
            .zip(&content.parts)
            .map(|(id, part): (usize, _)| {
                json!({"id": id.to_string(), "language": self.language, "text": part.text})
            })
            .collect();
        let body = json!({
            "kind": "PiiEntityRecognition",
            "parameters": {"modelVersion": "latest", "stringIndexType": "UnicodeCodePoint"},
            "analysisInput": {"documents": documents},
        });
        let url = format!(
            "{}/language/:analyze-text?api-version=2023-04-01",
            base(&self.url)
        );
        let key = HeaderName::from_static("ocp-apim-subscription-key");
        Request::json(url, &body)?.with(key, self.token.expose(), true)
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            let results = said.get("results")?;
            if !results.get("errors")?.as_array()?.is_empty() {
                return Some(Verdict::Failed(Failure::Refused));
            }
            let mut marks = Vec::new();
            for document in results.get("documents")?.as_array()? {
                let part: usize = document.get("id")?.as_str()?.parse().ok()?;
                for entity in document.get("entities")?.as_array()? {
                    match self.mark(content, part, entity)? {
                        Ok(mark) => marks.extend(mark),
                        Err(failure) => return Some(Verdict::Failed(failure)),
                    }
                }
            }
            Some(if marks.is_empty() {
                Verdict::Allow
            } else {
                Verdict::Mark(marks)
            })
        })
    }
}

impl AzurePii {
    fn mark(
        &self,
        content: &Content<'_>,
        part: usize,
        entity: &Value,
    ) -> Option<Result<Option<Mark>, Failure>> {
        let score = score(entity.get("confidenceScore")?)?;
        if score < self.threshold {
            return Some(Ok(None));
        }
        let number = |name| usize::try_from(entity.get(name)?.as_u64()?).ok();
        let start = number("offset")?;
        let range = start..start.checked_add(number("length")?)?;
        let text = content.parts.get(part).map(|part| part.text);
        let span = text.and_then(|text| to_bytes(text, &range, Unit::CodePoint));
        let Some(span) = span else {
            return Some(Err(Failure::Places));
        };
        Some(Ok(Some(Mark {
            part,
            span,
            category: crate::verdict::category(entity.get("category")?.as_str()?),
            score,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::services::bed;

    #[test]
    fn places_become_bytes_and_the_doubtful_are_left() {
        let engine = AzurePii {
            url: "https://x".into(),
            token: Token::new("key".into()),
            language: "de".into(),
            threshold: 0.6,
        };
        let content = bed::prompt("é 😀 Ada ruft");
        let (_, body) = bed::asked(&engine, &content);
        assert_eq!(
            body["analysisInput"]["documents"][0],
            json!({"id": "0", "language": "de", "text": "é 😀 Ada ruft"})
        );
        let said = |offset, confidence: f32| {
            bed::said(
                &engine,
                &content,
                json!({"results": {"errors": [], "documents":
            [{"id": "0", "redactedText": "", "entities": [{"text": "Ada", "category": "Person",
            "offset": offset, "length": 3, "confidenceScore": confidence}]}]}}),
            )
        };
        let Verdict::Mark(marks) = said(4, 0.75) else {
            panic!("nothing is marked");
        };
        assert_eq!(&content.parts[0].text[marks[0].span.clone()], "Ada");
        assert_eq!(said(4, 0.5), Verdict::Allow);
        assert_eq!(said(40, 0.75), Verdict::Failed(Failure::Places));
    }
}
