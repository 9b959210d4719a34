//! The port of guards: what may change or stop a prompt before a provider sees it, and an answer
//! before its caller does.
//!
//! A [`Guard`] is asked about every governed call once it is paid for, whether a key or a device
//! sends it. It posts a [`Sentry`] on the calls that concern it, which stays with the call from its
//! prompt to its answer's last byte; so what was taken out of a prompt can be put back into the
//! answer. Sentries stand in layers: prompts pass them in the order of their guards, answers in the
//! opposite one.
//!
//! A gateway without guards pays nothing for this: no allocation, no copy, nothing to wait for.
//!
//! Conversations with apps' own services (the web pages of `ChatGPT` and Claude, Cursor) are asked about
//! like calls ([`crate::stage::Conversation`]), and responses on a WebSocket are calls. What else devices send to
//! a governed host is forwarded as it is, other WebSockets too.

mod sentries;
mod step;
#[cfg(test)]
mod tests;

use std::{any::Any, fmt, sync::Arc};

use bytes::Bytes;
use tidegate_governance::{guardrail::Applied, key::Permit, record::printable};
use tidegate_types::{
    DeviceGroupId, DeviceId, KeyId, ModelName, ProviderName, RequestId, TeamId, UserId,
};
use tidegate_wire::{
    answer::{AnswerKind, Forward},
    json::Ends,
    route::Operation,
    surface::Surface,
};

pub use sentries::Sentries;
pub use step::Step;

use crate::Facts;

/// A rule, or a set of rules, over prompts and answers.
pub trait Guard: fmt::Debug + Send + Sync {
    /// Posts a sentry on a call; `None` where the call is none of its business. Must not block.
    fn post(&self, call: &CallView<'_>) -> Option<Box<dyn Sentry>>;
}

/// What a guard has on one call: it sees the prompt, then the answer, piece by piece.
///
/// A sentry that calls out keeps a time limit of its own.
pub trait Sentry: Send + Sync {
    /// Looks at the request's body as the caller sent it, or as the sentry before left it: JSON, or a
    /// form where `content_type` says so. Gives the body to send in its place; `None` leaves it as it
    /// is. What decides the call (model, streaming, the answer's length, how many answers) must stay:
    /// it was allowed and priced already. Not asked where the operation takes no body.
    fn prompt<'a>(&'a mut self, content_type: &'a str, body: &'a Bytes) -> Step<'a, Option<Bytes>>;

    /// The request is a stream of its own, and its answer may begin before it ends: its pieces come by
    /// [`Sentry::sent`], and [`Sentry::prompt`] is not asked.
    ///
    /// # Errors
    /// It cannot look at such a request, and lets nothing pass unseen.
    fn upload(&mut self, content_type: &str) -> Result<(), Stop> {
        let _ = content_type;
        Err(Stop::Failed("it cannot look at a request that is a stream"))
    }

    /// Takes a piece of a request that is a stream; gives what may be sent now.
    fn sent(&mut self, piece: Bytes) -> Step<'_, Forward> {
        Step::pass(std::iter::once(piece).collect())
    }

    /// The request is over; gives what was held back of it.
    fn sent_all(&mut self) -> Step<'_, Forward> {
        Step::pass(Forward::new())
    }

    /// The answer begins: whether this sentry wants to see it. If none does, the answer keeps its
    /// length; else it is sent without one.
    fn answer(&mut self, answer: &AnswerView<'_>) -> bool;

    /// Takes a piece of the answer's body, cut wherever the provider's network cut it; gives what may
    /// be sent now. A caller that has got something of an answer in one piece cannot be told of a
    /// refusal any more: the connection breaks. Into a stream of events an error event can be put,
    /// best after whole events.
    fn push(&mut self, piece: Bytes) -> Step<'_, Forward>;

    /// The provider has no more to say; gives what was held back.
    fn end(&mut self) -> Step<'_, Forward>;

    /// Whether it holds anything back now.
    fn holds(&self) -> bool;

    /// What it has to know when a later call of the same conversation is answered: what was taken out of this
    /// prompt may come back in that answer, where its provider remembers the conversation itself.
    fn remember(&mut self) -> Option<Remembered> {
        None
    }

    /// Before the prompt: what a sentry of an earlier call of the same conversation remembered. Of another
    /// guard's it makes nothing.
    fn recall(&mut self, remembered: &Remembered) {
        let _ = remembered;
    }

    /// Takes what it did since it was last asked, for the log: after the prompt, when the answer begins
    /// and when the call is over.
    fn applied(&mut self) -> Vec<Applied> {
        Vec::new()
    }
}

/// What a sentry remembers, in a type that its guard knows.
pub type Remembered = Arc<dyn Any + Send + Sync>;

/// What the sentries of a conversation's calls remember. It is carried from one call to the next, in memory
/// only, by whoever knows that they are one conversation: a WebSocket.
#[derive(Clone, Default)]
pub struct Memory(Vec<Remembered>);

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It is a person's text: not shown.
        write!(f, "Memory({})", self.0.len())
    }
}

/// Why a sentry lets nothing pass any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// A rule forbids what was said.
    #[error("blocked by {0}")]
    Blocked(RuleName),
    /// The guard could not do its work, and does not let pass what it could not see. The text is for
    /// the operator's log.
    #[error("a guard failed: {0}")]
    Failed(&'static str),
}

/// A rule's name, as callers and the log read it: at most 64 bytes, without control characters. Never
/// what the rule found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleName(Box<str>);

impl RuleName {
    /// The longest name, in bytes.
    pub const MAX: usize = 64;

    /// A name, cut at the bound.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(printable(name, Self::MAX).into())
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a call is, and with that the shape of its bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// One of the gateway's operations; its dialect is the bodies'.
    Operation(Operation),
    /// A conversation with an app's own service.
    Surface(Surface),
}

impl Asked {
    /// Its name in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Operation(operation) => operation.name(),
            Self::Surface(surface) => surface.name(),
        }
    }
}

impl From<Operation> for Asked {
    fn from(operation: Operation) -> Self {
        Self::Operation(operation)
    }
}

/// What a guard is told of a call.
#[derive(Debug, Clone, Copy)]
pub struct CallView<'a> {
    /// The request's id.
    pub id: RequestId,
    /// What is asked for.
    pub operation: Asked,
    /// The model as the caller named it, where the operation has one.
    pub model: Option<&'a ModelName>,
    /// Where the call goes.
    pub provider: &'a ProviderName,
    /// Whether a stream is asked for.
    pub streamed: bool,
    /// Whose key it is.
    pub key: KeyId,
    /// The key's team, or its user's.
    pub team: Option<TeamId>,
    /// The key's user.
    pub user: Option<UserId>,
    /// The device that relays the call.
    pub device: Option<DeviceId>,
    /// The group that the device is in.
    pub device_group: Option<DeviceGroupId>,
    /// The app that made the call, as its device says.
    pub app: Option<&'a str>,
    /// What is known of the body, where it was read before the guards look at it.
    pub ends: Option<&'a Ends>,
}

impl<'a> CallView<'a> {
    pub(crate) fn new(
        operation: Asked,
        provider: &'a ProviderName,
        permit: &Permit,
        facts: &'a Facts,
    ) -> Self {
        Self {
            id: facts.id,
            operation,
            model: facts.model.as_ref(),
            provider,
            streamed: facts.streamed,
            key: permit.key_id(),
            team: permit.team(),
            user: permit.user(),
            device: permit.device(),
            device_group: permit.device_group(),
            app: facts.edge.as_ref().map(|edge| edge.app()),
            ends: None,
        }
    }
}

/// What is known of an answer when it begins.
#[derive(Debug, Clone, Copy)]
pub struct AnswerView<'a> {
    /// The provider's status.
    pub status: u16,
    /// How the body is written. Of an answer that is no success: opaque.
    pub kind: AnswerKind,
    /// Its `content-type`.
    pub content_type: Option<&'a str>,
    /// Its `content-encoding`. None is asked for; a provider that compresses all the same sends what
    /// cannot be read here.
    pub encoding: Option<&'a str>,
}

/// All guards, in their order. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Guards(Arc<[Arc<dyn Guard>]>);

impl FromIterator<Arc<dyn Guard>> for Guards {
    fn from_iter<T: IntoIterator<Item = Arc<dyn Guard>>>(guards: T) -> Self {
        Self(guards.into_iter().collect())
    }
}

impl Guards {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// These, and another one after them.
    #[must_use]
    pub fn and(&self, last: Arc<dyn Guard>) -> Self {
        self.0.iter().cloned().chain([last]).collect()
    }

    /// The sentries that they post on a call.
    pub(crate) fn post(&self, call: &CallView<'_>) -> Sentries {
        self.0.iter().filter_map(|guard| guard.post(call)).collect()
    }
}
