//! AWS Bedrock's `ApplyGuardrail`, with a Bedrock API key or signed (Signature Version 4).

use serde_json::{Value, json};

use super::{HARM, NAME, TOKEN};
use crate::{engines::stand_in::Asked, signature};

pub(super) fn apply(asked: &Asked) -> Result<Value, String> {
    let guardrail = "arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aguardrail%2Fx";
    asked.is(&format!("/guardrail/{guardrail}/version/3/apply"), "")?;
    if asked.sent.starts_with("/signed/") {
        let header = |name: &str| asked.header(name).to_owned();
        signature::check(&asked.sent, &asked.raw, &header, TOKEN)?;
        asked.has("x-amz-security-token", TOKEN)?;
    } else {
        asked.has("authorization", &format!("Bearer {TOKEN}"))?;
    }
    if !["INPUT", "OUTPUT"].contains(&asked.text("/source")?) {
        return Err("no such source".into());
    }
    let blocks = asked.list("/content")?.iter();
    let texts: Option<Vec<&str>> = blocks
        .map(|block| block.pointer("/text/text")?.as_str())
        .collect();
    let texts = texts.ok_or("a block without a text")?;
    let usage = json!({"contentPolicyUnits": 1, "sensitiveInformationPolicyUnits": 1});
    let (mut assessment, mut outputs) = (json!({}), Vec::new());
    let found = |what: &str| texts.iter().any(|text| text.contains(what));
    if found(NAME) {
        assessment["sensitiveInformationPolicy"] = json!({"piiEntities":
            [{"type": "NAME", "match": NAME, "action": "ANONYMIZED", "detected": true}], "regexes": []});
        outputs = texts
            .iter()
            .map(|text| json!({"text": text.replace(NAME, "{NAME}")}))
            .collect();
    }
    if found(HARM) {
        assessment["contentPolicy"] = json!({"filters": [{"type": "VIOLENCE", "confidence": "HIGH",
            "filterStrength": "HIGH", "action": "BLOCKED", "detected": true}]});
        outputs = vec![json!({"text": "Sorry, that is not possible."})];
    }
    let action = if outputs.is_empty() {
        "NONE"
    } else {
        "GUARDRAIL_INTERVENED"
    };
    Ok(
        json!({"usage": usage, "action": action, "actionReason": "", "outputs": outputs,
        "output": outputs, "assessments": [assessment]}),
    )
}
