//! Spans of calls at a collector of the test's own: whose children they are, what they say, what they never
//! say; and that no call waits for a collector.

mod collector;
mod pushed;

use std::time::{Duration, Instant};

use http::Method;
use tidegate_harness::{Client, Key, Reply, Rig, RigOptions, eventually};
use tidegate_types::MicroUsd;

use crate::prompts;
use collector::{Collector, Manner, bytes_of, one};

const CHAT: &str = "/openai/v1/chat/completions";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00f067aa0ba902b7";
const BLOCK: &str = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"block"}}"#;

/// A gateway that exports there.
async fn rig(url: &str, more: &str) -> anyhow::Result<Rig> {
    let config = format!("[telemetry]\notlp = \"{url}\"\n{more}\n");
    Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await
}

async fn ask(rig: &Rig, key: &Key, caller: Option<&str>, body: String) -> anyhow::Result<Reply> {
    let bearer = format!("Bearer {}", key.secret);
    let mut headers = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    headers.extend(caller.map(|caller| ("traceparent", caller)));
    rig.client().send(Method::POST, CHAT, &headers, body).await
}

fn caller(flags: &str) -> String {
    format!("00-{TRACE}-{PARENT}-{flags}")
}

#[tokio::test]
async fn a_streamed_call_is_a_span_between_the_callers_and_the_providers() -> anyhow::Result<()> {
    let collector = Collector::start(Manner::Takes).await?;
    let token = tempfile::NamedTempFile::new()?;
    std::fs::write(token.path(), "Basic c2VjcmV0\n")?;
    let more = format!(
        "[telemetry.otlp_headers]\nauthorization = \"file:{}\"",
        token.path().display()
    );
    let rig = rig(&format!("{}/base/", collector.url()), &more).await?;
    let key = rig.key("traced").await?;
    let body = prompts::chat("a very private question", true);
    let reply = ask(&rig, &key, Some(&caller("01")), body).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    // It leaves by itself, not only at the end.
    eventually("the span arrives", || !collector.spans().is_empty()).await?;
    let taken = collector.taken();
    assert_eq!(taken[0].path, "/base/v1/traces");
    assert_eq!(taken[0].header("content-type"), "application/x-protobuf");
    assert_eq!(taken[0].header("authorization"), "Basic c2VjcmV0");
    let resource = collector.resource();
    assert_eq!(one(&resource, "service.name"), "tidegate");
    assert_eq!(one(&resource, "service.version"), env!("CARGO_PKG_VERSION"));
    assert!(!one(&resource, "service.instance.id").is_empty());

    let [span] = &*collector.spans() else {
        panic!("{:?}", collector.spans());
    };
    assert_eq!(span.name, "chat gpt-4o-mini");
    assert_eq!(span.kind, 3, "CLIENT");
    assert_eq!(span.trace_id, bytes_of(TRACE));
    assert_eq!(span.parent_span_id, bytes_of(PARENT));
    let seen = rig.standin.requests().pop().expect("one request");
    let sent = seen.header("traceparent").unwrap_or_default();
    let wanted = format!("00-{TRACE}-{}-01", collector::hex(&span.span_id));
    assert_eq!(sent, wanted, "the provider's parent is the span");

    let row = rig.row(reply.header("x-tidegate-request-id")).await?;
    let said = |name: &str| one(&span.attributes, name);
    assert_eq!(said("gen_ai.operation.name"), "chat");
    assert_eq!(said("gen_ai.provider.name"), "openai");
    assert_eq!(said("gen_ai.request.model"), "gpt-4o-mini");
    assert_eq!(said("gen_ai.response.model"), "gpt-4o-mini");
    assert_eq!(said("gen_ai.request.stream"), "true");
    assert!(said("gen_ai.response.time_to_first_chunk").parse::<f64>()? > 0.0);
    let input = row.usage.total_input().0.to_string();
    let output = row.usage.total_output().0.to_string();
    assert!(row.usage.total_input().0 > 0 && row.usage.total_output().0 > 0);
    assert_eq!(said("gen_ai.usage.input_tokens"), input);
    assert_eq!(said("gen_ai.usage.output_tokens"), output);
    assert_eq!(said("server.address"), "127.0.0.1");
    assert!(
        rig.standin
            .url()
            .ends_with(&format!(":{}", said("server.port")))
    );
    assert_eq!(said("http.response.status_code"), "200");
    assert_eq!(said("error.type"), "");
    assert_eq!(said("tidegate.request.id"), row.id.to_string());
    assert_eq!(said("tidegate.key.id"), key.id.to_string());
    assert_eq!(said("tidegate.outcome"), "completed");
    assert_eq!(said("tidegate.cost.basis"), "priced");
    let cost = said("tidegate.cost.usd").parse::<f64>()?;
    assert_eq!((cost * 1e6).round() as i64, row.cost.micros());
    for taken in collector.taken() {
        assert!(!taken.holds(b"private question") && !taken.holds(key.secret.as_bytes()));
    }
    Ok(())
}

#[tokio::test]
async fn what_is_refused_or_stopped_is_an_error_that_says_by_what() -> anyhow::Result<()> {
    let collector = Collector::start(Manner::Takes).await?;
    let rig = rig(collector.url(), "").await?;
    let poor = rig.key("poor").await?;
    rig.budget(&poor, MicroUsd::from_micros(1)).await?;
    let refused = ask(&rig, &poor, None, prompts::chat("hi", true)).await?;
    assert_eq!(refused.status, 429, "{}", refused.text());
    let key = rig.key("guarded").await?;
    rig.guardrail("no-keys", BLOCK).await?;
    let planted = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    let body = prompts::chat(&format!("my key is {planted}"), false);
    let stopped = ask(&rig, &key, None, body).await?;
    assert_eq!(stopped.status, 400, "{}", stopped.text());
    rig.gateway.stop().await;
    let spans = collector.spans();
    assert_eq!(spans.len(), 2, "all are there at the end");
    for (reply, code) in [(refused, "budget_exceeded"), (stopped, "prompt_blocked")] {
        let id = reply.header("x-tidegate-request-id").to_owned();
        let of_it = |span: &&collector::Span| one(&span.attributes, "tidegate.request.id") == id;
        let span = spans.iter().find(of_it).expect("a span");
        let said = |name: &str| one(&span.attributes, name);
        assert!(span.parent_span_id.is_empty(), "a trace begins with it");
        assert_eq!(span.status.as_ref().map(|status| status.code), Some(2));
        assert_eq!(said("error.type"), code);
        assert_eq!(said("tidegate.refusal.code"), code);
        assert_eq!(said("tidegate.outcome"), "refused");
        let status = reply.status.as_u16().to_string();
        assert_eq!(said("http.response.status_code"), status);
        assert_eq!(said("gen_ai.usage.input_tokens"), "", "nothing was used");
        if code == "prompt_blocked" {
            assert_eq!(said("tidegate.guardrail.name"), "no-keys");
            assert_eq!(said("tidegate.guardrail.phase"), "prompt");
            assert_eq!(said("tidegate.guardrail.action"), "block");
            assert_eq!(said("tidegate.guardrail.mode"), "enforce");
        }
    }
    for taken in collector.taken() {
        assert!(!taken.holds(planted.as_bytes()));
    }
    Ok(())
}

#[tokio::test]
async fn callers_decide_for_their_traces_and_the_ratio_for_ours() -> anyhow::Result<()> {
    for (sample, roots) in [("0.0", 0), ("1.0", 1)] {
        let collector = Collector::start(Manner::Takes).await?;
        let rig = rig(collector.url(), &format!("otlp_sample = {sample}")).await?;
        let key = rig.key("sampled").await?;
        let (recorded, not) = (caller("01"), caller("00"));
        for caller in [Some(&*recorded), Some(&*not), None] {
            let reply = ask(&rig, &key, caller, prompts::chat("hi", false)).await?;
            assert_eq!(reply.status, 200, "{}", reply.text());
        }
        let stranger = Key {
            secret: "sk-tg-nobody".into(),
            ..key
        };
        let reply = ask(&rig, &stranger, Some(&recorded), prompts::chat("hi", false)).await?;
        assert_eq!(reply.status, 401);
        let flags = rig.standin.requests().into_iter().map(|seen| {
            let trace = seen.header("traceparent").unwrap_or_default().to_owned();
            trace.ends_with("-01")
        });
        let flags: Vec<_> = flags.collect();
        assert_eq!(
            flags,
            [true, false, roots == 1],
            "the provider is told the same"
        );
        rig.gateway.stop().await;
        let parents = collector
            .spans()
            .into_iter()
            .map(|span| span.parent_span_id);
        let (began, given): (Vec<_>, Vec<_>) = parents.partition(Vec::is_empty);
        assert_eq!((began.len(), given), (roots, vec![bytes_of(PARENT)]));
    }
    Ok(())
}

/// What became of spans, by the metrics.
async fn fates(rig: &Rig, fate: &str) -> anyhow::Result<u64> {
    let control = Client::http1(&format!("http://{}", rig.gateway.control));
    let text = control.send(Method::GET, "/metrics", &[], "").await?.text();
    let name = format!("tidegate_otlp_spans_total{{fate=\"{fate}\"}} ");
    let found = text.lines().find_map(|line| line.strip_prefix(&name));
    Ok(found.map_or(Ok(0), str::parse)?)
}

#[tokio::test]
async fn a_collector_that_is_gone_or_hangs_costs_its_spans_and_no_call() -> anyhow::Result<()> {
    const CALLS: u64 = 10;
    for manner in [Manner::Gone, Manner::Hangs, Manner::Refuses] {
        let collector = Collector::start(manner).await?;
        let rig = rig(collector.url(), "").await?;
        let key = rig.key("goes on").await?;
        let began = Instant::now();
        for _ in 0..CALLS {
            let reply = ask(&rig, &key, None, prompts::chat("hi", true)).await?;
            assert_eq!(reply.status, 200, "{manner:?}: {}", reply.text());
        }
        // Shorter than one try to reach a collector that says nothing.
        assert!(began.elapsed() < Duration::from_secs(5), "{manner:?}");
        let mut tick = tokio::time::interval(Duration::from_millis(50));
        let mut failed = 0;
        while failed < CALLS {
            failed = fates(&rig, "failed").await?;
            tick.tick().await;
            anyhow::ensure!(began.elapsed() < Duration::from_secs(60), "{manner:?}");
        }
        assert_eq!((failed, fates(&rig, "exported").await?), (CALLS, 0));
        rig.gateway.stop().await;
    }
    Ok(())
}
