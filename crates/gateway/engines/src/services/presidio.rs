//! Presidio's analyzer (`POST /analyze`): names and addresses, by language models that the operator runs.
//!
//! It takes one text; the parts go joined, and what it finds is put back to its part. It counts code points.

use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{base, score};
use crate::{Answered, Content, Engine, Failure, Mark, Request, Unasked, Unit, Verdict, to_bytes};

/// An analyzer.
#[derive(Debug)]
pub struct Presidio {
    /// Such as `http://presidio:5002`.
    pub url: String,
    /// The language, such as `en`.
    pub language: String,
    /// Only these entities; empty: all that it knows.
    pub entities: Vec<String>,
    /// How sure it must be, 0 to 1.
    pub threshold: f32,
}

impl Engine for Presidio {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let mut body = json!({
            "text": content.joined(),
            "language": self.language,
            "score_threshold": self.threshold,
        });
        if let (false, Some(members)) = (self.entities.is_empty(), body.as_object_mut()) {
            members.insert("entities".to_owned(), json!(self.entities));
        }
        Request::json(format!("{}/analyze", base(&self.url)), &body)
    }

    fn read(&self, content: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        let joined = content.joined();
        answer.verdict(|said| {
            let mut marks = Vec::new();
            for entity in said.as_array()? {
                let (range, category, score) = entity_of(entity)?;
                let span = to_bytes(&joined, &range, Unit::CodePoint);
                let Some(span) = span else {
                    return Some(Verdict::Failed(Failure::Places));
                };
                if score >= self.threshold {
                    marks.extend(in_parts(content, &span).map(|(part, span)| Mark {
                        part,
                        span,
                        category: category.clone(),
                        score,
                    }));
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

fn entity_of(entity: &Value) -> Option<(std::ops::Range<usize>, String, f32)> {
    let number = |name| usize::try_from(entity.get(name)?.as_u64()?).ok();
    let kind = crate::verdict::category(entity.get("entity_type")?.as_str()?);
    Some((
        number("start")?..number("end")?,
        kind,
        score(entity.get("score")?)?,
    ))
}

/// The parts that a place of the joined text lies in.
fn in_parts<'a>(
    content: &'a Content<'_>,
    span: &'a std::ops::Range<usize>,
) -> impl Iterator<Item = (usize, std::ops::Range<usize>)> + 'a {
    let mut from = 0;
    content
        .parts
        .iter()
        .enumerate()
        .filter_map(move |(at, part)| {
            let (start, end) = (from, from + part.text.len());
            from = end + 2;
            let inside = span.start.max(start)..span.end.min(end);
            (inside.start < inside.end).then(|| (at, inside.start - start..inside.end - start))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, Speaker, services::bed};

    #[test]
    fn what_is_found_in_the_joined_text_is_found_in_its_part() {
        let engine = Presidio {
            url: "http://presidio:5002/".into(),
            language: "en".into(),
            entities: vec!["PERSON".into()],
            threshold: 0.5,
        };
        let content = bed::content(
            Direction::Prompt,
            &[(Speaker::System, "é😀"), (Speaker::User, "I am Ada")],
        );
        let (request, body) = bed::asked(&engine, &content);
        assert_eq!(request.url, "http://presidio:5002/analyze");
        assert_eq!(body["text"], "é😀\n\nI am Ada");
        let said = |start, end| {
            bed::said(
                &engine,
                &content,
                json!([{"entity_type": "PERSON", "start": start, "end": end, "score": 0.85}]),
            )
        };
        let Verdict::Mark(marks) = said(9, 12) else {
            panic!("nothing is marked");
        };
        assert_eq!(
            (marks[0].part, &content.parts[1].text[marks[0].span.clone()]),
            (1, "Ada")
        );
        let Verdict::Mark(marks) = said(1, 5) else {
            panic!("nothing is marked");
        };
        assert_eq!(
            marks.iter().map(|mark| mark.part).collect::<Vec<_>>(),
            [0, 1]
        );
        assert_eq!(said(9, 99), Verdict::Failed(Failure::Places));
        let failed = bed::answered(&engine, &content, 500, "{\"error\":\"no model\"}");
        assert_eq!(failed, Verdict::Failed(Failure::Busy));
    }
}
