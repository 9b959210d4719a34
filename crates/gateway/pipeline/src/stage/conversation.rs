//! A conversation with an app's own service, which no operation of the gateway's is: the web pages of
//! `ChatGPT` and Claude, Cursor. It is forwarded, and nobody pays for it here; guards see what is said in it
//! as they see calls.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, header};
use tidegate_governance::key::Permit;
use tidegate_policy::{AppId, HostName};
use tidegate_types::ProviderName;
use tidegate_wire::{
    answer::{AnswerKind, Forward},
    relayed,
    surface::Surface,
};

use crate::{
    Facts, Refusal, Snapshot,
    guard::{AnswerView, Asked, CallView, Guards, Sentries},
};

/// A conversation of which nothing was sent yet.
#[derive(Debug)]
pub struct Conversation {
    surface: Surface,
    permit: Permit,
    guards: Guards,
}

impl Conversation {
    /// The conversation that a call (method, path and query) to a host belongs to; `None` where it is none,
    /// or nobody looks at it.
    pub(super) fn at(
        host: &HostName,
        (method, target): (&str, &str),
        app: &AppId,
        permit: &Permit,
        snapshot: &Snapshot,
    ) -> Option<Self> {
        if snapshot.guards.is_empty() {
            return None;
        }
        let surface = relayed::conversation(host.as_str(), method, target)?;
        Some(Self {
            surface: surface.of_app(app.as_str()),
            permit: permit.clone(),
            guards: snapshot.guards.clone(),
        })
    }

    /// Whether a request of this `content-type` is a stream, whose answer may begin before it ends: to be
    /// opened, not to be shown whole.
    #[must_use]
    pub fn is_stream(&self, content_type: &str) -> bool {
        self.surface.is_stream(content_type)
    }

    /// Shows the guards a whole request to the host, by its name as a provider's. Gives what is to be sent in
    /// the request's place, if anything else is.
    ///
    /// # Errors
    /// A guard's rule forbids it, or a guard cannot do its work.
    pub async fn clear(
        &self,
        host: &ProviderName,
        content_type: &str,
        body: &Bytes,
        facts: &mut Facts,
    ) -> Result<(Option<Bytes>, Talk), Refusal> {
        let prompt = self.surface.request(content_type, body);
        let model = prompt.and_then(|prompt| prompt.model?.parse().ok());
        facts.model = model.or(facts.model.take());
        let mut sentries = self.post(host, facts);
        if sentries.is_empty() {
            return Ok((None, Talk::default()));
        }
        let said = sentries.prompt(content_type, body).await;
        sentries.report(facts);
        Ok((said.map_err(Refusal::of_prompt)?, self.talk(sentries)))
    }

    /// Begins with a request that is a stream. What model it asks is not known yet.
    ///
    /// # Errors
    /// A guard cannot look at such a request, and lets nothing pass unseen.
    pub fn open(
        &self,
        host: &ProviderName,
        content_type: &str,
        facts: &mut Facts,
    ) -> Result<Talk, Refusal> {
        let mut sentries = self.post(host, facts);
        let opened = sentries.upload(content_type);
        sentries.report(facts);
        opened.map_err(Refusal::of_prompt)?;
        Ok(self.talk(sentries))
    }

    fn post(&self, host: &ProviderName, facts: &Facts) -> Sentries {
        let asked = Asked::Surface(self.surface);
        let view = CallView::new(asked, host, &self.permit, facts);
        self.guards.post(&CallView {
            streamed: true,
            ..view
        })
    }

    fn talk(&self, sentries: Sentries) -> Talk {
        Talk {
            surface: Some(self.surface),
            sentries,
            events: false,
        }
    }
}

/// A conversation that is under way. One that nobody looks at passes as it is.
#[derive(Debug, Default)]
pub struct Talk {
    surface: Option<Surface>,
    sentries: Sentries,
    events: bool,
}

impl Talk {
    /// Whether anybody looks at it.
    #[must_use]
    pub const fn is_guarded(&self) -> bool {
        !self.sentries.is_empty()
    }

    /// Whether anybody looks at its answer, once that has begun.
    #[must_use]
    pub fn is_answer_guarded(&self) -> bool {
        self.sentries.see_answer()
    }

    /// Whether the answer is a stream: then its header need not wait for what guards say.
    #[must_use]
    pub const fn is_event_stream(&self) -> bool {
        self.events
    }

    /// Takes a piece of a request that is a stream, or with `None` its end; gives what may be sent now.
    ///
    /// # Errors
    /// Nothing may pass any more.
    pub async fn sent(&mut self, piece: Option<Bytes>) -> Result<Forward, Refusal> {
        let sent = self.sentries.pass_up(piece).await;
        sent.map_err(Refusal::of_prompt)
    }

    /// The service began to answer.
    pub fn answered(&mut self, status: u16, headers: &HeaderMap) {
        let text = |name: HeaderName| {
            let value = headers.get(name);
            value.map(|value| value.to_str().unwrap_or_default())
        };
        let content_type = text(header::CONTENT_TYPE);
        let ok = (200..300).contains(&status);
        let kind = content_type
            .filter(|_| ok)
            .map_or(AnswerKind::Opaque, AnswerKind::of);
        let stream = |surface: Surface| content_type.is_some_and(|kind| surface.is_stream(kind));
        self.events = self.surface.is_some_and(stream);
        self.sentries.answer(&AnswerView {
            status,
            kind,
            content_type,
            encoding: text(header::CONTENT_ENCODING),
        });
    }

    /// Takes a piece of the answer, or with `None` its end; gives what may be passed on now.
    ///
    /// # Errors
    /// Nothing may pass any more.
    pub async fn answer(&mut self, piece: Option<Bytes>) -> Result<Forward, Refusal> {
        let last = piece.is_none();
        let pieces = piece.into_iter().collect();
        if !self.is_guarded() {
            return Ok(pieces);
        }
        let passed = self.sentries.pass(pieces, last).await;
        passed.map_err(Refusal::of_answer)
    }

    /// Notes what guards did since they were last asked.
    pub fn report(&mut self, facts: &mut Facts) {
        self.sentries.report(facts);
    }
}
