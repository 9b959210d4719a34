//! A forwarded call on its way: what each side says is passed on to the other, read for the log and shown to
//! the guards in passing.

use std::fmt;

use bytes::Bytes;
use http::header;
use pingora_core::protocols::http::{ServerSession, client::HttpSession};
use pingora_error::BError;
use pingora_http::ResponseHeader;
use tidegate_governance::record::Outcome;
use tidegate_pipeline::{Facts, Refusal, stage::Talk};
use tidegate_wire::{answer::Forward, error::ErrorView};

use super::{Reading, heads::respond};
use crate::call::{Call, Fate, text};

/// Why a call does not go on.
pub(super) enum Broken {
    /// The client left.
    Gone,
    /// One of the connections failed.
    Link(BError),
    /// A guard lets nothing pass any more.
    Stopped(Refusal),
}

impl From<BError> for Broken {
    fn from(error: BError) -> Self {
        Self::Link(error)
    }
}

impl From<Refusal> for Broken {
    fn from(refusal: Refusal) -> Self {
        Self::Stopped(refusal)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("the client left"),
            Self::Link(error) => error.fmt(f),
            Self::Stopped(refusal) => refusal.fmt(f),
        }
    }
}

/// A call between its client and its host.
pub(super) struct Passage {
    session: HttpSession,
    talk: Talk,
    reading: Option<Box<Reading>>,
    /// All of the request was sent.
    asked: bool,
    /// Something of the answer was sent.
    begun: bool,
    /// The answer's `content-type`.
    kind: String,
}

/// What one look at both sides gave.
enum Step<T> {
    Upstream(T),
    /// A piece of the request; nothing more of it when the inner is empty; the client left when there
    /// is none.
    Request(Option<Option<Bytes>>),
}

impl Passage {
    pub(super) fn new(session: HttpSession, talk: Talk, reading: Option<Box<Reading>>) -> Self {
        Self {
            session,
            talk,
            reading,
            asked: false,
            begun: false,
            kind: String::new(),
        }
    }

    /// Of a call that was sent already.
    pub(super) fn of_answer(session: HttpSession) -> Self {
        Self {
            asked: true,
            ..Self::new(session, Talk::default(), None)
        }
    }

    pub(super) const fn session(&mut self) -> &mut HttpSession {
        &mut self.session
    }

    pub(super) const fn is_h2(&self) -> bool {
        matches!(self.session, HttpSession::H2(_))
    }

    /// Whether it is read for the log.
    pub(super) const fn is_read(&self) -> bool {
        self.reading.is_some()
    }

    pub(super) const fn is_guarded(&self) -> bool {
        self.talk.is_guarded()
    }

    /// Whether something of the answer was sent.
    pub(super) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether the host's connection can serve another call.
    pub(super) const fn is_reusable(&self) -> bool {
        self.asked
    }

    pub(super) fn into_session(self) -> HttpSession {
        self.session
    }

    pub(super) async fn shutdown(&mut self) {
        self.session.shutdown().await;
    }

    /// Nothing more is read or shown: notes for the log row what it was.
    pub(super) fn close(&mut self, facts: &mut Facts) {
        self.talk.report(facts);
        if let Some(reading) = self.reading.take() {
            reading.end(facts);
        }
    }

    /// Sends a body that was read already, or says that there is none.
    pub(super) async fn send_whole(
        &mut self,
        body: Option<Bytes>,
        bodiless: bool,
        call: &mut Call,
    ) -> Result<(), Broken> {
        if body.is_none() && !bodiless {
            return Ok(());
        }
        if let Some(body) = body.filter(|body| !body.is_empty()) {
            let sent = self.session.write_request_body(body, false);
            call.watch.wait(sent).await?;
        }
        self.asked = true;
        Ok(call.watch.wait(self.session.finish_request_body()).await?)
    }

    /// Passes the request's body on until the answer's header is there.
    pub(super) async fn answer_head(
        &mut self,
        client: &mut ServerSession,
        call: &mut Call,
    ) -> Result<ResponseHeader, Broken> {
        loop {
            let (session, asked) = (&mut self.session, self.asked);
            let step = call.watch.wait(async {
                tokio::select! {
                    head = session.read_response_header() => head.map(Step::Upstream),
                    body = client.read_body_or_idle(asked) => Ok(Step::Request(body.ok())),
                }
            });
            match step.await? {
                Step::Upstream(()) => {
                    let Some(from) = self.session.response_header() else {
                        continue;
                    };
                    if from.status.is_informational() {
                        continue;
                    }
                    self.talk.answered(from.status.as_u16(), &from.headers);
                    let guarded = self.talk.is_answer_guarded();
                    return Ok(respond(client, &self.session, guarded, call)?);
                }
                Step::Request(None) => return Err(Broken::Gone),
                Step::Request(Some(piece)) => self.send(client, piece, call).await?,
            }
        }
    }

    /// Sends a piece of the request on. Pingora says nothing more once all of a body was read, so whether
    /// that is so is asked after each piece.
    async fn send(
        &mut self,
        client: &mut ServerSession,
        piece: Option<Bytes>,
        call: &mut Call,
    ) -> Result<(), Broken> {
        let last = piece.is_none() || client.is_body_done();
        let mut pieces = Forward::new();
        if let Some(bytes) = piece {
            if let Some(reading) = &mut self.reading {
                reading.sent(&bytes);
            }
            call.facts.request_bytes += bytes.len() as u64;
            pieces.extend(self.talk.sent(Some(bytes)).await?);
        }
        if last {
            pieces.extend(self.talk.sent(None).await?);
        }
        for bytes in pieces {
            let sent = self.session.write_request_body(bytes, false);
            call.watch.wait(sent).await?;
        }
        if last {
            self.asked = true;
            call.watch.wait(self.session.finish_request_body()).await?;
        }
        Ok(())
    }

    /// Passes the answer on. Its header goes first, or, where guards may still put a refusal in its place,
    /// with the first of its bytes.
    pub(super) async fn answer(
        &mut self,
        client: &mut ServerSession,
        head: ResponseHeader,
        call: &mut Call,
    ) -> Result<(), Broken> {
        call.facts.status = head.status.as_u16();
        text(head.headers.get(header::CONTENT_TYPE)).clone_into(&mut self.kind);
        if let Some(reading) = &mut self.reading {
            reading.answered(&self.kind);
        }
        call.facts.outcome = Outcome::ClientGone;
        let mut head = Some(Box::new(head));
        if !self.talk.is_answer_guarded() || self.talk.is_event_stream() {
            self.write(client, &mut head, Forward::new(), call).await?;
        }
        self.pass(client, &mut head, call).await?;
        call.facts.outcome = Outcome::Completed;
        Ok(())
    }

    /// Sends pieces of the answer, and before them its header, if it was not sent yet.
    async fn write(
        &mut self,
        client: &mut ServerSession,
        head: &mut Option<Box<ResponseHeader>>,
        pieces: Forward,
        call: &mut Call,
    ) -> pingora_error::Result<()> {
        if let Some(head) = head.take() {
            self.begun = true;
            call.watch.wait(client.write_response_header(head)).await?;
        }
        for bytes in pieces {
            call.facts.response_bytes += bytes.len() as u64;
            let written = client.write_response_body(bytes, false);
            call.watch.wait(written).await?;
        }
        Ok(())
    }

    /// Passes on what both sides say until the answer is over.
    async fn pass(
        &mut self,
        client: &mut ServerSession,
        head: &mut Option<Box<ResponseHeader>>,
        call: &mut Call,
    ) -> Result<(), Broken> {
        let mut answered = false;
        while !answered {
            let (session, asked) = (&mut self.session, self.asked);
            let step = call.watch.wait(async {
                tokio::select! {
                    biased;
                    piece = session.read_response_body() => piece.map(Step::Upstream),
                    body = client.read_body_or_idle(asked) => Ok(Step::Request(body.ok())),
                }
            });
            match step.await? {
                Step::Upstream(Some(bytes)) => {
                    call.piece();
                    if let Some(reading) = &mut self.reading {
                        reading.piece(&bytes);
                    }
                    answered = self.session.response_done();
                    let pieces = self.talk.answer(Some(bytes)).await?;
                    if !pieces.is_empty() {
                        self.write(client, head, pieces, call).await?;
                    }
                }
                Step::Upstream(None) => answered = true,
                Step::Request(Some(piece)) => self.send(client, piece, call).await?,
                Step::Request(None) => return Err(Broken::Gone),
            }
        }
        let held_back = self.talk.answer(None).await?;
        self.write(client, head, held_back, call).await?;
        if let HttpSession::H2(stream) = &mut self.session
            && let Some(trailers) = stream.read_trailers().await?
            && client.is_http2()
        {
            return Ok(client.write_response_trailers(trailers).await?);
        }
        let ended = client.write_response_body(Bytes::new(), true);
        Ok(call.watch.wait(ended).await?)
    }

    /// Ends an answer that has begun and may not go on: by an event that says why, where its client knows
    /// such.
    pub(super) async fn stop(
        &mut self,
        client: &mut ServerSession,
        refusal: &Refusal,
        call: &mut Call,
    ) -> Fate {
        if let Refusal::GuardFailed(what) = refusal {
            tracing::error!(what, "a guard failed, and its answer was stopped");
        }
        let facts = &mut call.facts;
        facts.outcome = Outcome::Refused;
        facts.code = Some(refusal.code());
        let id = facts.id.to_string();
        let view = ErrorView {
            status: refusal.status(),
            kind: refusal.kind(),
            code: refusal.code(),
            message: &refusal.message(),
            param: None,
            request_id: &id,
        };
        let stream = self.talk.is_event_stream();
        let surface = facts.surface.filter(|_| stream);
        let event = surface.and_then(|surface| surface.error_event(&self.kind, &view));
        let Some(event) = event else {
            // An answer in one piece that is cut short must look cut short: the connection breaks.
            return Fate::Abort;
        };
        facts.response_bytes += event.len() as u64;
        match client.write_response_body(event.into(), true).await {
            Ok(()) => Fate::Close,
            Err(_) => Fate::Abort,
        }
    }
}
