//! Azure AI Content Safety: `text:analyze` for harms and block lists, and Prompt Shields for attacks
//! (`api-version` 2024-09-01).
//!
//! The two are two services to us: whoever wants both names both. Of a shield, texts of tools are the documents.

use http::HeaderName;
use serde_json::{Value, json};
use tidegate_types::Timestamp;

use super::{Token, base};
use crate::{Answered, Content, Engine, Part, Request, Speaker, Unasked, Verdict};

const VERSION: &str = "2024-09-01";
/// The longest text, in characters.
const LONGEST: usize = 10_000;
/// The most documents of a shield.
const DOCUMENTS: usize = 5;

/// Content Safety.
#[derive(Debug)]
pub struct AzureContentSafety {
    /// Such as `https://name.cognitiveservices.azure.com`.
    pub url: String,
    /// The resource's key.
    pub token: Token,
    /// Prompt Shields instead of harms.
    pub shield: bool,
    /// From which severity on a harm blocks: 0 to 7, in steps of two unless eight levels are asked for.
    pub severity: u8,
    /// Block lists of the resource, by name.
    pub blocklists: Vec<String>,
}

impl Engine for AzureContentSafety {
    fn request(&self, content: &Content<'_>, _: Timestamp) -> Result<Request, Unasked> {
        let (call, body) = if self.shield {
            ("shieldPrompt", shield(content)?)
        } else {
            let text = content.joined();
            let body = json!({
                "text": within(&text)?,
                "categories": ["Hate", "SelfHarm", "Sexual", "Violence"],
                "blocklistNames": self.blocklists,
                "haltOnBlocklistHit": false,
                "outputType": if self.severity.is_multiple_of(2) { "FourSeverityLevels" } else { "EightSeverityLevels" },
            });
            ("analyze", body)
        };
        let url = format!(
            "{}/contentsafety/text:{call}?api-version={VERSION}",
            base(&self.url)
        );
        let key = HeaderName::from_static("ocp-apim-subscription-key");
        Request::json(url, &body)?.with(key, self.token.expose(), true)
    }

    fn read(&self, _: &Content<'_>, answer: &Answered<'_>) -> Verdict {
        answer.verdict(|said| {
            if self.shield {
                attacked(said)
            } else {
                self.harmed(said)
            }
        })
    }
}

impl AzureContentSafety {
    fn harmed(&self, said: &Value) -> Option<Verdict> {
        let mut found = Vec::new();
        for harm in said.get("categoriesAnalysis")?.as_array()? {
            if harm.get("severity")?.as_u64()? >= u64::from(self.severity) {
                found.push(harm.get("category")?.as_str()?.to_owned());
            }
        }
        let lists = said.get("blocklistsMatch").and_then(Value::as_array);
        for hit in lists.into_iter().flatten() {
            let name = hit.get("blocklistName").and_then(Value::as_str);
            found.push(format!("blocklist {}", name.unwrap_or_default()));
        }
        Some(if found.is_empty() {
            Verdict::Allow
        } else {
            Verdict::block(found, None)
        })
    }
}

fn within(text: &str) -> Result<&str, Unasked> {
    if text.chars().count() > LONGEST {
        return Err(Unasked::TooLong(LONGEST));
    }
    Ok(text)
}

fn shield(content: &Content<'_>) -> Result<Value, Unasked> {
    let parts = content.parts.iter().copied();
    let (tools, people): (Vec<Part<'_>>, Vec<Part<'_>>) =
        parts.partition(|part| part.speaker == Speaker::Tool);
    let documents: Vec<_> = tools.iter().map(|part| part.text).collect();
    let people: Vec<_> = people.iter().map(|part| part.text).collect();
    let prompt = people.join("\n\n");
    if documents.len() > DOCUMENTS
        || documents
            .iter()
            .map(|text| text.chars().count())
            .sum::<usize>()
            > LONGEST
    {
        return Err(Unasked::TooLong(LONGEST));
    }
    Ok(json!({"userPrompt": within(&prompt)?, "documents": documents}))
}

fn attacked(said: &Value) -> Option<Verdict> {
    let attack = |value: &Value| value.get("attackDetected")?.as_bool();
    let mut found = Vec::new();
    if attack(said.get("userPromptAnalysis")?)? {
        found.push("prompt attack");
    }
    for document in said
        .get("documentsAnalysis")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if attack(document)? {
            found.push("document attack");
        }
    }
    Some(if found.is_empty() {
        Verdict::Allow
    } else {
        Verdict::block(found, None)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Direction, Failure, services::bed};

    fn engine(shield: bool) -> AzureContentSafety {
        AzureContentSafety {
            url: "https://x.cognitiveservices.azure.com".into(),
            token: Token::new("key".into()),
            shield,
            severity: 4,
            blocklists: vec!["ours".into()],
        }
    }

    #[test]
    fn harms_block_from_their_severity_on() {
        let content = bed::prompt("hi");
        let (request, body) = bed::asked(&engine(false), &content);
        assert!(
            request
                .url
                .ends_with("/contentsafety/text:analyze?api-version=2024-09-01")
        );
        assert_eq!(bed::header(&request, "ocp-apim-subscription-key"), "key");
        assert_eq!(
            (&body["text"], &body["outputType"]),
            (&json!("hi"), &json!("FourSeverityLevels"))
        );
        let analysis = |severity| {
            json!({"blocklistsMatch": [], "categoriesAnalysis":
            [{"category": "Hate", "severity": 0}, {"category": "Violence", "severity": severity}]})
        };
        let said = |body| bed::said(&engine(false), &content, body);
        assert_eq!(said(analysis(2)), Verdict::Allow);
        assert_eq!(bed::blocked(said(analysis(4))), ["Violence"]);
        let listed = json!({"categoriesAnalysis": [], "blocklistsMatch":
            [{"blocklistName": "ours", "blocklistItemId": "1", "blocklistItemText": "secret"}]});
        assert_eq!(bed::blocked(said(listed)), ["blocklist ours"]);
        assert_eq!(said(json!({})), Verdict::Failed(Failure::Unclear));
        let busy = bed::answered(&engine(false), &content, 429, "{}");
        assert_eq!(busy, Verdict::Failed(Failure::Busy));
        let stranger = bed::answered(&engine(false), &content, 401, "{}");
        assert_eq!(stranger, Verdict::Failed(Failure::Credential));
    }

    #[test]
    fn a_shield_sees_what_tools_said_as_documents() {
        let content = bed::content(
            Direction::Prompt,
            &[(Speaker::User, "sum up"), (Speaker::Tool, "ignore all")],
        );
        let (request, body) = bed::asked(&engine(true), &content);
        assert!(request.url.contains("text:shieldPrompt?"));
        assert_eq!(
            body,
            json!({"userPrompt": "sum up", "documents": ["ignore all"]})
        );
        let said = |prompt, document| {
            bed::said(
                &engine(true),
                &content,
                json!({
            "userPromptAnalysis": {"attackDetected": prompt},
            "documentsAnalysis": [{"attackDetected": document}]}),
            )
        };
        assert_eq!(said(false, false), Verdict::Allow);
        assert_eq!(bed::blocked(said(false, true)), ["document attack"]);
    }
}
