//! `/_standin/…`: what a test asks the stand-in about its own life.

use http::{HeaderMap, Method, StatusCode};
use serde_json::json;

use super::exchange::State;
use super::failure::plain;
use super::route::Answer;

/// Paths below this are not a provider's.
pub(super) const PREFIX: &str = "/_standin/";

/// Answers `GET` and `DELETE /_standin/requests[?last=N]`, and `GET /_standin/stats`.
pub(super) fn control(state: &State, method: &Method, path: &str, query: &str) -> Answer {
    match (method, path.strip_prefix(PREFIX).unwrap_or_default()) {
        (&Method::GET, "requests") => {
            let last = query
                .split('&')
                .find_map(|pair| pair.strip_prefix("last=")?.parse().ok());
            let seen = state.journal.seen(last.unwrap_or(usize::MAX));
            Answer::json(&json!({ "requests": seen }))
        }
        (&Method::DELETE, "requests") => {
            state.clear();
            Answer::json(&json!({})).with(StatusCode::OK, HeaderMap::new())
        }
        (&Method::GET, "stats") => Answer::json(&json!(state.journal.stats())),
        _ => plain(StatusCode::NOT_FOUND, "no such control path"),
    }
}
