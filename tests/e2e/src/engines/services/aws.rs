//! AWS Bedrock's `ApplyGuardrail`, with a Bedrock API key or signed (Signature Version 4).

use ring::{digest, hmac};
use serde_json::{Value, json};

use super::{HARM, NAME, TOKEN};
use crate::engines::stand_in::Asked;

/// Who signs, and where. The secret and the session's token are in the one file of credentials.
const ACCESS_KEY: &str = "AKIDEXAMPLE";
const REGION: &str = "eu-west-1";

pub(super) fn apply(asked: &Asked) -> Result<Value, String> {
    let guardrail = "arn%3Aaws%3Abedrock%3Aeu-west-1%3A1%3Aguardrail%2Fx";
    asked.is(&format!("/guardrail/{guardrail}/version/3/apply"), "")?;
    if asked.sent.starts_with("/signed/") {
        signed(asked)?;
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

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn keyed(key: &[u8], text: &str) -> hmac::Tag {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
}

/// The part of an `authorization` header with this name.
fn part<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let rest = header.split_once(name)?.1;
    Some(rest.split(',').next()?.trim())
}

/// Works the signature out from the request, as the IAM guide ("Create a signed request") says.
fn signed(asked: &Asked) -> Result<(), String> {
    let header = asked.header("authorization");
    let rest = header
        .strip_prefix("AWS4-HMAC-SHA256 ")
        .ok_or("not signed")?;
    let found = |name| part(rest, name).ok_or(format!("no {name}"));
    let (credential, names) = (found("Credential=")?, found("SignedHeaders=")?);
    let time = asked.header("x-amz-date");
    let day = time.get(..8).ok_or("no date")?;
    let scope = format!("{day}/{REGION}/bedrock/aws4_request");
    if credential != format!("{ACCESS_KEY}/{scope}") {
        return Err(format!("the scope is {credential}"));
    }
    for needed in ["host", "x-amz-date", "x-amz-security-token"] {
        if !names.split(';').any(|name| name == needed) {
            return Err(format!("{needed} is not signed"));
        }
    }
    asked.has("x-amz-security-token", TOKEN)?;
    // What was encoded once to be sent is encoded once more to be signed.
    let path = asked.sent.replace('%', "%25");
    let headers = names
        .split(';')
        .map(|name| format!("{name}:{}\n", asked.header(name).trim()));
    let payload = hex(digest::digest(&digest::SHA256, &asked.raw));
    let request = format!(
        "POST\n{path}\n\n{}\n{names}\n{payload}",
        headers.collect::<String>()
    );
    let hashed = hex(digest::digest(&digest::SHA256, request.as_bytes()));
    let secret = format!("AWS4{TOKEN}");
    let steps = [day, REGION, "bedrock", "aws4_request"];
    let key = steps.iter().fold(secret.into_bytes(), |key, step| {
        keyed(&key, step).as_ref().to_vec()
    });
    let expected = keyed(
        &key,
        &format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashed}"),
    );
    if found("Signature=")? != hex(expected) {
        return Err("the signature is another".into());
    }
    Ok(())
}
