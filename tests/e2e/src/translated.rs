//! Calls whose client speaks another dialect than their provider: answered in the client's, billed by the
//! provider's, guarded in between.

use http::Method;
use tidegate_governance::record::Outcome;
use tidegate_harness::{Client, Key, Reply, Rig};
use tidegate_types::MicroUsd;

use crate::{
    guardrails::{applied, said},
    prompts,
};

/// What a client asks, of a model that another dialect serves.
struct Case {
    path: &'static str,
    body: fn(&str, bool) -> String,
    own: &'static str,
    model: &'static str,
    /// Where the provider is asked.
    asked_at: &'static str,
    /// The last thing that a whole stream says.
    ending: &'static str,
}

const CASES: &[Case] = &[
    Case {
        path: "/v1/chat/completions",
        body: prompts::chat,
        own: "gpt-4o-mini",
        model: "anthropic/claude-sonnet-4-5",
        asked_at: "/v1/messages",
        ending: "data: [DONE]\n\n",
    },
    Case {
        path: "/v1/responses",
        body: prompts::response,
        own: "gpt-4o-mini",
        model: "anthropic/claude-sonnet-4-5",
        asked_at: "/v1/messages",
        ending: "\n\n",
    },
    Case {
        path: "/anthropic/v1/messages",
        body: prompts::message,
        own: "claude-sonnet-4-5",
        model: "openai/gpt-4o-mini",
        asked_at: "/v1/chat/completions",
        ending: "data: {\"type\":\"message_stop\"}\n\n",
    },
    Case {
        path: "/v1/messages",
        body: prompts::message,
        own: "claude-sonnet-4-5",
        model: "gemini/gemini-2.5-flash",
        asked_at: "/v1beta/models/gemini-2.5-flash:",
        ending: "data: {\"type\":\"message_stop\"}\n\n",
    },
];

impl Case {
    fn ask(&self, prompt: &str, stream: bool) -> String {
        let own = format!("\"{}\"", self.own);
        (self.body)(prompt, stream).replace(&own, &format!("\"{}\"", self.model))
    }
}

async fn ask(
    client: &Client,
    key: &Key,
    case: &Case,
    prompt: &str,
    stream: bool,
) -> anyhow::Result<Reply> {
    client
        .post(case.path, &key.secret, case.ask(prompt, stream))
        .await
}

const USAGE: &str = "heron [[usage:input=1000,cached=200,output=300]]";

#[tokio::test]
async fn the_answer_is_the_clients_and_the_bill_the_providers() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("translated").await?;
    for case in CASES {
        let mut rows = Vec::new();
        for stream in [false, true] {
            let reply = ask(&rig.client(), &key, case, USAGE, stream).await?;
            assert_eq!(reply.status, 200, "{}: {}", case.path, reply.text());
            assert!(said(&reply).contains("heron"), "{}", reply.text());
            let kind = if stream {
                "text/event-stream"
            } else {
                "application/json"
            };
            assert!(reply.header("content-type").starts_with(kind));
            if stream {
                assert!(reply.text().ends_with(case.ending), "{}", reply.text());
            } else {
                assert_eq!(reply.header("content-length"), reply.body.len().to_string());
            }
            let seen = rig.standin.requests().pop().expect("it was asked");
            assert!(seen.path.starts_with(case.asked_at), "{}", seen.path);
            assert_eq!(seen.header("anthropic-beta"), None);
            rows.push(rig.row(reply.header("x-tidegate-request-id")).await?);
        }
        assert_eq!(rows[0].usage, rows[1].usage, "{}", case.path);
        assert_eq!(rows[0].usage.cached, 200, "{}", case.path);
        assert_eq!(rows[0].usage.output, 300, "{}", case.path);
        assert_eq!(rows[0].cost, rows[1].cost);
        assert!(rows[0].cost > MicroUsd::ZERO);
        assert_eq!(rows[0].outcome, Outcome::Completed);
    }
    Ok(())
}

#[tokio::test]
async fn a_gemini_client_is_answered_as_it_is_used_to() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("gemini").await?;
    let headers = [("x-goog-api-key", key.secret.as_str())];
    let mut rows = Vec::new();
    for (verb, kind) in [
        ("generateContent", "application/json"),
        ("streamGenerateContent?alt=sse", "text/event-stream"),
        ("streamGenerateContent", "application/json"),
    ] {
        let path = format!("/genai/v1beta/models/anthropic/claude-sonnet-4-5:{verb}");
        let body = prompts::contents(USAGE);
        let reply = rig
            .client()
            .send(Method::POST, &path, &headers, body)
            .await?;
        assert_eq!(reply.status, 200, "{verb}: {}", reply.text());
        assert!(reply.header("content-type").starts_with(kind), "{verb}");
        assert!(reply.text().contains("heron"), "{verb}: {}", reply.text());
        if verb == "streamGenerateContent" {
            let chunks = reply.json()?;
            let chunks = chunks.as_array().expect("an array");
            assert!(chunks.len() > 1, "{chunks:?}");
            let last = &chunks[chunks.len() - 1];
            assert_eq!(last["usageMetadata"]["candidatesTokenCount"], 300);
        }
        rows.push(rig.row(reply.header("x-tidegate-request-id")).await?);
    }
    assert_eq!(rows[0].usage, rows[2].usage);
    assert_eq!(rows[0].cost, rows[2].cost);
    assert!(rows[2].streamed && !rows[0].streamed);
    Ok(())
}

#[tokio::test]
async fn arrays_that_grow_are_guarded_element_by_element() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("arrays").await?;
    let rules =
        r#"{"detect":{"kind":"terms","words":["heron"]},"action":{"do":"redact"},"prompts":false}"#;
    rig.guardrail("no herons", rules).await?;
    let headers = [("x-goog-api-key", key.secret.as_str())];
    for model in ["gemini-2.5-flash", "anthropic/claude-sonnet-4-5"] {
        // In one piece too, where the provider answers so.
        for prompt in ["a heron, grey and tall", "[[whole]] a heron, grey and tall"] {
            if model.starts_with("gemini") && prompt.starts_with('[') {
                continue;
            }
            let path = format!("/genai/v1beta/models/{model}:streamGenerateContent");
            let body = prompts::contents(prompt);
            let reply = rig
                .client()
                .send(Method::POST, &path, &headers, body)
                .await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let chunks = reply.json()?;
            assert!(chunks.is_array(), "{model}: {chunks}");
            let text = chunks.to_string();
            assert!(!text.contains("heron") && text.contains("tall"), "{text}");
            assert!(!applied(&rig, &reply).await?.is_empty());
        }
    }
    // What breaks off is no whole array.
    let path = "/genai/v1beta/models/anthropic/claude-sonnet-4-5:streamGenerateContent";
    let body = prompts::contents("[[cut]] a crane, and much more of it");
    let cut = rig.client().send(Method::POST, path, &headers, body).await;
    assert!(cut.is_err() || cut?.json().is_err());
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_said_is_refused_by_name_and_costs_nothing() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("refused").await?;
    rig.budget(&key, MicroUsd::from_micros(1_000_000)).await?;
    let body = CASES[0]
        .ask("heron", false)
        .replacen('{', "{\"logit_bias\":{\"1\":5},", 1);
    let reply = rig.client().post(CASES[0].path, &key.secret, body).await?;
    assert_eq!(reply.status, 400);
    let error = reply.json()?["error"].clone();
    assert_eq!(error["code"], "not_translatable");
    assert_eq!(error["param"], "logit_bias");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|text| text.starts_with("`logit_bias` cannot"))
    );
    assert!(rig.standin.requests().is_empty(), "the provider was asked");
    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    assert_eq!((row.cost, row.outcome), (MicroUsd::ZERO, Outcome::Refused));
    Ok(())
}

#[tokio::test]
async fn a_providers_failure_is_told_in_the_clients_dialect() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("failing").await?;
    for case in CASES {
        for status in [400, 429, 500] {
            let prompt = format!("[[status:{status}]] heron");
            let reply = ask(&rig.client(), &key, case, &prompt, false).await?;
            assert_eq!(reply.status.as_u16(), status, "{}", case.path);
            let error = reply.json()?["error"].clone();
            assert!(
                error["message"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
            assert_eq!(error["code"], "upstream_error");
            let row = rig.row(reply.header("x-tidegate-request-id")).await?;
            assert_eq!(row.cost, MicroUsd::ZERO);
        }
        let reply = ask(
            &rig.client(),
            &key,
            case,
            "[[cut]] heron, and much more of it",
            true,
        )
        .await?;
        assert_eq!(reply.status, 200);
        let text = reply.text();
        assert!(text.contains("\"error\""), "{}: {text}", case.path);
        assert!(
            !text.contains("[DONE]") && !text.contains("message_stop"),
            "{text}"
        );
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.outcome, Outcome::UpstreamBroken);
        assert!(
            row.cost > MicroUsd::ZERO,
            "{}: what was made is charged",
            case.path
        );
    }
    Ok(())
}

#[tokio::test]
async fn guardrails_read_what_the_client_says_and_gets() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("guarded").await?;
    let rules = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    rig.guardrail("no secrets", rules).await?;
    // A made-up key in the shape of AWS', written so that nobody takes it for one.
    let secret = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    for case in CASES {
        for stream in [false, true] {
            let prompt = format!("my key is {secret}, keep it");
            let reply = ask(&rig.client(), &key, case, &prompt, stream).await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
            let seen = rig.standin.requests().pop().expect("it was asked");
            let sent = String::from_utf8_lossy(&seen.body().unwrap_or_default()).into_owned();
            assert!(
                sent.contains("my key is [") && !sent.contains(&secret),
                "{sent}"
            );
            assert!(!reply.text().contains(&secret));
            assert!(!applied(&rig, &reply).await?.is_empty());
        }
    }
    Ok(())
}
