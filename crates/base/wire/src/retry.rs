//! How long a provider asks to be left alone.

use std::time::Duration;

use http::{HeaderMap, HeaderName, header};
use tidegate_types::Timestamp;

/// `OpenAI`'s finer form of `retry-after`, in milliseconds.
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// From the headers of an answer: `retry-after-ms`, or `retry-after` in seconds or as a date (RFC 9110 §10.2.3).
/// A date that is past is no wait. Nonsense is nothing.
#[must_use]
pub fn after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |text: &str| {
        text.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite() && *n >= 0.0)
    };
    if let Some(millis) = text(RETRY_AFTER_MS).and_then(number) {
        return Duration::try_from_secs_f64(millis / 1_000.0).ok();
    }
    let told = text(header::RETRY_AFTER)?;
    if let Some(seconds) = number(told) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(told).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    let at = Timestamp::from_micros(i64::try_from(since.as_micros()).ok()?);
    Some(now.until(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        // 1994-11-06 08:49:37, RFC 9110's own example.
        after(&headers, Timestamp::from_micros(784_111_777_000_000))
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_read_and_nonsense_is_not() {
        let seconds = Duration::from_secs;
        assert_eq!(told("retry-after", "20"), Some(seconds(20)));
        assert_eq!(told("retry-after", "0.5"), Some(Duration::from_millis(500)));
        assert_eq!(
            told("retry-after-ms", "1500"),
            Some(Duration::from_millis(1_500))
        );
        let later = "Sun, 06 Nov 1994 08:50:07 GMT";
        assert_eq!(told("retry-after", later), Some(seconds(30)));
        let past = "Sun, 06 Nov 1994 08:00:00 GMT";
        assert_eq!(told("retry-after", past), Some(seconds(0)));
        for nonsense in ["", "soon", "-1", "NaN", "inf", "1e300"] {
            assert_eq!(told("retry-after", nonsense), None, "{nonsense}");
        }
        assert_eq!(after(&HeaderMap::new(), Timestamp::default()), None);
    }
}
