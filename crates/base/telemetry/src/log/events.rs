//! The log's events for whoever sends them on, beside the lines on standard error: what passes the filter, with
//! credentials masked as they are there.

use std::{fmt, sync::Arc};

use tracing::{
    Level, Subscriber,
    field::{Field as Key, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use super::masked;
use crate::trace::{SpanId, TraceId};

/// Takes events. Called where they happen: it must neither wait nor log.
pub trait Sink: Send + Sync + 'static {
    /// Whether it takes events of that target now.
    fn wants(&self, target: &str) -> bool;

    /// Takes one.
    fn take(&self, event: Event);

    /// The call in hand: its trace and its span.
    fn call(&self) -> Option<(TraceId, SpanId)>;
}

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// How bad.
    pub level: Level,
    /// Where it was written: a module's path.
    pub target: &'static str,
    /// What happened.
    pub message: String,
    /// What is said besides.
    pub fields: Vec<(&'static str, Field)>,
    /// The call that it belongs to.
    pub call: Option<(TraceId, SpanId)>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Field {
    /// Yes or no.
    Bool(bool),
    /// A fraction.
    Float(f64),
    /// A whole number.
    Int(i64),
    /// A text.
    Text(String),
}

/// Hands events over.
pub(super) struct Events(pub(super) Arc<dyn Sink>);

impl<S: Subscriber> Layer<S> for Events {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if !self.0.wants(metadata.target()) {
            return;
        }
        let mut said = Said::default();
        event.record(&mut said);
        self.0.take(Event {
            level: *metadata.level(),
            target: metadata.target(),
            message: said.message,
            fields: said.fields,
            call: self.0.call(),
        });
    }
}

#[derive(Default)]
struct Said {
    message: String,
    fields: Vec<(&'static str, Field)>,
}

impl Said {
    fn text(&mut self, key: &Key, text: &str) {
        let text = String::from_utf8_lossy(&masked(text.as_bytes())).into_owned();
        if key.name() == "message" {
            self.message = text;
        } else {
            self.fields.push((key.name(), Field::Text(text)));
        }
    }
}

impl Visit for Said {
    fn record_debug(&mut self, key: &Key, value: &dyn fmt::Debug) {
        self.text(key, &format!("{value:?}"));
    }

    fn record_str(&mut self, key: &Key, value: &str) {
        self.text(key, value);
    }

    fn record_bool(&mut self, key: &Key, value: bool) {
        self.fields.push((key.name(), Field::Bool(value)));
    }

    fn record_f64(&mut self, key: &Key, value: f64) {
        self.fields.push((key.name(), Field::Float(value)));
    }

    fn record_i64(&mut self, key: &Key, value: i64) {
        self.fields.push((key.name(), Field::Int(value)));
    }

    fn record_u64(&mut self, key: &Key, value: u64) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        self.fields.push((key.name(), Field::Int(value)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Default)]
    struct Taken(Mutex<Vec<Event>>);

    impl Sink for Taken {
        fn wants(&self, target: &str) -> bool {
            target != "unwanted"
        }

        fn take(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }

        fn call(&self) -> Option<(TraceId, SpanId)> {
            None
        }
    }

    #[test]
    fn an_event_comes_whole_and_masked_and_what_the_filter_drops_does_not_come() {
        let taken = Arc::new(Taken::default());
        let sink: Arc<dyn Sink> = Arc::<Taken>::clone(&taken);
        let filter = tracing_subscriber::EnvFilter::new("info");
        let subscriber = tracing_subscriber::registry()
            .with(filter)
            .with(Events(sink));
        tracing::subscriber::with_default(subscriber, || {
            let error = std::io::Error::other("no sk-tg-abcdefghijklmnop");
            tracing::warn!(count = 3_u64, late = true, part = 0.5, %error, "refused {}", 7);
            tracing::debug!("below the filter");
            tracing::info!(target: "unwanted", "own");
        });
        let taken = taken.0.lock().unwrap();
        let [event] = &**taken else {
            panic!("{taken:?}")
        };
        assert_eq!((event.level, &*event.message), (Level::WARN, "refused 7"));
        assert_eq!(
            event.fields,
            [
                ("count", Field::Int(3)),
                ("late", Field::Bool(true)),
                ("part", Field::Float(0.5)),
                ("error", Field::Text("no sk-tg-[masked]".into())),
            ]
        );
    }
}
