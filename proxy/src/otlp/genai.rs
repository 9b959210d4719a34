//! The histograms of OpenTelemetry's conventions for generative AI, with their names, attributes and bounds.
//!
//! <https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/>
//!
//! The gateway is a client of providers and a server of its callers: the first are measured since a provider was asked,
//! the second since the request arrived. What is not known of a call is not counted of it; a call that went to no provider
//! is in none of them, since each has to name one.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use opentelemetry_proto::tonic::{
    common::v1::{KeyValue, any_value::Value},
    metrics::v1::{AggregationTemporality, Histogram, HistogramDataPoint, Metric, metric::Data},
};

use super::message::{Span, attribute, text};
use crate::traces::names;

/// Most series of one metric: models are named by callers and providers. Beyond it they have no names.
const MOST: usize = 1_000;
/// What stands for the models of the others.
const OTHER: &str = "other";

/// Bounds of durations, in seconds.
const DURATION: &[f64] = &[
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];
/// Bounds of the time to the first token, in seconds.
const FIRST_TOKEN: &[f64] = &[
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// Bounds of the time of a token, in seconds.
const PER_TOKEN: &[f64] = &[
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
];
/// Bounds of numbers of tokens.
const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// One of the histograms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Instrument {
    ClientDuration,
    ClientFirstChunk,
    ClientTokens,
    ServerDuration,
    ServerFirstToken,
    ServerPerToken,
}

impl Instrument {
    pub(super) const ALL: [Self; 6] = [
        Self::ClientDuration,
        Self::ClientFirstChunk,
        Self::ClientTokens,
        Self::ServerDuration,
        Self::ServerFirstToken,
        Self::ServerPerToken,
    ];

    /// Name, unit, description, bounds.
    const fn is(self) -> (&'static str, &'static str, &'static str, &'static [f64]) {
        match self {
            Self::ClientDuration => (
                "gen_ai.client.operation.duration",
                "s",
                "From asking the provider to the end of its answer",
                DURATION,
            ),
            Self::ClientFirstChunk => (
                "gen_ai.client.operation.time_to_first_chunk",
                "s",
                "From asking the provider to the first chunk of its stream",
                DURATION,
            ),
            Self::ClientTokens => (
                "gen_ai.client.token.usage",
                "{token}",
                "Tokens of prompts and of answers",
                TOKENS,
            ),
            Self::ServerDuration => (
                "gen_ai.server.request.duration",
                "s",
                "From a request's arrival to the end of its answer",
                DURATION,
            ),
            Self::ServerFirstToken => (
                "gen_ai.server.time_to_first_token",
                "s",
                "From a request's arrival to the first piece of its stream",
                FIRST_TOKEN,
            ),
            Self::ServerPerToken => (
                "gen_ai.server.time_per_output_token",
                "s",
                "Between two tokens of a stream, after the first",
                PER_TOKEN,
            ),
        }
    }
}

/// A call, as the histograms want it.
#[derive(Debug, Clone)]
pub(crate) struct Done<'c> {
    pub(crate) operation: &'static str,
    pub(crate) provider: &'static str,
    pub(crate) address: &'c str,
    pub(crate) port: u16,
    pub(crate) requested: Option<&'c str>,
    pub(crate) served: Option<&'c str>,
    pub(crate) error: Option<Cow<'static, str>>,
    /// All of it.
    pub(crate) duration: Duration,
    /// When the provider was asked, since arrival.
    pub(crate) sent: Option<Duration>,
    /// When the first piece of a stream came, since arrival.
    pub(crate) first: Option<Duration>,
    /// Input and output, where they are known.
    pub(crate) tokens: Option<(u64, u64)>,
}

/// What tells one series from another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Series {
    instrument: Instrument,
    operation: &'static str,
    provider: &'static str,
    address: String,
    port: u16,
    requested: Option<String>,
    served: Option<String>,
    /// `error.type` or `gen_ai.token.type`.
    more: Option<(&'static str, Cow<'static, str>)>,
}

/// What was counted.
#[derive(Debug)]
struct Point {
    counts: Vec<u64>,
    sum: f64,
}

/// All series since the process started.
#[derive(Debug, Default)]
pub(crate) struct GenAi(Mutex<HashMap<Series, Point>>);

impl GenAi {
    /// Counts a call that ended.
    pub(crate) fn record(&self, call: &Done<'_>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut put = |instrument, value: f64, more| count(&mut all, call, instrument, value, more);
        let error = call.error.clone().map(|error| (names::ERROR_TYPE, error));
        put(
            Instrument::ServerDuration,
            call.duration.as_secs_f64(),
            error.clone(),
        );
        if let Some(sent) = call.sent {
            let since = call.duration.saturating_sub(sent);
            put(Instrument::ClientDuration, since.as_secs_f64(), error);
        }
        if let (Some(sent), Some(first)) = (call.sent, call.first) {
            let waited = first.saturating_sub(sent);
            put(Instrument::ClientFirstChunk, waited.as_secs_f64(), None);
        }
        if let Some((input, output)) = call.tokens {
            for (kind, tokens) in [("input", input), ("output", output)] {
                let kind = Some((names::TOKEN_TYPE, Cow::Borrowed(kind)));
                put(Instrument::ClientTokens, tokens as f64, kind);
            }
        }
        // Of answers that came to a good end only, as the convention wants.
        if let (Some(first), None) = (call.first, &call.error) {
            put(Instrument::ServerFirstToken, first.as_secs_f64(), None);
            let after = call
                .tokens
                .map_or(0, |(_, output)| output.saturating_sub(1));
            if after > 0 {
                let rest = call.duration.saturating_sub(first).as_secs_f64();
                put(Instrument::ServerPerToken, rest / after as f64, None);
            }
        }
    }

    /// All of it as OTLP.
    pub(super) fn metrics(&self, span: Span) -> Vec<Metric> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut points: HashMap<Instrument, Vec<HistogramDataPoint>> = HashMap::new();
        for (series, point) in &*all {
            points
                .entry(series.instrument)
                .or_default()
                .push(HistogramDataPoint {
                    attributes: attributes(series),
                    start_time_unix_nano: span.start,
                    time_unix_nano: span.now,
                    count: point.counts.iter().sum(),
                    sum: Some(point.sum),
                    bucket_counts: point.counts.clone(),
                    explicit_bounds: series.instrument.is().3.to_vec(),
                    ..HistogramDataPoint::default()
                });
        }
        drop(all);
        let metric = |instrument: Instrument| {
            let (name, unit, description, _) = instrument.is();
            Some(Metric {
                name: name.to_owned(),
                unit: unit.to_owned(),
                description: description.to_owned(),
                data: Some(Data::Histogram(Histogram {
                    data_points: points.remove(&instrument)?,
                    aggregation_temporality: AggregationTemporality::Cumulative.into(),
                })),
                ..Metric::default()
            })
        };
        Instrument::ALL.into_iter().filter_map(metric).collect()
    }
}

fn count(
    all: &mut HashMap<Series, Point>,
    call: &Done<'_>,
    instrument: Instrument,
    value: f64,
    more: Option<(&'static str, Cow<'static, str>)>,
) {
    let mut series = Series {
        instrument,
        operation: call.operation,
        provider: call.provider,
        address: call.address.to_owned(),
        port: call.port,
        requested: call.requested.map(str::to_owned),
        served: call.served.map(str::to_owned),
        more,
    };
    if all.len() >= MOST * Instrument::ALL.len() && !all.contains_key(&series) {
        for model in [&mut series.requested, &mut series.served]
            .into_iter()
            .flatten()
        {
            OTHER.clone_into(model);
        }
    }
    let bounds = instrument.is().3;
    let point = all.entry(series).or_insert_with(|| Point {
        counts: vec![0; bounds.len() + 1],
        sum: 0.0,
    });
    // A value that is a bound belongs to the bucket below it.
    let bucket = bounds.partition_point(|&bound| bound < value);
    if let Some(count) = point.counts.get_mut(bucket) {
        *count += 1;
        point.sum += value;
    }
}

fn attributes(series: &Series) -> Vec<KeyValue> {
    let mut all = vec![
        text(names::OPERATION, series.operation),
        text(names::PROVIDER, series.provider),
        text(names::ADDRESS, &series.address),
        attribute(names::PORT, Value::IntValue(series.port.into())),
    ];
    let models = [
        (names::REQUEST_MODEL, &series.requested),
        (names::RESPONSE_MODEL, &series.served),
    ];
    for (name, model) in models {
        all.extend(model.as_ref().map(|model| text(name, model)));
    }
    all.extend(series.more.as_ref().map(|(name, value)| text(name, value)));
    all
}

#[cfg(test)]
mod tests;
