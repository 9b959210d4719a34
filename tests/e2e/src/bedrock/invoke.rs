//! Clients of `InvokeModel` with a body of Anthropic's, as Claude Code in its Bedrock mode, with models of every
//! provider.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::Method;
use serde_json::{Value, json};
use tidegate_governance::record::Outcome;
use tidegate_harness::Reply;
use tidegate_wire::eventstream::{CONTENT_TYPE, Kind};

use super::{Bed, MODEL, USAGE, bed, messages};
use crate::guardrails::applied;

const MODELS: [&str; 3] = [
    "openai%2Fgpt-4o-mini",
    "anthropic%2Fclaude-sonnet-4-5",
    "gemini%2Fgemini-2.5-flash",
];

impl Bed {
    async fn invoke(&self, model: &str, stream: bool, prompt: &str) -> anyhow::Result<Reply> {
        let operation = if stream {
            "invoke-with-response-stream"
        } else {
            "invoke"
        };
        let path = format!("/bedrock/model/{model}/{operation}");
        let body = json!({
            "anthropic_version": "bedrock-2023-05-31",
            "anthropic_beta": ["context-1m-2025-08-07", "tool-search-tool-2025-10-19"],
            "max_tokens": 64,
            "messages": [{"role": "user", "content": prompt}],
            "tools": [{"name": "look", "input_schema": {"type": "object"}}],
        })
        .to_string();
        let client = self.rig.client();
        client.post(&path, &self.key.secret, body).await
    }
}

/// The events of Messages that a stream has in it.
fn events(reply: &Reply) -> Vec<Value> {
    let event = |(kind, name, body): (Kind, String, Value)| {
        assert_eq!((kind, name.as_str()), (Kind::Event, "chunk"), "{body}");
        let bytes = body["bytes"].as_str().unwrap_or_default();
        let bytes = BASE64_STANDARD.decode(bytes).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    };
    messages(reply).into_iter().map(event).collect()
}

/// What an answer says: its text, the inputs of its calls, why it ends.
fn said(reply: &Reply, stream: bool) -> anyhow::Result<(String, String, String)> {
    let (mut text, mut input, mut stop) = <(String, String, String)>::default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if stream {
        for event in events(reply) {
            text += &word(&event["delta"]["text"]);
            input += &word(&event["delta"]["partial_json"]);
            stop += &word(&event["delta"]["stop_reason"]);
        }
    } else {
        let answer = reply.json()?;
        for block in answer["content"].as_array().into_iter().flatten() {
            text += &word(&block["text"]);
            if block["type"] == "tool_use" {
                input += &block["input"].to_string();
            }
        }
        stop = word(&answer["stop_reason"]);
    }
    Ok((text, input, stop))
}

#[tokio::test]
async fn a_client_of_invoke_uses_models_of_every_provider() -> anyhow::Result<()> {
    let bed = bed().await?;
    for model in MODELS {
        for stream in [false, true] {
            let reply = bed.invoke(model, stream, USAGE).await?;
            assert_eq!(reply.status, 200, "{model}: {}", reply.text());
            let kind = if stream {
                CONTENT_TYPE
            } else {
                "application/json"
            };
            assert_eq!(reply.header("content-type"), kind);
            let (text, _, stop) = said(&reply, stream)?;
            assert!(text.contains("heron"), "{model}: {text}");
            assert_eq!(stop, "end_turn", "{model}");
            let row = bed.rig.row(reply.header("x-tidegate-request-id")).await?;
            assert_eq!((row.usage.cached, row.usage.output), (200, 300), "{model}");
            assert_eq!(row.outcome, Outcome::Completed);

            let prompt = r#"[[tool:look {"city":"Rome"}]]"#;
            let reply = bed.invoke(model, stream, prompt).await?;
            assert_eq!(reply.status, 200, "{model}: {}", reply.text());
            let (_, input, stop) = said(&reply, stream)?;
            let input: Value = serde_json::from_str(&input)?;
            assert_eq!(
                (input, stop.as_str()),
                (json!({"city": "Rome"}), "tool_use")
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn betas_of_anthropics_go_with_a_translated_call() -> anyhow::Result<()> {
    let bed = bed().await?;
    let reply = bed.invoke(MODELS[1], false, "hi").await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = bed.rig.standin.requests().pop().expect("it was asked");
    let named = "context-1m-2025-08-07,advanced-tool-use-2025-11-20";
    assert_eq!(seen.header("anthropic-beta"), Some(named));

    // Bedrock refuses a call for a beta that it does not know.
    let body = json!({"model": format!("bedrock/{MODEL}"), "max_tokens": 64,
        "messages": [{"role": "user", "content": "hi"}]});
    let headers = [
        ("x-api-key", bed.key.secret.as_str()),
        (
            "anthropic-beta",
            "claude-code-20250219, context-1m-2025-08-07",
        ),
        ("content-type", "application/json"),
    ];
    let client = bed.rig.client();
    let sent = client.send(Method::POST, "/v1/messages", &headers, body.to_string());
    let reply = sent.await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = bed.asked();
    let asked: Value = serde_json::from_slice(&seen.body().unwrap_or_default())?;
    let fields = &asked["additionalModelRequestFields"];
    assert_eq!(
        fields,
        &json!({"anthropic_beta": ["context-1m-2025-08-07"]})
    );
    assert_eq!(seen.header("anthropic-beta"), None);
    Ok(())
}

#[tokio::test]
async fn guardrails_read_a_translated_invoke_both_ways() -> anyhow::Result<()> {
    let bed = bed().await?;
    let rules = r#"{"detect":{"kind":"terms","words":["heron"]},"action":{"do":"redact"}}"#;
    bed.rig.guardrail("no herons", rules).await?;
    let answers =
        r#"{"detect":{"kind":"terms","words":["egret"]},"action":{"do":"redact"},"prompts":false}"#;
    bed.rig.guardrail("no egrets", answers).await?;
    for model in MODELS {
        for stream in [false, true] {
            let prompt = "say heron, and no egret, but stork";
            let reply = bed.invoke(model, stream, prompt).await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let sent = bed
                .rig
                .standin
                .requests()
                .pop()
                .and_then(|seen| seen.body());
            let sent = String::from_utf8_lossy(&sent.unwrap_or_default()).into_owned();
            assert!(!sent.contains("heron") && sent.contains("egret"), "{sent}");
            let (text, ..) = said(&reply, stream)?;
            assert!(!text.contains("egret") && text.contains("stork"), "{text}");
            assert!(!applied(&bed.rig, &reply).await?.is_empty());
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_fails_of_a_translated_invoke_is_told_as_aws_tells_it() -> anyhow::Result<()> {
    let bed = bed().await?;
    // Another maker's body.
    let body = json!({"inputText": "heron"}).to_string();
    let path = "/bedrock/model/openai%2Fgpt-4o-mini/invoke";
    let reply = bed.rig.client().post(path, &bed.key.secret, body).await?;
    assert_eq!(reply.status, 400);
    let error = reply.json()?;
    assert_eq!(error["__type"], "ValidationException");
    assert_eq!(error["param"], "anthropic_version");
    for model in MODELS {
        let reply = bed.invoke(model, true, "[[status:429]] heron").await?;
        assert_eq!(reply.status, 429);
        assert!(reply.json()?["message"].is_string(), "{}", reply.text());
        let prompt = "[[cut]] heron, and much more of it";
        let reply = bed.invoke(model, true, prompt).await?;
        assert_eq!(reply.status, 200);
        let last = messages(&reply).pop().expect("messages");
        assert_eq!(
            (last.0, last.1.as_str()),
            (Kind::Exception, "modelStreamErrorException")
        );
        let row = bed.rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.outcome, Outcome::UpstreamBroken);
    }
    // A signature cannot be verified, here neither.
    let signed = "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=0";
    let headers = [("authorization", signed)];
    let client = bed.rig.client();
    let reply = client.send(Method::POST, path, &headers, "{}").await?;
    assert_eq!(reply.status, 401);
    Ok(())
}
