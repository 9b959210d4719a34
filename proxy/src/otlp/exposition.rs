//! What `/metrics` shows, as OTLP: so that both say the same, by the same names, and nothing is counted twice.

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::metrics::v1::{
    AggregationTemporality, Gauge, Histogram, HistogramDataPoint, Metric, NumberDataPoint, Sum,
    metric::Data, number_data_point::Value,
};

use super::message::{Span, text};

/// What kind a family of samples is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    /// Gauges, and what is always 1 and says something by its labels.
    Gauge,
    Histogram,
}

/// One line: a name, labels, a value.
#[derive(Debug, PartialEq)]
struct Sample<'t> {
    name: &'t str,
    labels: Vec<(&'t str, String)>,
    value: f64,
}

/// The metrics of an exposition in the `OpenMetrics` text format, as `tidegate_telemetry` writes it. What is no such
/// line is left out.
pub(super) fn metrics(exposition: &str, span: Span) -> Vec<Metric> {
    let mut found: Vec<(&str, Kind, &str, Vec<Sample<'_>>)> = Vec::new();
    let mut help = "";
    for line in exposition.lines() {
        if let Some(said) = line.strip_prefix("# HELP ") {
            help = said.split_once(' ').map_or("", |(_, help)| help);
        } else if let Some((name, kind)) = line
            .strip_prefix("# TYPE ")
            .and_then(|said| said.split_once(' '))
        {
            let kind = match kind {
                "counter" => Kind::Counter,
                "histogram" => Kind::Histogram,
                _ => Kind::Gauge,
            };
            found.push((name, kind, std::mem::take(&mut help), Vec::new()));
        } else if let (Some(sample), Some(family)) = (sample(line), found.last_mut()) {
            family.3.push(sample);
        }
    }
    let families = found.into_iter().filter(|family| !family.3.is_empty());
    let metric = |(name, kind, help, samples): (&str, Kind, &str, Vec<Sample<'_>>)| Metric {
        name: name.to_owned(),
        description: help.to_owned(),
        unit: unit(name).to_owned(),
        data: Some(match kind {
            Kind::Counter => Data::Sum(Sum {
                data_points: numbers(samples, span),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
                is_monotonic: true,
            }),
            Kind::Gauge => Data::Gauge(Gauge {
                data_points: numbers(samples, span),
            }),
            Kind::Histogram => Data::Histogram(Histogram {
                data_points: histograms(samples, span),
                aggregation_temporality: AggregationTemporality::Cumulative.into(),
            }),
        }),
        ..Metric::default()
    };
    families.map(metric).collect()
}

/// In UCUM, as the conventions want it.
fn unit(name: &str) -> &'static str {
    match name.rsplit('_').next() {
        Some("seconds") => "s",
        Some("bytes") => "By",
        _ => "",
    }
}

fn numbers(samples: Vec<Sample<'_>>, span: Span) -> Vec<NumberDataPoint> {
    let point = |sample: Sample<'_>| NumberDataPoint {
        attributes: sample
            .labels
            .iter()
            .map(|(name, value)| text(name, value))
            .collect(),
        start_time_unix_nano: span.start,
        time_unix_nano: span.now,
        value: Some(
            if sample.value.fract() == 0.0 && sample.value.abs() < 2e15 {
                Value::AsInt(sample.value as i64)
            } else {
                Value::AsDouble(sample.value)
            },
        ),
        ..NumberDataPoint::default()
    };
    samples.into_iter().map(point).collect()
}

/// The text counts what is at most a bound; the protocol, what is between two.
fn histograms(samples: Vec<Sample<'_>>, span: Span) -> Vec<HistogramDataPoint> {
    let mut points: BTreeMap<Vec<(&str, String)>, HistogramDataPoint> = BTreeMap::new();
    for mut sample in samples {
        let bound = sample.labels.iter().position(|(name, _)| *name == "le");
        let bound = bound.map(|at| sample.labels.remove(at).1);
        let attributes = &sample.labels;
        let point = points
            .entry(sample.labels.clone())
            .or_insert_with(|| HistogramDataPoint {
                attributes: attributes
                    .iter()
                    .map(|(name, value)| text(name, value))
                    .collect(),
                start_time_unix_nano: span.start,
                time_unix_nano: span.now,
                ..HistogramDataPoint::default()
            });
        let count = sample.value as u64;
        match bound {
            Some(bound) => {
                if let Some(bound) = bound.parse().ok().filter(|bound: &f64| bound.is_finite()) {
                    point.explicit_bounds.push(bound);
                }
                let below: u64 = point.bucket_counts.iter().sum();
                point.bucket_counts.push(count.saturating_sub(below));
            }
            None if sample.name.ends_with("_sum") => point.sum = Some(sample.value),
            None => {}
        }
    }
    let mut points: Vec<_> = points.into_values().collect();
    // Taken from the buckets: the text may have been written while something was counted.
    for point in &mut points {
        point.count = point.bucket_counts.iter().sum();
    }
    points
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let end = line.find(['{', ' '])?;
    let (name, rest) = line.split_at(end);
    let mut labels = Vec::new();
    let rest = match rest.strip_prefix('{') {
        None => rest,
        Some(mut inside) => loop {
            if let Some(rest) = inside.strip_prefix('}') {
                break rest;
            }
            let (name, quoted) = inside.trim_start_matches(',').split_once("=\"")?;
            let (value, rest) = unquoted(quoted)?;
            labels.push((name, value));
            inside = rest;
        },
    };
    let value = rest.trim_start().split(' ').next()?.parse().ok()?;
    (!name.is_empty() && !name.starts_with('#')).then_some(Sample {
        name,
        labels,
        value,
    })
}

/// A label's value, and what comes after its quote.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    loop {
        match chars.next()? {
            (at, '"') => return Some((value, &text[at + 1..])),
            (_, '\\') => value.push(match chars.next()?.1 {
                'n' => '\n',
                other => other,
            }),
            (_, other) => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tidegate_telemetry::{Ending, Metrics, Observation};
    use tidegate_types::ProviderName;

    use super::*;

    const SPAN: Span = Span { start: 1, now: 2 };

    #[test]
    fn everything_that_is_shown_is_pushed() {
        let exposed = Metrics::new("1.2.3");
        let provider: ProviderName = "openai".parse().unwrap();
        for (millis, count) in [(7, 1), (40, 2)] {
            for _ in 0..count {
                exposed.observe(&Observation {
                    provider: Some(&provider),
                    duration: Duration::from_millis(millis),
                    ..Observation::new("chat_completions", 200, Ending::Completed)
                });
            }
        }
        exposed.guardrail(("a \"b\"\\", "prompt"), "flag", false, 3);
        let text = exposed.encode();
        let pushed = metrics(&text, SPAN);
        let shown = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let empty = |name: &str| !text.lines().any(|line| line.starts_with(name));
        for name in shown
            .filter_map(|said| said.split(' ').next())
            .filter(|name| !empty(name))
        {
            assert!(pushed.iter().any(|metric| metric.name == name), "{name}");
        }
        let of = |name: &str| {
            let found = pushed.iter().find(|metric| metric.name == name);
            found.and_then(|metric| metric.data.clone()).unwrap()
        };
        let Data::Histogram(duration) = of("tidegate_request_duration_seconds") else {
            panic!("no histogram");
        };
        let [point] = &*duration.data_points else {
            panic!("{duration:?}");
        };
        assert_eq!((point.count, point.bucket_counts.iter().sum()), (3, 3_u64));
        assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
        let at = |bound: f64| {
            point
                .explicit_bounds
                .iter()
                .position(|one| *one == bound)
                .unwrap()
        };
        assert_eq!(
            (point.bucket_counts[at(0.01)], point.bucket_counts[at(0.05)]),
            (1, 2)
        );
        assert!((point.sum.unwrap() - 0.087).abs() < 1e-9, "{point:?}");
        let Data::Sum(actions) = of("tidegate_guardrail_actions") else {
            panic!("no sum");
        };
        let [point] = &*actions.data_points else {
            panic!("{actions:?}");
        };
        assert_eq!(point.value, Some(Value::AsInt(3)));
        assert!(
            point
                .attributes
                .contains(&super::text("guardrail", "a \"b\"\\")),
            "{point:?}"
        );
    }

    #[test]
    fn what_is_no_sample_is_left_out() {
        for line in [
            "",
            "# EOF",
            "name",
            "name{a=\"b} 1",
            "name{a} 1",
            "name x",
            "{} 1",
        ] {
            assert_eq!(sample(line), None, "{line}");
        }
        let quoted = sample("n{a=\"x\\\\y\\n\\\"z\",b=\"\"} 1.5").unwrap();
        assert_eq!(
            quoted.labels,
            [("a", "x\\y\n\"z".to_owned()), ("b", String::new())]
        );
        assert_eq!((quoted.name, quoted.value), ("n", 1.5));
    }
}
