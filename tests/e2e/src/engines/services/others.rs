//! Google Cloud Model Armor, OpenAI's moderation, Patronus, Presidio, and a service of one's own.

use ring::hmac;
use serde_json::{Map, Value, json};

use super::{HARM, NAME, TOKEN, names, points};
use crate::engines::stand_in::Asked;

/// `sanitizeUserPrompt` and `sanitizeModelResponse`. The state of the whole is not that of its filters.
pub(super) fn model_armor(asked: &Asked) -> Result<Value, String> {
    let template = "/v1/projects/p/locations/l/templates/t";
    let text = match asked.path.strip_prefix(template) {
        Some(":sanitizeUserPrompt") => asked.text("/userPromptData/text")?,
        Some(":sanitizeModelResponse") => asked.text("/modelResponseData/text")?,
        _ => return Err(format!("no such call: {}", asked.path)),
    };
    asked.is(&asked.path, "")?;
    asked.has("authorization", &format!("Bearer {TOKEN}"))?;
    let state = |found: bool| {
        if found {
            "MATCH_FOUND"
        } else {
            "NO_MATCH_FOUND"
        }
    };
    let ran = |found| json!({"executionState": "EXECUTION_SUCCESS", "matchState": state(found)});
    let mut rai = ran(text.contains(HARM));
    rai["raiFilterTypeResults"] = json!({"dangerous": {"matchState": state(text.contains(HARM))}});
    let mut deidentified = ran(text.contains(NAME));
    deidentified["data"] = json!({"text": text.replace(NAME, "[NAME]")});
    Ok(json!({"sanitizationResult": {
        "filterMatchState": state(text.contains(HARM) || text.contains(NAME)),
        "invocationResult": "SUCCESS",
        "filterResults": {
            "csam": {"csamFilterFilterResult": ran(false)},
            "malicious_uris": {"maliciousUriFilterResult": ran(false)},
            "pi_and_jailbreak": {"piAndJailbreakFilterResult": ran(false)},
            "rai": {"raiFilterResult": rai},
            "sdp": {"sdpFilterResult": {"deidentifyResult": deidentified}},
        },
    }}))
}

const CATEGORIES: [&str; 13] = [
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

/// `moderations`: a result for each text.
pub(super) fn moderation(asked: &Asked) -> Result<Value, String> {
    asked.is("/v1/moderations", "")?;
    asked.has("authorization", &format!("Bearer {TOKEN}"))?;
    let result = |text: &Value| {
        let harm = text.as_str().is_some_and(|text| text.contains(HARM));
        let (mut flags, mut scores) = (Map::new(), Map::new());
        for category in CATEGORIES {
            let flagged = harm && category == "violence";
            flags.insert(category.into(), json!(flagged));
            scores.insert(
                category.into(),
                json!(if flagged { 0.87 } else { 0.000_01 }),
            );
        }
        json!({"flagged": harm, "categories": flags, "category_scores": scores})
    };
    let results: Vec<_> = asked.list("/input")?.iter().map(result).collect();
    Ok(json!({"id": "modr-1", "model": asked.text("/model")?, "results": results}))
}

/// `evaluate`: a result for each evaluator. The judge finds everything polite.
pub(super) fn patronus(asked: &Asked) -> Result<Value, String> {
    asked.is("/v1/evaluate", "")?;
    asked.has("x-api-key", TOKEN)?;
    let evaluators = asked.list("/evaluators")?;
    if evaluators[1] != json!({"evaluator": "judge", "criteria": "is-polite"}) {
        return Err(format!("no such evaluator: {}", evaluators[1]));
    }
    let input = asked.text("/evaluated_model_input")?;
    let output = asked.text("/evaluated_model_output").unwrap_or_default();
    let harm = input.contains(HARM) || output.contains(HARM);
    let results = evaluators.iter().map(|evaluator| {
        let passes = evaluator["evaluator"] != "toxicity" || !harm;
        json!({"evaluator_id": evaluator["evaluator"], "status": "success", "error_message": null,
            "evaluation_result": {"id": "1", "pass": passes, "score_raw": f64::from(passes)}})
    });
    Ok(json!({"results": results.collect::<Vec<_>>()}))
}

/// `analyze`: it counts code points.
pub(super) fn presidio(asked: &Asked) -> Result<Value, String> {
    asked.is("/analyze", "")?;
    asked.text("/language")?;
    let text = asked.text("/text")?;
    if asked.list("/entities")? != [json!("PERSON")] {
        return Err("other entities".into());
    }
    let found = names(text).map(|at| {
        json!({"analysis_explanation": null, "entity_type": "PERSON", "score": 0.85,
            "start": points(&text[..at.start]), "end": points(&text[..at.end]),
            "recognition_metadata": {"recognizer_name": "SpacyRecognizer"}})
    });
    Ok(found.collect())
}

/// In our own format; the body is signed.
pub(super) fn webhook(asked: &Asked) -> Result<Value, String> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, TOKEN.as_bytes());
    let signature = asked.header("x-tidegate-signature").strip_prefix("sha256=");
    let digits = signature.unwrap_or_default().as_bytes().chunks(2);
    let tag: Option<Vec<u8>> = digits
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let signed = hmac::verify(&key, &asked.raw, &tag.unwrap_or_default());
    signed.map_err(|_| "the signature is not of the body")?;
    if !["prompt", "answer"].contains(&asked.text("/direction")?) {
        return Err("no such direction".into());
    }
    let parts = asked.list("/parts")?.iter();
    let texts: Vec<&str> = parts.filter_map(|part| part["text"].as_str()).collect();
    if texts.iter().any(|text| text.contains(HARM)) {
        return Ok(json!({"verdict": "block", "categories": ["anger"]}));
    }
    let with = |text: &&str| text.contains(NAME).then(|| text.replace(NAME, "***"));
    let parts: Vec<_> = texts.iter().map(with).collect();
    if parts.iter().all(Option::is_none) {
        return Ok(json!({"verdict": "allow"}));
    }
    Ok(json!({"verdict": "replace", "parts": parts}))
}
