//! Spans of calls of every kind, held against the published conventions.
#![expect(
    deprecated,
    reason = "the conventions for generative AI moved to a repository of their own; the names stand"
)]

use std::{collections::HashSet, time::Duration};

use opentelemetry_semantic_conventions::attribute as published;
use tidegate_governance::{
    guardrail::Phase,
    record::{CostBasis, EdgeRow},
};
use tidegate_pipeline::{Facts, Timing};
use tidegate_telemetry::TraceContext;
use tidegate_types::{DeviceId, KeyId, MicroUsd, RequestId, TeamId, Timestamp, UserId};
use tidegate_wire::route::Operation;

use super::*;

const PUBLISHED: &[&str] = &[
    published::ERROR_TYPE,
    published::GEN_AI_OPERATION_NAME,
    published::GEN_AI_PROVIDER_NAME,
    published::GEN_AI_REQUEST_MODEL,
    published::GEN_AI_REQUEST_STREAM,
    published::GEN_AI_RESPONSE_MODEL,
    published::GEN_AI_RESPONSE_TIME_TO_FIRST_CHUNK,
    published::GEN_AI_USAGE_CACHE_CREATION_INPUT_TOKENS,
    published::GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS,
    published::GEN_AI_USAGE_INPUT_TOKENS,
    published::GEN_AI_USAGE_OUTPUT_TOKENS,
    published::GEN_AI_USAGE_REASONING_OUTPUT_TOKENS,
    published::HTTP_RESPONSE_STATUS_CODE,
    published::SERVER_ADDRESS,
    published::SERVER_PORT,
];

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A call of which everything is known.
fn ended() -> Ended {
    let at: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
    let mut facts = Facts::new(RequestId::from_parts(at, 1), at);
    facts.operation = Some(Operation::ChatCompletions);
    facts.key = Some(KeyId::from_parts(at, 2));
    facts.team = Some(TeamId::from_parts(at, 3));
    facts.user = Some(UserId::from_parts(at, 4));
    facts.provider = Some("near".parse().unwrap());
    facts.model = Some("gpt-4o".parse().unwrap());
    facts.served_model = Some("gpt-4o-2024-08-06".into());
    facts.status = 200;
    facts.outcome = Outcome::Completed;
    facts.streamed = true;
    facts.usage = Usage {
        input: 100,
        cached: 20,
        cache_write_5m: 3,
        cache_write_1h: 4,
        output: 50,
        reasoning: 30,
        source: UsageSource::Reported,
        ..Usage::default()
    };
    facts.cost = MicroUsd::from_micros(1_250);
    facts.cost_basis = CostBasis::Priced;
    let parent = TraceContext::parse(PARENT).unwrap();
    Ended {
        spanned: true,
        facts,
        trace: parent.child(),
        parent: Some(parent.span),
        timing: Timing {
            duration_us: 2_000_000,
            overhead_us: 300,
            ttft_us: Some(750_000),
        },
        sent_at: Some(Duration::from_millis(250)),
        upstream_error: None,
    }
}

fn applied(guardrail: &str, shadow: bool) -> Applied {
    Applied {
        guardrail: guardrail.into(),
        detector: "github-pat".into(),
        phase: Phase::Prompt,
        action: "block".into(),
        shadow,
        count: 2,
        places: vec!["text".into()],
        error: None,
        micros: 5,
    }
}

fn made(ended: &Ended) -> SpanData {
    let server = Server {
        name: "openai",
        address: "api.openai.com".into(),
        port: 443,
    };
    let servers = Servers::from([("near".parse().unwrap(), server)]);
    of(ended, &servers, &InstrumentationScope::builder("t").build())
}

fn value(span: &SpanData, name: &str) -> Option<Value> {
    let mut found = span
        .attributes
        .iter()
        .filter(|one| one.key.as_str() == name);
    let value = found.next().map(|one| one.value.clone());
    assert!(found.next().is_none(), "{name} stands twice");
    value
}

#[test]
fn every_name_is_published_or_in_our_own_namespace() {
    let mut streamed = ended();
    streamed.facts.guardrails = vec![applied("keys", false)];
    streamed.facts.code = Some("prompt_blocked");
    let mut relayed = ended();
    let at = relayed.facts.arrived;
    let device = DeviceId::from_parts(at, 5);
    let edge = EdgeRow::new(
        device,
        "claude-code",
        "ada",
        "/bin/claude",
        "api.anthropic.com",
    );
    relayed.facts.edge = Some(Box::new(edge));
    let mut used = HashSet::new();
    for ended in [streamed, relayed] {
        used.extend(made(&ended).attributes.into_iter().map(|one| one.key));
    }
    let (own, theirs): (Vec<_>, Vec<_>) = used
        .iter()
        .map(opentelemetry::Key::as_str)
        .partition(|name| name.starts_with("tidegate."));
    let theirs: HashSet<&str> = theirs.into_iter().collect();
    assert_eq!(theirs, PUBLISHED.iter().copied().collect());
    assert_eq!(own.len(), 18, "{own:?}");
}

#[test]
fn a_streamed_call_says_what_it_was_and_used() {
    let ended = ended();
    let span = made(&ended);
    assert_eq!(span.name, "chat gpt-4o");
    assert_eq!(span.span_kind, SpanKind::Client);
    assert_eq!(span.status, Status::Unset);
    assert_eq!(
        span.span_context.trace_id().to_string(),
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
    assert_eq!(
        span.span_context.span_id().to_string(),
        ended.trace.span.to_string()
    );
    assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
    let took = span.end_time.duration_since(span.start_time).unwrap();
    assert_eq!(took, Duration::from_secs(2));
    for (name, wanted) in [
        (names::INPUT, Value::I64(127)),
        (names::CACHE_READ, Value::I64(20)),
        (names::CACHE_CREATION, Value::I64(7)),
        (names::OUTPUT, Value::I64(50)),
        (names::REASONING, Value::I64(30)),
        (names::FIRST_CHUNK, Value::F64(0.5)),
        (names::OWN_COST, Value::F64(0.001_25)),
        (names::RESPONSE_MODEL, "gpt-4o-2024-08-06".into()),
        (names::ADDRESS, "api.openai.com".into()),
        (names::STATUS, Value::I64(200)),
    ] {
        assert_eq!(value(&span, name), Some(wanted), "{name}");
    }
    assert_eq!(value(&span, names::ERROR_TYPE), None);
}

#[test]
fn a_guardrail_is_named_and_what_it_found_is_not() {
    let mut ended = ended();
    ended.facts.guardrails = vec![applied("keys", false), applied("people", true)];
    let span = made(&ended);
    let list = |texts: [&'static str; 2]| {
        let texts = texts.into_iter().map(StringValue::from);
        Some(Value::Array(Array::String(texts.collect())))
    };
    assert_eq!(
        value(&span, names::OWN_GUARDRAIL_NAME),
        list(["keys", "people"])
    );
    assert_eq!(
        value(&span, names::OWN_GUARDRAIL_MODE),
        list(["enforce", "shadow"])
    );
    assert_eq!(
        value(&span, names::OWN_GUARDRAIL_PHASE),
        list(["prompt", "prompt"])
    );
    assert!(!format!("{span:?}").contains("github-pat"));
}

#[test]
fn what_went_wrong_is_an_error_of_few_kinds() {
    let kind = |change: fn(&mut Ended)| {
        let mut ended = ended();
        change(&mut ended);
        let span = made(&ended);
        let kind = value(&span, names::ERROR_TYPE).map(|kind| kind.to_string());
        assert_eq!(kind.is_some(), matches!(span.status, Status::Error { .. }));
        kind.unwrap_or_default()
    };
    assert_eq!(
        kind(|call| call.facts.code = Some("budget_exceeded")),
        "budget_exceeded"
    );
    assert_eq!(kind(|call| call.facts.status = 429), "429");
    assert_eq!(
        kind(|call| call.upstream_error = Some("timeout")),
        "timeout"
    );
    assert_eq!(
        kind(|call| call.facts.outcome = Outcome::ClientGone),
        "client_gone"
    );
    assert_eq!(kind(|_| {}), "");
}

#[test]
fn hosts_are_providers_by_the_conventions_names() {
    for (host, name) in [
        ("api.openai.com", Some("openai")),
        ("contoso.openai.azure.com", Some("azure.ai.openai")),
        (
            "europe-west4-aiplatform.googleapis.com",
            Some("gcp.vertex_ai"),
        ),
        ("notapi.openai.com", None),
        ("127.0.0.1", None),
    ] {
        assert_eq!(names::by_host(host), name, "{host}");
    }
}
