//! Providers that answer in one piece though a stream was asked for: the client gets its stream all the same, in its
//! own dialect, guarded and billed as any answer.

use http::Method;
use tidegate_governance::{guardrail::Phase, record::Outcome};
use tidegate_harness::{Key, Reply, Rig};
use tidegate_types::MicroUsd;

use crate::{
    guardrails::{applied, said},
    prompts,
};

/// Where a client asks, what, and the last thing that its stream says.
type Case = (&'static str, fn(&str, bool) -> String, &'static str);

/// The dialects by themselves, and two that are translated.
const CASES: [Case; 5] = [
    (
        "/openai/v1/chat/completions",
        prompts::chat,
        "data: [DONE]\n\n",
    ),
    ("/openai/v1/responses", prompts::response, "\n\n"),
    ("/anthropic/v1/messages", prompts::message, STOP),
    (
        "/v1/chat/completions",
        |prompt, stream| prompts::chat_with("anthropic/claude-sonnet-4-5", prompt, stream),
        "data: [DONE]\n\n",
    ),
    (
        "/v1/messages",
        |prompt, stream| {
            prompts::message(prompt, stream).replace("claude-sonnet-4-5", "openai/gpt-4o-mini")
        },
        STOP,
    ),
];
const STOP: &str = "data: {\"type\":\"message_stop\"}\n\n";
const USAGE: &str = "heron [[usage:input=1000,cached=200,output=300]]";

async fn ask(rig: &Rig, key: &Key, case: &Case, prompt: &str) -> anyhow::Result<Reply> {
    let (path, body, _) = case;
    let body = body(&format!("[[whole]] {prompt}"), true);
    rig.client().post(path, &key.secret, body).await
}

#[tokio::test]
async fn the_client_gets_its_stream_and_pays_what_the_answer_says() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("whole").await?;
    for case in &CASES {
        let (path, body, ending) = case;
        let reply = ask(&rig, &key, case, USAGE).await?;
        assert_eq!(reply.status, 200, "{path}: {}", reply.text());
        let text = reply.text();
        let kind = reply.header("content-type");
        assert!(kind.starts_with("text/event-stream"), "{path}: {kind}");
        assert!(text.ends_with(ending), "{path}: {text}");
        assert!(said(&reply).contains("heron"), "{path}: {text}");
        if path.ends_with("chat/completions") {
            assert!(!text.contains("prompt_tokens"), "nobody asked: {text}");
        }
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!((row.usage.cached, row.usage.output), (200, 300), "{path}");
        assert_eq!(row.outcome, Outcome::Completed);
        let plain = body(USAGE, false);
        let plain = rig.client().post(path, &key.secret, plain).await?;
        let plain = rig.row(plain.header("x-tidegate-request-id")).await?;
        assert_eq!(row.usage, plain.usage, "{path}");
        assert!(row.cost > MicroUsd::ZERO && row.cost == plain.cost);
    }
    Ok(())
}

#[tokio::test]
async fn guardrails_see_the_answer_and_may_change_or_stop_it() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("guarded").await?;
    let rules =
        r#"{"detect":{"kind":"terms","words":["heron"]},"action":{"do":"redact"},"prompts":false}"#;
    rig.guardrail("no herons", rules).await?;
    let rules =
        r#"{"detect":{"kind":"terms","words":["osprey"]},"action":{"do":"block"},"prompts":false}"#;
    rig.guardrail("no ospreys", rules).await?;
    for case in &CASES {
        let reply = ask(&rig, &key, case, "a heron, grey").await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let said = said(&reply);
        assert!(!said.contains("heron") && said.contains("grey"), "{said}");
        assert!(reply.text().ends_with(case.2), "{}", reply.text());
        let applied = applied(&rig, &reply).await?;
        assert!(applied.iter().all(|done| done.phase == Phase::Answer));
        assert!(!applied.is_empty());

        let reply = ask(&rig, &key, case, "an osprey").await?;
        assert_eq!(reply.status, 400, "{}", reply.text());
        let told = reply.json()?["error"]["code"].clone();
        assert_eq!(told, "answer_blocked", "{}", case.0);
        assert!(!reply.text().contains("an osprey"), "{}", reply.text());
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.outcome, Outcome::Refused);
        assert!(row.cost > MicroUsd::ZERO, "what was made is charged");
    }
    Ok(())
}

#[tokio::test]
async fn what_breaks_off_is_no_answer() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("cut").await?;
    for case in &CASES {
        let reply = ask(&rig, &key, case, "[[cut]] heron, and much more of it").await?;
        assert_eq!(reply.status, 502, "{}", reply.text());
        assert!(!reply.text().contains("heron"), "{}", reply.text());
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.outcome, Outcome::UpstreamBroken);
    }
    Ok(())
}

#[tokio::test]
async fn geminis_events_are_told_and_what_our_streams_do_not_say_passes_as_it_came()
-> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("others").await?;
    let path = "/genai/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
    let headers = [("x-goog-api-key", key.secret.as_str())];
    let body = prompts::contents("[[whole]] heron");
    let reply = rig
        .client()
        .send(Method::POST, path, &headers, body)
        .await?;
    let kind = reply.header("content-type");
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    let text = reply.text();
    assert!(
        text.starts_with("data: {") && text.contains("heron"),
        "{text}"
    );

    // Log probabilities are nothing that a stream of ours tells.
    let body = prompts::chat("[[whole]] heron", true).replacen('{', "{\"logprobs\":true,", 1);
    let reply = rig
        .client()
        .post("/openai/v1/chat/completions", &key.secret, body)
        .await?;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("content-type"), "application/json");
    assert!(said(&reply).contains("heron"), "{}", reply.text());
    Ok(())
}
