//! What calls need to pass the stages: a key, a provider, prices, and guards of a test's own.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tidegate_governance::{
    entity::{Allow, Governed, RateLimit, Scope, VirtualKey},
    govern::Governor,
    key::Keyring,
    memory::MemoryLedger,
};
use tidegate_policy::Document;
use tidegate_provider::{Catalog, ClearText, Endpoint, PriceBook, Provider};
use tidegate_types::{
    Clock, KeyId, LimitId, ManualClock, Mono, NodeId, PlainKey, RequestId, Timestamp,
};
use tidegate_wire::{Dialect, answer::Forward};

use super::super::*;
use crate::{
    Edge, Facts, OnePolicy, Refusal, Settings, Snapshot,
    stage::{Admitted, Cleared, Received},
};

const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

/// A gateway's inside, with one key.
pub(super) struct Bed {
    snapshot: Snapshot,
    governor: Governor,
    pub(super) headers: HeaderMap,
}

impl Bed {
    /// One call at a time, with these guards.
    pub(super) fn new(guards: Vec<Arc<dyn Guard>>) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW));
        let secret = PlainKey::generate(PlainKey::VIRTUAL).unwrap();
        let key = VirtualKey {
            id: KeyId::from_parts(NOW, 1),
            name: "test".into(),
            hash: secret.hash(),
            hint: secret.hint(),
            team: None,
            user: None,
            device: None,
            allow: Allow::default(),
            log_content: true,
            created_at: NOW,
            expires_at: None,
            disabled: false,
            revoked_at: None,
            previous: None,
        };
        let limit = RateLimit {
            id: LimitId::from_parts(NOW, 2),
            scope: Scope::Key(key.id),
            model: None,
            requests_per_minute: None,
            tokens_per_minute: None,
            concurrency: Some(1),
            created_at: NOW,
        };
        let governed = Governed {
            revision: 1,
            keys: vec![key],
            limits: vec![limit],
            ..Governed::default()
        };
        let endpoint = Endpoint::parse("http://127.0.0.1:1", ClearText::Loopback).unwrap();
        let provider = |name: &str, dialect| {
            Provider::new(name.parse().unwrap(), dialect, endpoint.clone(), None).unwrap()
        };
        let providers = vec![
            provider("openai", Dialect::OpenAi),
            provider("anthropic", Dialect::Anthropic),
        ];
        let policy: Document = serde_json::from_value(serde_json::json!({
            "revision": 1, "check_in_seconds": 60, "hosts": [], "apps": [],
        }))
        .unwrap();
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {}", secret.expose());
        headers.insert("authorization", bearer.parse().unwrap());
        Self {
            snapshot: Snapshot {
                keyring: Keyring::compile(&governed, None, &clock),
                edge: Edge::new(Arc::new(OnePolicy(Arc::new(policy))), &providers),
                catalog: Arc::new(Catalog::new(providers, PriceBook::builtin().unwrap()).unwrap()),
                routing: Arc::default(),
                settings: Settings::default(),
                guards: guards.into_iter().collect(),
            },
            governor: Governor::new(
                Arc::new(MemoryLedger::default()),
                clock,
                NodeId::generate(NOW),
                tidegate_governance::govern::Settings::default(),
            ),
            headers,
        }
    }

    pub(super) fn facts() -> Facts {
        Facts::new(RequestId::from_parts(NOW, 3), NOW)
    }

    pub(super) async fn admit(
        &self,
        method: &str,
        path: &'static str,
        body: impl Into<Bytes>,
        facts: &mut Facts,
    ) -> Result<Admitted<'_, '_>, Refusal> {
        Received::parse(method, path, &self.headers, facts)?
            .identify(&self.headers, &self.snapshot, facts)?
            .describe(&self.headers, body.into(), Mono::default(), facts)?
            .admit(&self.governor, facts)
            .await
    }

    /// A call as far as its guards' verdict on the prompt.
    pub(super) async fn clear(
        &self,
        path: &'static str,
        body: impl Into<Bytes>,
        facts: &mut Facts,
    ) -> Result<Cleared<'_, '_>, Refusal> {
        let admitted = self.admit("POST", path, body, facts).await?;
        admitted.clear(facts).await
    }
}

/// The header of an answer.
pub(super) fn header(content_type: &'static str) -> HeaderMap {
    let value = HeaderValue::from_static(content_type);
    HeaderMap::from_iter([(http::header::CONTENT_TYPE, value)])
}

/// All that passed, put together.
pub(super) fn joined(pieces: &Forward) -> String {
    let bytes: Vec<u8> = pieces.iter().flatten().copied().collect();
    String::from_utf8(bytes).unwrap()
}

/// Writes another word for one, in prompts and answers; holds back what may be the word's beginning.
#[derive(Debug, Clone)]
pub(super) struct Swap {
    pub(super) from: &'static str,
    pub(super) to: &'static str,
    /// Says everything later.
    pub(super) slow: bool,
    /// Blocks answers that hold this.
    pub(super) taboo: &'static str,
    pub(super) saw: Arc<Mutex<Vec<String>>>,
}

impl Swap {
    pub(super) fn new(from: &'static str, to: &'static str) -> Self {
        Self {
            from,
            to,
            slow: false,
            taboo: "\u{0}",
            saw: Arc::default(),
        }
    }

    pub(super) fn saw(&self) -> Vec<String> {
        self.saw.lock().unwrap().clone()
    }

    fn note(&self, text: String) {
        self.saw.lock().unwrap().push(text);
    }
}

impl Guard for Swap {
    fn post(&self, call: &CallView<'_>) -> Option<Box<dyn Sentry>> {
        let provider = call.provider.as_str();
        self.note(format!("{} to {provider}", call.operation.name()));
        Some(Box::new(Swapping {
            rule: self.clone(),
            held: String::new(),
        }))
    }
}

struct Swapping {
    rule: Swap,
    held: String,
}

impl Swapping {
    fn said<T: Send + 'static>(&self, said: Result<T, Stop>) -> Step<'static, T> {
        if !self.rule.slow {
            return Step::Done(said);
        }
        Step::later(async {
            tokio::task::yield_now().await;
            said
        })
    }
}

impl Sentry for Swapping {
    fn prompt<'a>(&'a mut self, _: &'a str, body: &'a Bytes) -> Step<'a, Option<Bytes>> {
        let text = String::from_utf8_lossy(body);
        let said = if text.contains(self.rule.taboo) {
            Err(Stop::Blocked(RuleName::new("no taboos")))
        } else if text.contains(self.rule.from) {
            Ok(Some(text.replace(self.rule.from, self.rule.to).into()))
        } else {
            Ok(None)
        };
        self.said(said)
    }

    fn answer(&mut self, answer: &AnswerView<'_>) -> bool {
        self.rule
            .note(format!("{} {:?}", answer.status, answer.kind));
        answer.status == 200
    }

    fn push(&mut self, piece: Bytes) -> Step<'_, Forward> {
        self.held.push_str(std::str::from_utf8(&piece).unwrap());
        let text = self.held.replace(self.rule.from, self.rule.to);
        if text.contains(self.rule.taboo) {
            return self.said(Err(Stop::Blocked(RuleName::new("no taboos"))));
        }
        let begun = (1..self.rule.from.len())
            .rev()
            .find(|&length| text.ends_with(&self.rule.from[..length]))
            .unwrap_or(0);
        let (free, held) = text.split_at(text.len() - begun);
        let free = Bytes::copy_from_slice(free.as_bytes());
        self.held = held.to_owned();
        self.said(Ok(std::iter::once(free).collect()))
    }

    fn end(&mut self) -> Step<'_, Forward> {
        let held = std::mem::take(&mut self.held);
        self.said(Ok(std::iter::once(held.into()).collect()))
    }

    fn holds(&self) -> bool {
        !self.held.is_empty()
    }
}

/// Does one thing to every prompt.
#[derive(Debug, Clone, Copy)]
pub(super) struct Always(pub(super) fn(&Bytes) -> Result<Option<Bytes>, Stop>);

impl Guard for Always {
    fn post(&self, _: &CallView<'_>) -> Option<Box<dyn Sentry>> {
        Some(Box::new(*self))
    }
}

impl Sentry for Always {
    fn prompt<'a>(&'a mut self, _: &'a str, body: &'a Bytes) -> Step<'a, Option<Bytes>> {
        Step::Done((self.0)(body))
    }

    fn answer(&mut self, _: &AnswerView<'_>) -> bool {
        false
    }

    fn push(&mut self, piece: Bytes) -> Step<'_, Forward> {
        Step::pass(std::iter::once(piece).collect())
    }

    fn end(&mut self) -> Step<'_, Forward> {
        Step::pass(Forward::new())
    }

    fn holds(&self) -> bool {
        false
    }
}
