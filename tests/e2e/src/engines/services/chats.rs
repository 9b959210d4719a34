//! Services that are shown messages of a chat: CrowdStrike AIDR, Gray Swan Cygnal and Lakera Guard.

use serde_json::{Value, json};

use super::{HARM, NAME, TOKEN, names, points};
use crate::engines::stand_in::Asked;

/// The texts of messages, whose roles must be among these.
fn texts<'a>(messages: &'a [Value], roles: &[&str]) -> Result<Vec<&'a str>, String> {
    let text = |message: &'a Value| {
        let role = message["role"].as_str().unwrap_or_default();
        if !roles.contains(&role) {
            return Err(format!("a message of {role}"));
        }
        message["content"]
            .as_str()
            .ok_or_else(|| "a message without a text".to_owned())
    };
    messages.iter().map(text).collect()
}

/// `guard_chat_completions`: a transformed text comes back as the whole of what was sent.
pub(super) fn crowdstrike(asked: &Asked) -> Result<Value, String> {
    asked.is("/v1/guard_chat_completions", "")?;
    asked.has("authorization", &format!("Bearer {TOKEN}"))?;
    if !["input", "output"].contains(&asked.text("/event_type")?) {
        return Err("no such event".into());
    }
    asked.text("/app_id")?;
    let messages = asked.list("/guard_input/messages")?;
    let texts = texts(messages, &["system", "user", "assistant"])?;
    let blocked = texts.iter().any(|text| text.contains(HARM));
    let transformed = texts.iter().any(|text| text.contains(NAME));
    let mut output = messages.to_vec();
    for (message, text) in output.iter_mut().zip(&texts) {
        message["content"] = json!(text.replace(NAME, "<NAME>"));
    }
    Ok(
        json!({"request_id": "prq_1", "status": "Success", "summary": "", "result": {
            "blocked": blocked,
            "transformed": transformed && !blocked,
            "guard_output": {"messages": output},
            "policy": "p-1",
            "detectors": {
                "malicious_prompt": {"detected": blocked, "data": {"action": "blocked"}},
                "confidential_and_pii_entity": {"detected": transformed, "data": {"entities":
                    [{"type": "PERSON", "value": NAME, "action": "redacted:replaced"}]}},
            },
        }}),
    )
}

/// `monitor`: a violation between 0 and 1.
pub(super) fn grayswan(asked: &Asked) -> Result<Value, String> {
    asked.is("/cygnal/monitor", "")?;
    asked.has("grayswan-api-key", TOKEN)?;
    if asked.text("/policy_id")? != "p-1" {
        return Err("no such policy".into());
    }
    let roles = ["system", "user", "assistant", "tool"];
    let texts = texts(asked.list("/messages")?, &roles)?;
    let harm = texts.iter().any(|text| text.contains(HARM));
    let violation = if harm { 0.93 } else { 0.02 };
    Ok(
        json!({"violation": violation, "violated_rules": [], "violated_rule_descriptions": [],
        "mutation": false, "ipi": false}),
    )
}

/// `guard`: what was detected, and with `payload` where. It counts code points.
pub(super) fn lakera(asked: &Asked) -> Result<Value, String> {
    asked.is("/v2/guard", "")?;
    asked.has("authorization", &format!("Bearer {TOKEN}"))?;
    if asked.text("/project_id")? != "project-1" {
        return Err("no such project".into());
    }
    let roles = ["system", "user", "assistant", "tool", "developer"];
    let texts = texts(asked.list("/messages")?, &roles)?;
    let attack = texts.iter().any(|text| text.contains(HARM));
    let places = texts.iter().enumerate().flat_map(|(message, text)| {
        names(text).map(move |at| {
            json!({"start": points(&text[..at.start]), "end": points(&text[..at.end]),
                "text": NAME, "detector_type": "pii/name", "labels": [], "message_id": message})
        })
    });
    let places: Vec<Value> = places.collect();
    let detector = |kind: &str, detected: bool| {
        json!({"project_id": "project-1", "policy_id": "policy-1", "detector_id": kind,
            "detector_type": kind, "detected": detected, "message_id": 0})
    };
    let personal = !places.is_empty();
    let mut said = json!({"flagged": attack || personal, "metadata": {"request_uuid": "1"}});
    if asked.body["breakdown"] == true {
        said["breakdown"] = json!([
            detector("prompt_attack", attack),
            detector("pii/name", personal)
        ]);
    }
    if asked.body["payload"] == true {
        said["payload"] = json!(places);
    }
    Ok(said)
}
