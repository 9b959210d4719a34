//! Metrics at a collector: every call is counted, also those whose spans are not exported, by the published names; and
//! a collector that is gone costs nothing but counted pushes.

use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::{
    collector::metrics::v1::ExportMetricsServiceRequest,
    metrics::v1::{Metric, metric::Data},
};
use prost::Message;
use tidegate_harness::{Rig, eventually};

use super::{CHAT, Collector, Manner, collector::one, prompts};

const PUSHES: &str = "otlp_interval = \"1s\"\notlp_signals = [\"metrics\"]";

fn pushed(collector: &Collector) -> Vec<Metric> {
    let taken = collector.taken();
    let last = taken.iter().rev().find(|taken| taken.path == "/v1/metrics");
    let Some(last) = last else { return Vec::new() };
    let message =
        ExportMetricsServiceRequest::decode(last.raw()).expect("protobuf of the protocol");
    let scopes = message
        .resource_metrics
        .into_iter()
        .flat_map(|one| one.scope_metrics);
    scopes.flat_map(|scope| scope.metrics).collect()
}

/// How many values a histogram has whose attribute is that.
fn count(metrics: &[Metric], name: &str, attribute: (&str, &str)) -> u64 {
    let of = metrics.iter().filter(|metric| metric.name == name);
    let points = of.filter_map(|metric| match &metric.data {
        Some(Data::Histogram(histogram)) => Some(&histogram.data_points),
        _ => None,
    });
    let points = points
        .flatten()
        .filter(|point| one(&point.attributes, attribute.0) == attribute.1);
    points.map(|point| point.count).sum()
}

#[tokio::test]
async fn all_calls_are_counted_by_the_published_names_and_no_spans_are_sent() -> anyhow::Result<()>
{
    let collector = Collector::start(Manner::Takes).await?;
    let rig = super::rig(collector.url(), PUSHES).await?;
    let key = rig.key("metered").await?;
    for stream in [true, false] {
        let body = prompts::chat("a very private question", stream);
        let reply = rig.client().post(CHAT, &key.secret, body).await?;
        assert_eq!(reply.status, 200);
    }
    let refused = rig.client().post(CHAT, &key.secret, "{").await?;
    assert_eq!(refused.status, 400);
    let model = ("gen_ai.request.model", "gpt-4o-mini");
    eventually("both calls are pushed", || {
        count(
            &pushed(&collector),
            "gen_ai.client.operation.duration",
            model,
        ) == 2
    })
    .await?;
    let metrics = pushed(&collector);
    for (name, wanted) in [
        ("gen_ai.server.request.duration", 2),
        ("gen_ai.client.operation.time_to_first_chunk", 1),
        ("gen_ai.server.time_to_first_token", 1),
        ("gen_ai.server.time_per_output_token", 1),
        ("gen_ai.client.token.usage", 4),
    ] {
        assert_eq!(count(&metrics, name, model), wanted, "{name}");
    }
    // What Prometheus would see is there too, the refused call among it.
    let calls = metrics
        .iter()
        .find(|metric| metric.name == "tidegate_requests");
    let Some(Data::Sum(calls)) = calls.and_then(|metric| metric.data.clone()) else {
        panic!("no sum of calls");
    };
    assert!(
        calls.is_monotonic && calls.data_points.len() >= 2,
        "{calls:?}"
    );
    let taken = collector.taken();
    assert!(
        taken.iter().all(|taken| taken.path == "/v1/metrics"),
        "nothing else was asked for"
    );
    assert!(
        !taken.iter().any(|taken| taken.holds(b"private")),
        "no content"
    );
    Ok(())
}

#[tokio::test]
async fn a_collector_that_is_gone_costs_counted_pushes_and_no_call() -> anyhow::Result<()> {
    let collector = Collector::start(Manner::Gone).await?;
    let rig: Rig = super::rig(collector.url(), PUSHES).await?;
    let key = rig.key("unmetered").await?;
    let body = prompts::chat("hi", true);
    let reply = rig.client().post(CHAT, &key.secret, body).await?;
    assert_eq!(reply.status, 200);
    let control = tidegate_harness::Client::http1(&format!("http://{}", rig.gateway.control));
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let shown = control.get("/metrics", "").await?.text();
        if shown.contains(r#"tidegate_otlp_metric_pushes_total{fate="failed"} 1"#) {
            return Ok(());
        }
    }
    anyhow::bail!("no failed push was counted")
}
