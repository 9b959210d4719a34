//! The process's own log: one line of JSON per event on standard error, in UTC.

use std::{
    io::{self, Write},
    sync::Arc,
};

use tracing_subscriber::{
    EnvFilter, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

mod events;
mod mask;

pub use events::{Event, Field, Sink};

use events::Events;
use mask::masked;

/// How lines are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    #[default]
    Json,
    /// For people at a terminal.
    Text,
}

/// Why logging did not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// Logging was started before.
    #[error("logging is already running")]
    AlreadyRunning,
    /// The filter is not one.
    #[error("`{filter}` is not a log filter (like `info` or `tidegate=debug,warn`): {reason}")]
    Filter {
        /// The text.
        filter: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// Starts logging for the whole process: on standard error, since commands print results on
/// standard output. What looks like a credential is masked in every line, should one ever get into
/// a message of a library. `sink` gets the same events.
///
/// # Errors
/// The filter cannot be read, or logging runs already.
pub fn init(format: Format, filter: &str, sink: Option<Arc<dyn Sink>>) -> Result<(), LogError> {
    let registry = tracing_subscriber::registry()
        .with(parse_filter(filter)?)
        .with(sink.map(Events));
    match format {
        Format::Json => registry.with(json(|| Masking(io::stderr()))).try_init(),
        Format::Text => {
            let layer = tracing_subscriber::fmt::layer().with_ansi(false);
            registry
                .with(layer.with_writer(|| Masking(io::stderr())))
                .try_init()
        }
    }
    .map_err(|_| LogError::AlreadyRunning)
}

fn parse_filter(filter: &str) -> Result<EnvFilter, LogError> {
    EnvFilter::builder()
        .parse(filter)
        .map_err(|error| LogError::Filter {
            filter: filter.to_owned(),
            reason: error.to_string(),
        })
}

/// The JSON layer: fields at the top, time first.
fn json<S, W>(writer: W) -> impl tracing_subscriber::Layer<S>
where
    S: tracing::Subscriber + for<'a> tracing_subscriber::registry::LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(writer)
}

/// Masks credentials on their way out. The formatter hands over whole lines.
struct Masking<W>(W);

impl<W: Write> Write for Masking<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(&masked(line))?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_json_in_utc_without_secrets() {
        let captured = Captured::default();
        let sink = captured.clone();
        let layer = json(move || Masking(sink.clone()));
        let subscriber = tracing_subscriber::registry()
            .with(parse_filter("info").unwrap())
            .with(layer);
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(
                provider = "openai",
                status = 401,
                "refused sk-tg-abcdefghijklmnop"
            );
            tracing::debug!("not wanted");
        });
        let text = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(text.starts_with(r#"{"timestamp":"20"#) && text.contains(r#"Z","level":"INFO""#));
        assert!(text.contains(r#""provider":"openai""#) && text.contains(r#""status":401"#));
        assert!(text.contains("refused sk-tg-[masked]"), "{text}");
    }

    #[test]
    fn a_bad_filter_is_an_error() {
        assert!(matches!(
            parse_filter("tidegate=loud"),
            Err(LogError::Filter { .. })
        ));
        assert!(parse_filter("tidegate=debug,warn").is_ok());
    }

    #[test]
    fn logging_starts_once() {
        assert_eq!(init(Format::Json, "off", None), Ok(()));
        assert_eq!(
            init(Format::Text, "off", None),
            Err(LogError::AlreadyRunning)
        );
    }
}
