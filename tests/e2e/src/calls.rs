//! The governed call: the answer is the provider's to the byte, and it is priced and logged.

use http::Method;
use tidegate_governance::record::{CostBasis, Outcome};
use tidegate_harness::{Key, Reply, Rig};
use tidegate_types::UsageSource;

use crate::prompts;

struct Case {
    path: &'static str,
    direct: &'static str,
    body: fn(&str, bool) -> String,
}

const CASES: &[Case] = &[
    Case {
        path: "/openai/v1/chat/completions",
        direct: "/v1/chat/completions",
        body: prompts::chat,
    },
    Case {
        path: "/openai/v1/responses",
        direct: "/v1/responses",
        body: prompts::response,
    },
    Case {
        path: "/anthropic/v1/messages",
        direct: "/v1/messages",
        body: prompts::message,
    },
];

const USAGE: &str = "hello [[usage:input=1000,cached=200,output=300,reasoning=50]]";

/// The answer without the stand-in's running number, which differs from call to call.
fn normal(reply: &Reply) -> String {
    let text = reply.text();
    let mut parts = text.split("standin");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |mut whole, part| {
        let rest = part.strip_prefix(['-', '_']).unwrap_or(part);
        whole.push_str(rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        whole
    })
}

async fn through(rig: &Rig, key: &Key, path: &str, body: &str) -> anyhow::Result<Reply> {
    let reply = rig
        .client()
        .post(path, &key.secret, body.to_owned())
        .await?;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    Ok(reply)
}

#[tokio::test]
async fn streamed_and_not_cost_the_same_and_nothing_in_the_answer_changes() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("calls").await?;
    for case in CASES {
        let mut rows = Vec::new();
        for stream in [false, true] {
            let body = (case.body)(USAGE, stream);
            let reply = through(&rig, &key, case.path, &body).await?;
            let direct = rig.direct().post(case.direct, "any", body).await?;
            assert_eq!(
                normal(&reply),
                normal(&direct),
                "{} stream={stream}",
                case.path
            );
            assert_eq!(reply.header("content-type"), direct.header("content-type"));
            rows.push(rig.row(reply.header("x-tidegate-request-id")).await?);
        }
        let (whole, streamed) = (&rows[0], &rows[1]);
        assert_eq!(whole.usage, streamed.usage, "{}", case.path);
        assert_eq!(whole.usage.source, UsageSource::Reported);
        assert_eq!(whole.usage.cached, 200);
        assert_eq!(whole.cost, streamed.cost);
        assert!(whole.cost.micros() > 0);
        assert_eq!((whole.streamed, streamed.streamed), (false, true));
        assert_eq!(whole.cost_basis, CostBasis::Priced);
        assert_eq!(whole.outcome, Outcome::Completed);
        assert_eq!(whole.key, Some(key.id));
    }
    Ok(())
}

#[tokio::test]
async fn gemini_is_governed_streamed_or_not() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("gemini").await?;
    let body = prompts::contents(USAGE);
    let mut rows = Vec::new();
    for verb in [
        "generateContent",
        "streamGenerateContent?alt=sse",
        "streamGenerateContent",
    ] {
        let path = format!("/genai/v1beta/models/gemini-2.5-flash:{verb}");
        let headers = [("x-goog-api-key", key.secret.as_str())];
        let reply = rig
            .client()
            .send(Method::POST, &path, &headers, body.clone())
            .await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        rows.push(rig.row(reply.header("x-tidegate-request-id")).await?);
    }
    assert!(rows[0].cost.micros() > 0);
    assert_eq!(rows[0].usage, rows[1].usage);
    assert_eq!(rows[0].usage, rows[2].usage);
    Ok(())
}

#[tokio::test]
async fn the_unified_api_takes_provider_and_model() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("unified").await?;
    for (path, body) in [
        ("/v1/chat/completions", prompts::chat("hi", false)),
        ("/v1/messages", prompts::message("hi", false)),
    ] {
        let qualified = body
            .replace("\"gpt-4o-mini\"", "\"openai/gpt-4o-mini\"")
            .replace("\"claude-sonnet-4-5\"", "\"anthropic/claude-sonnet-4-5\"");
        rig.standin.clear();
        through(&rig, &key, path, &qualified).await?;
        let seen = rig.standin.requests();
        let sent = seen
            .first()
            .and_then(tidegate_loadtest::standin::Seen::body);
        assert_eq!(
            sent.as_deref(),
            Some(body.as_bytes()),
            "only the model's prefix is gone"
        );
    }
    let models = rig.client().get("/v1/models", &key.secret).await?.json()?;
    let ids = models["data"].as_array().map(Vec::len).unwrap_or_default();
    assert!(ids > 20, "{models}");
    let rows = rig.rows(&key).await?;
    let listed = rows.iter().filter(|row| row.provider.is_none());
    assert_eq!(
        listed.count(),
        1,
        "the gateway's own answers are logged too"
    );
    Ok(())
}

#[tokio::test]
async fn the_upstream_sees_its_own_credential_and_nothing_of_the_clients() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("credential").await?;
    let headers = [
        ("authorization", format!("Bearer {}", key.secret)),
        ("cookie", "session=1".into()),
        ("x-forwarded-for", "10.1.1.1".into()),
        ("openai-organization", "org-spoofed".into()),
        ("x-stainless-lang", "python".into()),
        (
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
        ),
    ];
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let body = prompts::chat("hi", false);
    let path = "/openai/v1/chat/completions";
    let reply = rig
        .client()
        .send(Method::POST, path, &headers, body)
        .await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let seen = rig.standin.requests().pop().expect("one request");
    assert_eq!(seen.header("authorization"), Some("Bearer upstream-secret"));
    for gone in ["cookie", "x-forwarded-for", "openai-organization"] {
        assert_eq!(seen.header(gone), None, "{gone}");
    }
    assert_eq!(seen.header("x-stainless-lang"), Some("python"));
    let trace = seen.header("traceparent").unwrap_or_default();
    assert!(
        trace.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
        "{trace}"
    );
    assert!(
        !trace.contains("b7ad6b7169203331"),
        "the span is ours: {trace}"
    );
    assert!(
        seen.headers
            .iter()
            .all(|(_, value)| !value.contains(&key.secret))
    );
    Ok(())
}

#[tokio::test]
async fn prompts_are_stored_only_where_the_key_says_so() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let silent = rig.key("silent").await?;
    let kept = rig
        .key_with("kept", Default::default(), |new| new.log_content = true)
        .await?;
    for (key, stored) in [(&silent, false), (&kept, true)] {
        let body = prompts::chat("a very private question", true);
        let reply = through(&rig, key, "/openai/v1/chat/completions", &body).await?;
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.has_content, stored);
        let (_, content) = rig.store.request(row.id).await?;
        assert_eq!(content.is_some(), stored);
        if let Some(content) = content {
            assert_eq!(content.prompt, body.as_bytes());
            assert_eq!(content.answer, reply.body);
        }
    }
    Ok(())
}
