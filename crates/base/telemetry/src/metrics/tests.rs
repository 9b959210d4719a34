//! The text that Prometheus reads, after calls with known numbers.

use std::time::{Duration, Instant};

use tidegate_types::{MicroUsd, Usage};

use super::*;

fn provider() -> ProviderName {
    "openai".parse().unwrap()
}

/// The value of the series that starts with exactly these words.
fn value(text: &str, series: &str) -> Option<f64> {
    text.lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

fn sample(provider: &ProviderName) -> Observation<'_> {
    Observation {
        provider: Some(provider),
        priced_model: Some("gpt-4o-mini"),
        usage: Usage {
            input: 100,
            cached: 20,
            output: 50,
            reasoning: 30,
            ..Usage::default()
        },
        cost: MicroUsd::from_micros(1_234),
        duration: Duration::from_millis(300),
        overhead: Duration::from_micros(12),
        upstream: Some(Duration::from_millis(280)),
        ttft: Some(Duration::from_millis(90)),
        ..Observation::new("chat.completions", 200, Ending::Completed)
    }
}

#[test]
fn a_call_shows_in_every_series_it_belongs_to() {
    let metrics = Metrics::new("1.2.3");
    let provider = provider();
    let mut gaps = Gaps::default();
    gaps.record(Duration::from_micros(1_500));
    gaps.record(Duration::from_secs(60));
    metrics.observe(&Observation {
        gaps: Some(&gaps),
        ..sample(&provider)
    });
    metrics.observe(&sample(&provider));
    let text = metrics.encode();
    let route = r#"operation="chat.completions",provider="openai""#;
    for (series, want) in [
        (
            format!(r#"tidegate_requests_total{{{route},status_class="2xx",outcome="completed"}}"#),
            2.0,
        ),
        (
            r#"tidegate_tokens_total{provider="openai",model="gpt-4o-mini",kind="input"}"#
                .to_owned(),
            200.0,
        ),
        (
            r#"tidegate_tokens_total{provider="openai",model="gpt-4o-mini",kind="output"}"#
                .to_owned(),
            40.0,
        ),
        (
            r#"tidegate_tokens_total{provider="openai",model="gpt-4o-mini",kind="reasoning"}"#
                .to_owned(),
            60.0,
        ),
        (
            r#"tidegate_cost_micro_usd_total{provider="openai"}"#.to_owned(),
            2_468.0,
        ),
        ("tidegate_overhead_seconds_count".to_owned(), 2.0),
        (
            r#"tidegate_overhead_seconds_bucket{le="0.00001"}"#.to_owned(),
            0.0,
        ),
        (
            r#"tidegate_overhead_seconds_bucket{le="0.000015"}"#.to_owned(),
            2.0,
        ),
        (
            r#"tidegate_overhead_seconds_bucket{le="+Inf"}"#.to_owned(),
            2.0,
        ),
        ("tidegate_overhead_seconds_sum".to_owned(), 0.000_024),
        (
            format!("tidegate_request_duration_seconds_sum{{{route}}}"),
            0.6,
        ),
        (format!("tidegate_ttft_seconds_count{{{route}}}"), 2.0),
        (
            r#"tidegate_upstream_seconds_sum{provider="openai"}"#.to_owned(),
            0.56,
        ),
        (
            r#"tidegate_inter_event_seconds_count{provider="openai"}"#.to_owned(),
            2.0,
        ),
        (
            r#"tidegate_inter_event_seconds_sum{provider="openai"}"#.to_owned(),
            60.0015,
        ),
        (r#"tidegate_build_info{version="1.2.3"}"#.to_owned(), 1.0),
    ] {
        assert_eq!(value(&text, &series), Some(want), "{series}\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    assert!(
        !text.contains(r#"kind="output_audio""#),
        "no series without a value"
    );
}

#[test]
fn refusals_are_counted_by_code_and_rule() {
    let metrics = Metrics::new("0");
    let provider = provider();
    let refused = Observation::new("chat.completions", 429, Ending::Refused);
    let limit = RefusedBy::Limit {
        kind: "tokens",
        scope: "team",
    };
    metrics.observe(&Observation {
        refusal: Some("rate_limited"),
        refused_by: Some(limit),
        ..refused
    });
    metrics.observe(&Observation {
        refusal: Some("budget_exhausted"),
        refused_by: Some(RefusedBy::Budget { scope: "key" }),
        ..refused
    });
    metrics.observe(&Observation {
        provider: Some(&provider),
        upstream_error: Some("connect"),
        unpriced: true,
        ..Observation::new("chat.completions", 502, Ending::Refused)
    });
    let text = metrics.encode();
    for (series, want) in [
        (r#"tidegate_refusals_total{code="rate_limited"}"#, 1.0),
        (
            r#"tidegate_limit_refusals_total{kind="tokens",scope="team"}"#,
            1.0,
        ),
        (r#"tidegate_budget_refusals_total{scope="key"}"#, 1.0),
        (
            r#"tidegate_upstream_errors_total{provider="openai",class="connect"}"#,
            1.0,
        ),
        ("tidegate_unpriced_requests_total", 1.0),
        (
            r#"tidegate_requests_total{operation="chat.completions",provider="none",status_class="4xx",outcome="refused"}"#,
            2.0,
        ),
    ] {
        assert_eq!(value(&text, series), Some(want), "{series}\n{text}");
    }
}

#[test]
fn state_is_shown_as_it_is_now() {
    let metrics = Metrics::new("0");
    let first = metrics.enter();
    let second = metrics.enter();
    drop(first);
    metrics.set_log_queue_depth(7);
    metrics.log_dropped(3);
    metrics.set_snapshot_revision(42);
    metrics.body_memory(4_096);
    metrics.body_memory(-1_024);
    metrics.cached("hit", MicroUsd::from_micros(30));
    metrics.cached("miss", MicroUsd::ZERO);
    metrics.cache_state(4_000, 2);
    metrics.cache_state(3_000, 1);
    let second_best = "b".parse().unwrap();
    metrics.shadow(&second_best, ShadowFate::Answered);
    metrics.shadow(&second_best, ShadowFate::Dropped);
    let took = Duration::from_secs(2);
    metrics.shadow_answer(&second_best, took, Some(took), MicroUsd::from_micros(9));
    let text = metrics.encode();
    for (series, want) in [
        ("tidegate_in_flight", 1.0),
        ("tidegate_log_queue_depth", 7.0),
        ("tidegate_log_dropped_total", 3.0),
        ("tidegate_snapshot_revision", 42.0),
        ("tidegate_body_memory_bytes", 3_072.0),
        (r#"tidegate_cache_lookups_total{result="hit"}"#, 1.0),
        (r#"tidegate_cache_lookups_total{result="miss"}"#, 1.0),
        ("tidegate_cache_saved_micro_usd_total", 30.0),
        ("tidegate_cache_bytes", 3_000.0),
        ("tidegate_cache_evictions_total", 3.0),
        (
            r#"tidegate_shadow_requests_total{provider="b",result="answered"}"#,
            1.0,
        ),
        (
            r#"tidegate_shadow_requests_total{provider="b",result="dropped"}"#,
            1.0,
        ),
        (r#"tidegate_shadow_cost_micro_usd_total{provider="b"}"#, 9.0),
        (r#"tidegate_shadow_duration_seconds_sum{provider="b"}"#, 2.0),
        (r#"tidegate_shadow_ttft_seconds_count{provider="b"}"#, 1.0),
    ] {
        assert_eq!(value(&text, series), Some(want), "{series}");
    }
    drop(second);
    assert_eq!(value(&metrics.encode(), "tidegate_in_flight"), Some(0.0));
}

#[test]
fn models_beyond_the_bound_and_unpriced_ones_share_a_label() {
    let metrics = Metrics::new("0");
    let provider = provider();
    for n in 0..MAX_MODELS + 10 {
        let model = format!("model-{n}");
        metrics.observe(&Observation {
            priced_model: Some(&model),
            ..sample(&provider)
        });
    }
    metrics.observe(&Observation {
        priced_model: None,
        ..sample(&provider)
    });
    let text = metrics.encode();
    let other = r#"tidegate_tokens_total{provider="openai",model="other",kind="input"}"#;
    assert_eq!(value(&text, other), Some(1_100.0));
    let series = text.matches(r#"kind="input"}"#).count();
    assert!(series <= MAX_MODELS + 1, "{series}");
}

#[test]
fn no_call_is_lost_when_threads_meet_a_route_for_the_first_time() {
    let metrics = Metrics::new("0");
    let provider = provider();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..500).for_each(|_| metrics.observe(&sample(&provider))));
        }
    });
    let text = metrics.encode();
    let route = r#"operation="chat.completions",provider="openai""#;
    let calls =
        format!(r#"tidegate_requests_total{{{route},status_class="2xx",outcome="completed"}}"#);
    assert_eq!(value(&text, &calls), Some(4_000.0));
    assert_eq!(
        value(&text, &format!("tidegate_ttft_seconds_count{{{route}}}")),
        Some(4_000.0)
    );
}

/// Prints the cost of one call's updates, of the best of many rounds, since other work on the
/// machine only ever adds. The bound is loose enough for any build.
#[test]
fn one_call_costs_little() {
    let metrics = Metrics::new("0");
    let provider = provider();
    let call = sample(&provider);
    metrics.observe(&call);
    let round = || {
        let start = Instant::now();
        for _ in 0..100 {
            metrics.observe(std::hint::black_box(&call));
        }
        start.elapsed() / 100
    };
    let best = (0..200).map(|_| round()).min().unwrap();
    println!("{} ns for the updates of one call", best.as_nanos());
    assert!(best < Duration::from_micros(20), "{best:?}");
}

#[test]
fn guardrails_are_counted_and_their_names_bounded() {
    let metrics = Metrics::new("1");
    metrics.guardrail(("keys", "prompt"), "redact", false, 2);
    metrics.guardrail(("keys", "prompt"), "redact", false, 1);
    for n in 0..MAX_GUARDRAILS {
        metrics.guardrail((&format!("g{n}"), "answer"), "block", true, 1);
    }
    let text = metrics.encode();
    let series = r#"tidegate_guardrail_actions_total{guardrail="keys",phase="prompt",action="redact",shadow="false"}"#;
    assert_eq!(value(&text, series), Some(3.0));
    let other = r#"tidegate_guardrail_actions_total{guardrail="other",phase="answer",action="block",shadow="true"}"#;
    assert_eq!(value(&text, other), Some(1.0));
}
