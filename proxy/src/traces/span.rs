//! A call as a span.

use std::{
    borrow::Cow,
    collections::HashMap,
    time::{Duration, SystemTime},
};

use opentelemetry::{
    Array, InstrumentationScope, KeyValue, StringValue, Value,
    trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::SpanData;
use tidegate_governance::{guardrail::Applied, record::Outcome};
use tidegate_types::{ProviderName, Usage, UsageSource};

use super::{Ended, names};
use crate::config::ProviderConfig;

/// Where a provider is, and what the conventions call it.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) address: String,
    pub(super) port: u16,
}

/// All that are configured.
pub(super) type Servers = HashMap<ProviderName, Server>;

/// Those of a configuration.
pub(super) fn servers(providers: &[ProviderConfig]) -> Servers {
    let servers = providers.iter().map(|provider| {
        let server = Server {
            name: names::provider(&provider.endpoint, provider.dialect),
            address: provider.endpoint.host().to_owned(),
            port: provider.endpoint.port(),
        };
        (provider.name.clone(), server)
    });
    servers.collect()
}

/// The span of a call.
pub(super) fn of(ended: &Ended, servers: &Servers, scope: &InstrumentationScope) -> SpanData {
    let Ended { facts, trace, .. } = ended;
    let operation = operation(ended);
    let name = match &facts.model {
        Some(model) => format!("{operation} {model}").into(),
        None => Cow::Borrowed(operation),
    };
    let arrived = u64::try_from(facts.arrived.micros()).unwrap_or(0);
    let start_time = SystemTime::UNIX_EPOCH + Duration::from_micros(arrived);
    let error = error(ended);
    let status = error.as_ref().map_or(Status::Unset, |error| Status::Error {
        description: error.clone(),
    });
    let state = trace.state().map(|state| state.parse::<TraceState>());
    SpanData {
        span_context: SpanContext::new(
            TraceId::from_bytes(trace.trace.to_bytes()),
            SpanId::from_bytes(trace.span.to_bytes()),
            TraceFlags::SAMPLED,
            false,
            state.and_then(Result::ok).unwrap_or_default(),
        ),
        parent_span_id: ended.parent.map_or(SpanId::INVALID, |parent| {
            SpanId::from_bytes(parent.to_bytes())
        }),
        parent_span_is_remote: ended.parent.is_some(),
        span_kind: SpanKind::Client,
        name,
        start_time,
        end_time: start_time + Duration::from_micros(ended.timing.duration_us),
        attributes: attributes(ended, operation, error, servers),
        dropped_attributes_count: 0,
        events: Default::default(),
        links: Default::default(),
        status,
        instrumentation_scope: scope.clone(),
    }
}

/// The convention's name of what was asked for. An app's own conversation is a chat, whatever its host calls it.
pub(super) fn operation(ended: &Ended) -> &'static str {
    let facts = &ended.facts;
    match (facts.operation, facts.surface) {
        (Some(operation), _) => names::operation(operation),
        (None, Some(_)) => "chat",
        (None, None) => facts.operation_name(),
    }
}

/// Why a call did not come to a good end: the gateway's own code, how the upstream failed, or a status.
pub(super) fn error(ended: &Ended) -> Option<Cow<'static, str>> {
    let facts = &ended.facts;
    let said = facts.code.or(ended.upstream_error);
    said.map(Cow::Borrowed).or_else(|| match facts.outcome {
        _ if facts.status >= 400 => Some(facts.status.to_string().into()),
        Outcome::ClientGone | Outcome::UpstreamBroken => Some(facts.outcome.as_str().into()),
        Outcome::Completed | Outcome::Refused => None,
    })
}

/// Attributes, one after the other; what is not known is left out.
struct Attributes(Vec<KeyValue>);

impl Attributes {
    fn put(&mut self, name: &'static str, value: impl Into<Value>) {
        self.0.push(KeyValue::new(name, value));
    }

    fn put_any(&mut self, name: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.put(name, value.to_string());
        }
    }

    fn count(&mut self, name: &'static str, count: u64) {
        self.put(name, i64::try_from(count).unwrap_or(i64::MAX));
    }
}

fn attributes(
    ended: &Ended,
    operation: &'static str,
    error: Option<Cow<'static, str>>,
    servers: &Servers,
) -> Vec<KeyValue> {
    let facts = &ended.facts;
    let mut all = Attributes(Vec::with_capacity(32));
    all.put(names::OPERATION, operation);
    if let Some((name, address, port)) = server(ended, servers) {
        if let Some(name) = name {
            all.put(names::PROVIDER, name);
        }
        all.put(names::ADDRESS, address.to_owned());
        all.put(names::PORT, i64::from(port));
    }
    all.put_any(names::REQUEST_MODEL, facts.model.as_ref());
    all.put_any(names::RESPONSE_MODEL, facts.served_model.as_ref());
    if facts.streamed {
        all.put(names::REQUEST_STREAM, true);
        if let (Some(first), Some(sent)) = (ended.timing.ttft_us, ended.sent_at) {
            let waited = Duration::from_micros(first).saturating_sub(sent);
            all.put(names::FIRST_CHUNK, waited.as_secs_f64());
        }
    }
    if facts.status != 0 {
        all.put(names::STATUS, i64::from(facts.status));
    }
    if let Some(error) = error {
        all.put(names::ERROR_TYPE, error);
    }
    usage(&mut all, &facts.usage);
    all.put(names::OWN_REQUEST, facts.id.to_string());
    all.put(names::OWN_OPERATION, facts.operation_name());
    all.put(names::OWN_OUTCOME, facts.outcome.as_str());
    all.put(names::OWN_COST, facts.cost.micros() as f64 / 1e6);
    all.put(names::OWN_COST_BASIS, facts.cost_basis.as_str());
    let overhead = Duration::from_micros(ended.timing.overhead_us);
    all.put(names::OWN_OVERHEAD, overhead.as_secs_f64());
    all.put_any(names::OWN_KEY, facts.key);
    all.put_any(names::OWN_TEAM, facts.team);
    all.put_any(names::OWN_USER, facts.user);
    all.put_any(names::OWN_PROVIDER, facts.provider.as_ref());
    all.put_any(names::OWN_REFUSAL, facts.code);
    if let Some(edge) = &facts.edge {
        all.put(names::OWN_DEVICE, edge.device().to_string());
        all.put(names::OWN_APP, edge.app().to_owned());
    }
    guardrails(&mut all, &facts.guardrails);
    all.0
}

/// Where the call went: to the host that a device's app asked for, or to a provider. The name that the conventions
/// have for it, if they have one; its address; its port.
pub(super) fn server<'e>(
    ended: &'e Ended,
    servers: &'e Servers,
) -> Option<(Option<&'static str>, &'e str, u16)> {
    let facts = &ended.facts;
    if let Some(edge) = &facts.edge {
        return Some((names::by_host(edge.host()), edge.host(), 443));
    }
    let server = facts.provider.as_ref().and_then(|name| servers.get(name))?;
    Some((Some(server.name), &server.address, server.port))
}

/// The convention counts cached tokens as input too, and reasoning as output.
fn usage(all: &mut Attributes, usage: &Usage) {
    if usage.total().0 == 0 {
        return;
    }
    all.count(names::INPUT, usage.total_input().0);
    all.count(names::OUTPUT, usage.total_output().0);
    let written = usage.cache_write_5m.saturating_add(usage.cache_write_1h);
    for (name, count) in [
        (names::CACHE_READ, usage.cached),
        (names::CACHE_CREATION, written),
        (names::REASONING, usage.reasoning),
    ] {
        if count > 0 {
            all.count(name, count);
        }
    }
    let source = match usage.source {
        UsageSource::Estimated => "estimated",
        UsageSource::Partial => "partial",
        UsageSource::Reported => "reported",
    };
    all.put(names::OWN_USAGE_SOURCE, source);
}

/// Lists of one length: what stands at one place in them belongs together. Which rule found something is not
/// said: rules are named for what they find.
fn guardrails(all: &mut Attributes, applied: &[Applied]) {
    if applied.is_empty() {
        return;
    }
    let mut list = |name, of: fn(&Applied) -> String| {
        let values = applied.iter().map(|done| StringValue::from(of(done)));
        all.put(name, Value::Array(Array::String(values.collect())));
    };
    list(names::OWN_GUARDRAIL_NAME, |done| done.guardrail.clone());
    list(names::OWN_GUARDRAIL_PHASE, |done| done.phase.name().into());
    list(names::OWN_GUARDRAIL_ACTION, |done| done.action.clone());
    list(names::OWN_GUARDRAIL_MODE, |done| {
        let mode = if done.shadow { "shadow" } else { "enforce" };
        mode.into()
    });
}

#[cfg(test)]
mod tests;
