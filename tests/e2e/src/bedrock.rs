//! Amazon Bedrock: as the provider of every client, and clients of Converse with models of every provider.

mod invoke;

use http::Method;
use serde_json::{Value, json};
use tidegate_governance::record::Outcome;
use tidegate_harness::{Key, Reply, Rig, RigOptions};
use tidegate_loadtest::standin::{Options, StandIn};
use tidegate_wire::eventstream::{CONTENT_TYPE, Damage, Decoder, Kind};

use crate::{
    guardrails::{applied, said},
    prompts, signature,
};

/// As AWS' own clients write it in a path.
const CLAUDE: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0";
const MODEL: &str = "eu.anthropic.claude-sonnet-4-5-20250929-v1:0";
const USAGE: &str = "heron [[usage:input=1000,cached=200,write1h=50,output=300]]";

struct Bed {
    rig: Rig,
    /// Bedrock's stand-in; the other providers have one of their own.
    bedrock: StandIn,
    key: Key,
}

/// A gateway with Bedrock by an API key, and once more by an access key.
async fn bed() -> anyhow::Result<Bed> {
    let bedrock = StandIn::start("127.0.0.1:0", Options::default()).await?;
    let section = |name, credential| {
        format!(
            "[[providers]]\nname = \"{name}\"\ndialect = \"bedrock\"\nbase_url = \"{}\"\n{credential}\n",
            bedrock.url()
        )
    };
    let signed = "access_key_id = \"AKIDEXAMPLE\"\nsecret_access_key = \"file:provider-key\"\n\
                  session_token = \"file:provider-key\"\nregion = \"eu-west-1\"\nmodels = [\"signed-*\"]";
    let options = RigOptions {
        config: section("bedrock", "api_key = \"file:provider-key\"") + &section("aws", signed),
        ..RigOptions::default()
    };
    let rig = Rig::with(options).await?;
    let key = rig.key("bedrock").await?;
    Ok(Bed { rig, bedrock, key })
}

impl Bed {
    async fn converse(&self, model: &str, stream: bool, prompt: &str) -> anyhow::Result<Reply> {
        let operation = if stream {
            "converse-stream"
        } else {
            "converse"
        };
        let path = format!("/bedrock/model/{model}/{operation}");
        let body = json!({
            "messages": [{"role": "user", "content": [{"text": prompt}]}],
            "inferenceConfig": {"maxTokens": 64},
        });
        let client = self.rig.client();
        client.post(&path, &self.key.secret, body.to_string()).await
    }

    fn asked(&self) -> tidegate_loadtest::standin::Seen {
        self.bedrock.requests().pop().expect("Bedrock was asked")
    }
}

/// The messages of a stream: kind, name, payload. All of it has to be whole messages.
fn messages(reply: &Reply) -> Vec<(Kind, String, Value)> {
    let mut found = Vec::new();
    let mut decoder = Decoder::default();
    let read: Result<(), Damage> = decoder.push(&reply.body, |message| {
        let (kind, name) = message.kind();
        let body = serde_json::from_slice(message.body()).unwrap_or_default();
        found.push((kind, name.to_owned(), body));
        Ok(())
    });
    assert!(read.is_ok() && decoder.is_between(), "{read:?}");
    found
}

/// What a Converse answer says, whole or as a stream.
fn text(reply: &Reply, stream: bool) -> String {
    if !stream {
        let value = reply.json().unwrap_or_default();
        let content = value.pointer("/output/message/content/0/text");
        return content.and_then(Value::as_str).unwrap_or_default().into();
    }
    let deltas = messages(reply).into_iter();
    let texts = deltas.filter_map(|(_, _, body)| {
        let text = body.pointer("/delta/text")?.as_str()?;
        Some(text.to_owned())
    });
    texts.collect()
}

#[tokio::test]
async fn every_client_is_answered_by_bedrock_in_its_own_dialect() -> anyhow::Result<()> {
    let bed = bed().await?;
    for (path, body, own) in [
        (
            "/v1/chat/completions",
            prompts::chat as fn(&str, bool) -> String,
            "gpt-4o-mini",
        ),
        ("/v1/responses", prompts::response, "gpt-4o-mini"),
        ("/v1/messages", prompts::message, "claude-sonnet-4-5"),
    ] {
        let mut rows = Vec::new();
        for stream in [false, true] {
            let model = "bedrock/amazon.nova-pro-v1:0";
            let body = body(USAGE, stream).replace(own, model);
            let reply = bed.rig.client().post(path, &bed.key.secret, body).await?;
            assert_eq!(reply.status, 200, "{path}: {}", reply.text());
            assert!(said(&reply).contains("heron"), "{}", reply.text());
            let kind = if stream {
                "text/event-stream"
            } else {
                "application/json"
            };
            assert!(reply.header("content-type").starts_with(kind));
            let seen = bed.asked();
            let operation = if stream {
                "converse-stream"
            } else {
                "converse"
            };
            assert_eq!(
                seen.path,
                format!("/model/amazon.nova-pro-v1%3A0/{operation}")
            );
            assert_eq!(seen.header("authorization"), Some("Bearer upstream-secret"));
            rows.push(bed.rig.row(reply.header("x-tidegate-request-id")).await?);
        }
        assert_eq!(rows[0].usage, rows[1].usage, "{path}");
        let usage = &rows[0].usage;
        assert_eq!(
            (
                usage.input,
                usage.cached,
                usage.cache_write_1h,
                usage.output
            ),
            (1_000, 200, 50, 300)
        );
        assert_eq!(rows[1].outcome, Outcome::Completed);
    }
    Ok(())
}

#[tokio::test]
async fn an_access_key_signs_what_is_sent() -> anyhow::Result<()> {
    let bed = bed().await?;
    for stream in [false, true] {
        let body = prompts::chat("heron", stream).replace("gpt-4o-mini", "signed-model:0");
        let client = bed.rig.client();
        let reply = client
            .post("/v1/chat/completions", &bed.key.secret, body)
            .await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let seen = bed.asked();
        let header = |name: &str| seen.header(name).unwrap_or_default().to_owned();
        let raw = seen.body().unwrap_or_default();
        assert_eq!(
            signature::check(&seen.path, &raw, &header, "upstream-secret"),
            Ok(())
        );
        assert_eq!(header("x-amz-security-token"), "upstream-secret");
    }
    Ok(())
}

#[tokio::test]
async fn a_client_of_converse_gets_bedrocks_very_bytes() -> anyhow::Result<()> {
    let bed = bed().await?;
    let mut rows = Vec::new();
    for stream in [false, true] {
        let reply = bed.converse(CLAUDE, stream, USAGE).await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        assert!(text(&reply, stream).contains("heron"));
        let kind = if stream {
            CONTENT_TYPE
        } else {
            "application/json"
        };
        assert_eq!(reply.header("content-type"), kind);
        let seen = bed.asked();
        assert!(
            seen.path.starts_with(&format!("/model/{CLAUDE}/converse")),
            "{}",
            seen.path
        );
        assert_eq!(seen.header("authorization"), Some("Bearer upstream-secret"));
        rows.push(bed.rig.row(reply.header("x-tidegate-request-id")).await?);
    }
    assert_eq!(rows[0].usage, rows[1].usage);
    assert_eq!(rows[0].usage.cached, 200);
    assert_eq!(
        rows[0].model.as_ref().map(|model| model.as_str()),
        Some(MODEL)
    );
    Ok(())
}

#[tokio::test]
async fn a_client_of_converse_uses_models_of_every_provider() -> anyhow::Result<()> {
    let bed = bed().await?;
    for model in [
        "openai%2Fgpt-4o-mini",
        "anthropic%2Fclaude-sonnet-4-5",
        "gemini%2Fgemini-2.5-flash",
    ] {
        for stream in [false, true] {
            let reply = bed.converse(model, stream, USAGE).await?;
            assert_eq!(reply.status, 200, "{model}: {}", reply.text());
            assert!(text(&reply, stream).contains("heron"), "{model}");
            let usage = if stream {
                let last = messages(&reply).pop().expect("messages");
                assert_eq!((last.0, last.1.as_str()), (Kind::Event, "metadata"));
                assert_eq!(reply.header("content-type"), CONTENT_TYPE);
                last.2["usage"].clone()
            } else {
                reply.json()?["usage"].clone()
            };
            assert_eq!(usage["cacheReadInputTokens"], 200, "{model}: {usage}");
            assert_eq!(usage["outputTokens"], 300, "{model}: {usage}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn guardrails_read_converse_both_ways() -> anyhow::Result<()> {
    let bed = bed().await?;
    let rules = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    bed.rig.guardrail("no secrets", rules).await?;
    // A made-up key in the shape of AWS', written so that nobody takes it for one.
    let secret = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    for model in [CLAUDE, "anthropic%2Fclaude-sonnet-4-5"] {
        for stream in [false, true] {
            let prompt = format!("my key is {secret}, keep it");
            let reply = bed.converse(model, stream, &prompt).await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let own = model == CLAUDE;
            let seen = if own { &bed.bedrock } else { &bed.rig.standin };
            let sent = seen.requests().pop().and_then(|seen| seen.body());
            let sent = String::from_utf8_lossy(&sent.unwrap_or_default()).into_owned();
            assert!(
                sent.contains("my key is [") && !sent.contains(&secret),
                "{sent}"
            );
            assert!(text(&reply, stream).contains("my key is ["));
            assert!(!applied(&bed.rig, &reply).await?.is_empty());
        }
    }
    Ok(())
}

/// The answer itself is changed, message by message, and stays one that AWS' clients can read.
#[tokio::test]
async fn an_answer_of_converse_is_guarded_where_it_comes_in_messages() -> anyhow::Result<()> {
    let bed = bed().await?;
    let rules =
        r#"{"detect":{"kind":"terms","words":["heron"]},"action":{"do":"redact"},"prompts":false}"#;
    bed.rig.guardrail("no herons", rules).await?;
    for model in [CLAUDE, "openai%2Fgpt-4o-mini"] {
        for stream in [false, true] {
            let reply = bed
                .converse(model, stream, "say heron, and no egret")
                .await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let said = text(&reply, stream);
            assert!(
                !said.contains("heron") && said.contains("egret"),
                "{model} {stream}: {said}"
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_fails_is_told_as_aws_tells_it() -> anyhow::Result<()> {
    let bed = bed().await?;
    // A signed request cannot be verified, and the refusal says what to do.
    let path = format!("/bedrock/model/{CLAUDE}/converse");
    let signed = "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/bedrock/aws4_request, SignedHeaders=host, Signature=0";
    let headers = [("authorization", signed)];
    let client = bed.rig.client();
    let reply = client.send(Method::POST, &path, &headers, "{}").await?;
    assert_eq!(reply.status, 401);
    let error = reply.json()?;
    assert_eq!(error["__type"], "AccessDeniedException");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(message.contains("AWS_BEARER_TOKEN_BEDROCK"), "{message}");
    // What another provider cannot say.
    let body = json!({"messages": [{"role": "user", "content": [{"text": "heron"}]}],
        "guardrailConfig": {"guardrailIdentifier": "a", "guardrailVersion": "1"}});
    let path = "/bedrock/model/openai%2Fgpt-4o-mini/converse";
    let reply = client.post(path, &bed.key.secret, body.to_string()).await?;
    assert_eq!(reply.status, 400);
    let error = reply.json()?;
    assert_eq!(error["__type"], "ValidationException");
    assert_eq!(error["param"], "guardrailConfig");
    // The provider's own errors, as they are, and another's in these words.
    for model in [CLAUDE, "openai%2Fgpt-4o-mini"] {
        let reply = bed.converse(model, true, "[[status:429]] heron").await?;
        assert_eq!(reply.status, 429);
        assert!(reply.json()?["message"].is_string(), "{}", reply.text());
        // One that is cut ends in an exception, and costs what was made.
        let reply = bed
            .converse(model, true, "[[cut]] heron, and much more of it")
            .await?;
        assert_eq!(reply.status, 200);
        let last = messages(&reply).pop().expect("messages");
        assert_eq!(
            (last.0, last.1.as_str()),
            (Kind::Exception, "modelStreamErrorException")
        );
        let row = bed.rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.outcome, Outcome::UpstreamBroken);
        assert!(row.usage.output > 0, "what was made is charged");
    }
    Ok(())
}

#[tokio::test]
async fn a_models_own_body_passes_metered_and_guarded() -> anyhow::Result<()> {
    let bed = bed().await?;
    let rules = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    bed.rig.guardrail("no secrets", rules).await?;
    let secret = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    let mut rows = Vec::new();
    for operation in ["invoke", "invoke-with-response-stream"] {
        let path = format!("/bedrock/model/{CLAUDE}/{operation}");
        let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64,
            "messages": [{"role": "user", "content": format!("my key is {secret}, keep it {USAGE}")}]});
        let client = bed.rig.client();
        let reply = client
            .post(&path, &bed.key.secret, body.to_string())
            .await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let seen = bed.asked();
        let sent = String::from_utf8_lossy(&seen.body().unwrap_or_default()).into_owned();
        assert!(
            sent.contains("my key is [") && !sent.contains(&secret),
            "{sent}"
        );
        assert!(seen.path.ends_with(operation));
        rows.push(bed.rig.row(reply.header("x-tidegate-request-id")).await?);
    }
    assert_eq!(rows[0].usage, rows[1].usage);
    assert_eq!((rows[0].usage.cached, rows[0].usage.output), (200, 300));
    Ok(())
}
