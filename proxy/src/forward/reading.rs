//! Reads a conversation as it passes: model and tokens for the log, where a surface knows the shape.
//! Nothing is held up and nothing is changed; what is not known passes all the same.

use bytes::Bytes;
use http::header;
use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::{Facts, stage::Forwarded};
use tidegate_wire::{
    relayed,
    surface::{Meter, Surface},
};

use crate::call::text;

/// The most that is kept of a request, to be read when it is whole.
const KEPT: usize = 1 << 20;

/// A conversation in passing.
pub(super) struct Reading {
    surface: Surface,
    /// The request's `content-type`.
    kind: String,
    /// One that is a stream of its own.
    upload: Meter,
    request: Vec<u8>,
    cut: bool,
    answer: Option<Meter>,
}

impl Reading {
    /// For a call that is a conversation; none for all others.
    pub(super) fn of(
        client: &ServerSession,
        target: &str,
        to: &Forwarded,
        facts: &mut Facts,
    ) -> Option<Box<Self>> {
        let head = client.req_header();
        let surface = relayed::conversation(to.host.as_str(), head.method.as_str(), target)?;
        let app = facts.edge.as_ref().map_or("", |edge| edge.app());
        let surface = surface.of_app(app);
        facts.surface = Some(surface);
        let kind = text(head.headers.get(header::CONTENT_TYPE)).to_owned();
        Some(Box::new(Self {
            upload: surface.upload_meter(&kind),
            surface,
            kind,
            request: Vec::new(),
            cut: false,
            answer: None,
        }))
    }

    /// A piece of the request.
    pub(super) fn sent(&mut self, piece: &Bytes) {
        self.upload.push(piece);
        self.cut |= self.request.len() + piece.len() > KEPT;
        if !self.cut {
            self.request.extend_from_slice(piece);
        }
    }

    /// The answer begins.
    pub(super) fn answered(&mut self, content_type: &str) {
        let meter = self.surface.meter(content_type);
        self.answer = Some(meter);
    }

    /// A piece of the answer.
    pub(super) fn piece(&mut self, piece: &Bytes) {
        if let Some(meter) = &mut self.answer {
            meter.push(piece);
        }
    }

    /// The call is over: what it was, for its log row.
    pub(super) fn end(mut self: Box<Self>, facts: &mut Facts) {
        self.upload.end();
        let prompt = self.surface.request(&self.kind, &self.request);
        let mut model = prompt.as_ref().and_then(|prompt| prompt.model.clone());
        let mut usage = self.upload.usage().usage();
        if let Some(meter) = self.answer.take() {
            let mut meter = match &prompt {
                Some(prompt) => meter.with_prompt(prompt),
                None => meter,
            };
            meter.end();
            let answered = meter.usage().usage();
            usage.input = usage.input.max(answered.input);
            usage = tidegate_types::Usage {
                input: usage.input,
                ..answered
            };
            model = meter.model().map(str::to_owned).or(model);
        }
        facts.usage = usage;
        let model = model.or_else(|| self.upload.model().map(str::to_owned));
        facts.model = model.and_then(|model| model.parse().ok());
    }
}
