//! A call as the conventions' metrics want it.

use std::time::Duration;

use tidegate_types::UsageSource;

use super::{
    Ended,
    span::{self, Servers},
};
use crate::otlp::genai::Done;

/// What is measured of a call; `None` of one that went nowhere the conventions have a name for.
pub(super) fn of<'e>(ended: &'e Ended, servers: &'e Servers) -> Option<Done<'e>> {
    let (provider, address, port) = span::server(ended, servers)?;
    let facts = &ended.facts;
    let first = ended.timing.ttft_us.filter(|_| facts.streamed);
    let usage = &facts.usage;
    let known = usage.source == UsageSource::Reported && usage.total().0 > 0;
    Some(Done {
        operation: span::operation(ended),
        provider: provider?,
        address,
        port,
        requested: facts.model.as_ref().map(|model| model.as_str()),
        served: facts.served_model.as_deref(),
        error: span::error(ended),
        duration: Duration::from_micros(ended.timing.duration_us),
        sent: ended.sent_at,
        first: first.map(Duration::from_micros),
        tokens: known.then(|| (usage.total_input().0, usage.total_output().0)),
    })
}
