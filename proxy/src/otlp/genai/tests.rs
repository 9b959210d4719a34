//! Names, bounds, and what is counted of which call.

use opentelemetry_semantic_conventions::{attribute, metric};

use super::*;

const SPAN: Span = Span { start: 1, now: 2 };

fn call() -> Done<'static> {
    Done {
        operation: "chat",
        provider: "openai",
        address: "api.openai.com",
        port: 443,
        requested: Some("gpt-4o"),
        served: Some("gpt-4o-2024-08-06"),
        error: None,
        duration: Duration::from_millis(2_100),
        sent: Some(Duration::from_millis(100)),
        first: Some(Duration::from_millis(600)),
        tokens: Some((1_000, 16)),
    }
}

fn points(of: &GenAi, name: &str) -> Vec<HistogramDataPoint> {
    let found = of
        .metrics(SPAN)
        .into_iter()
        .find(|metric| metric.name == name);
    match found.and_then(|metric| metric.data) {
        Some(Data::Histogram(histogram)) => histogram.data_points,
        None => Vec::new(),
        other => panic!("{other:?}"),
    }
}

#[test]
#[expect(
    deprecated,
    reason = "the conventions moved to a repository of their own; the crate still has these"
)]
fn names_and_attributes_are_the_published_ones() {
    let published = [
        metric::GEN_AI_CLIENT_OPERATION_DURATION,
        metric::GEN_AI_CLIENT_OPERATION_TIME_TO_FIRST_CHUNK,
        metric::GEN_AI_CLIENT_TOKEN_USAGE,
        metric::GEN_AI_SERVER_REQUEST_DURATION,
        metric::GEN_AI_SERVER_TIME_TO_FIRST_TOKEN,
        metric::GEN_AI_SERVER_TIME_PER_OUTPUT_TOKEN,
    ];
    assert_eq!(Instrument::ALL.map(|one| one.is().0), published);
    let known = [
        attribute::ERROR_TYPE,
        attribute::GEN_AI_OPERATION_NAME,
        attribute::GEN_AI_PROVIDER_NAME,
        attribute::GEN_AI_REQUEST_MODEL,
        attribute::GEN_AI_RESPONSE_MODEL,
        attribute::GEN_AI_TOKEN_TYPE,
        attribute::SERVER_ADDRESS,
        attribute::SERVER_PORT,
    ];
    let all = GenAi::default();
    all.record(&call());
    all.record(&Done {
        error: Some("timeout".into()),
        ..call()
    });
    for metric in all.metrics(SPAN) {
        for point in points(&all, &metric.name) {
            for attribute in point.attributes {
                assert!(known.contains(&&*attribute.key), "{}", attribute.key);
            }
        }
    }
}

#[test]
fn a_stream_is_counted_in_each_and_in_the_right_bucket() {
    let all = GenAi::default();
    all.record(&call());
    let one = |name: &str| {
        let points = points(&all, name);
        assert_eq!(points.len(), 1, "{name}");
        let point = points[0].clone();
        assert_eq!(point.count, 1);
        assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
        let at = point
            .bucket_counts
            .iter()
            .position(|&count| count == 1)
            .unwrap();
        (
            point.sum.unwrap(),
            point.explicit_bounds.get(at).copied().unwrap(),
        )
    };
    let near = |(sum, bound): (f64, f64), wanted: (f64, f64)| {
        assert!(
            (sum - wanted.0).abs() < 1e-9 && bound == wanted.1,
            "{sum} {bound}"
        );
    };
    near(one("gen_ai.server.request.duration"), (2.1, 2.56));
    near(one("gen_ai.client.operation.duration"), (2.0, 2.56));
    near(
        one("gen_ai.client.operation.time_to_first_chunk"),
        (0.5, 0.64),
    );
    near(one("gen_ai.server.time_to_first_token"), (0.6, 0.75));
    near(one("gen_ai.server.time_per_output_token"), (0.1, 0.1));
    let tokens = points(&all, "gen_ai.client.token.usage");
    let mut sums: Vec<_> = tokens.iter().filter_map(|point| point.sum).collect();
    sums.sort_by(f64::total_cmp);
    assert_eq!(sums, [16.0, 1_000.0]);
}

#[test]
fn a_failed_call_has_no_times_of_tokens_and_says_why_it_failed() {
    let all = GenAi::default();
    all.record(&Done {
        error: Some("timeout".into()),
        first: None,
        tokens: None,
        ..call()
    });
    assert_eq!(points(&all, "gen_ai.client.operation.duration").len(), 1);
    for name in [
        "gen_ai.server.time_to_first_token",
        "gen_ai.server.time_per_output_token",
        "gen_ai.client.token.usage",
    ] {
        assert!(points(&all, name).is_empty(), "{name}");
    }
    let failed = &points(&all, "gen_ai.server.request.duration")[0];
    assert!(failed.attributes.contains(&text("error.type", "timeout")));
}

#[test]
fn models_without_end_do_not_grow_it_without_end() {
    let all = GenAi::default();
    for model in 0..10 * MOST {
        let name = model.to_string();
        all.record(&Done {
            requested: Some(&name),
            ..call()
        });
    }
    let series = all.0.lock().unwrap().len();
    assert!(series <= (MOST + 2) * Instrument::ALL.len(), "{series}");
    let durations = points(&all, "gen_ai.server.request.duration");
    let counted: u64 = durations.iter().map(|point| point.count).sum();
    assert_eq!(counted, 10 * MOST as u64);
}
