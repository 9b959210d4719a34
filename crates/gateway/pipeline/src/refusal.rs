//! Every way in which the gateway itself ends a call: one closed list.
//!
//! A refusal knows whose fault it is, its status, its public `code`, whether trying again can
//! help, and a sentence that says what to do. The dialects only dress it
//! ([`tidegate_wire::error`]). What an upstream answered is not a refusal: it passes through.

#[cfg(test)]
mod tests;
mod text;

use std::time::Duration;

use tidegate_governance::{govern::Denial, key::AuthRefusal};
use tidegate_policy::Why;
use tidegate_provider::ChooseError;
use tidegate_types::{ProviderName, Timestamp};
use tidegate_wire::{
    body::BodyError,
    error::{ErrorKind, ErrorView},
    headers::CredentialError,
    route::RouteError,
    socket::MessageError,
    translate::Refused,
};

use crate::{
    guard::{RuleName, Stop},
    stage::McpDenial,
};

/// Who has to change something for the call to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The caller.
    Client,
    /// The gateway, or the machine it runs on.
    Gateway,
    /// An admin's rule, or the admin.
    Policy,
    /// The provider.
    Upstream,
}

/// Why the gateway refused a call, or had to give it up before an answer began.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Refusal {
    /// A guard's rule forbids the answer.
    #[error("answer blocked by {0}")]
    AnswerBlocked(RuleName),
    /// The organisation denied the app.
    #[error("app denied")]
    AppDenied(Why),
    /// A key failed authentication.
    #[error("authentication failed")]
    Auth(AuthRefusal),
    /// A batch whose cost cannot be bounded, under a budget.
    #[error("batch under a budget")]
    BatchUnbounded,
    /// The body is not what the route takes.
    #[error("bad body")]
    Body(BodyError),
    /// The client did not send its whole body in time.
    #[error("body incomplete")]
    BodyIncomplete,
    /// The body is larger than the gateway takes, in bytes.
    #[error("body too large")]
    BodyTooLarge(u64),
    /// Too many bytes of request bodies are held at once.
    #[error("busy")]
    Busy,
    /// No provider, or no single one, serves the model.
    #[error("no provider")]
    Choose(ChooseError),
    /// The client went away before an answer could be sent.
    #[error("client gone")]
    ClientGone,
    /// No credential, or more than one.
    #[error("bad credential")]
    Credential(CredentialError),
    /// A limit or a budget is reached.
    #[error("denied")]
    Denied(Denial),
    /// A guard could not do its work; the text is for the operator's log.
    #[error("a guard failed: {0}")]
    GuardFailed(&'static str),
    /// A device relayed a call to a host that the gateway does not govern.
    #[error("host not governed")]
    HostNotGoverned(String),
    /// The organisation denied an MCP server, or one of its tools.
    #[error("MCP server denied")]
    McpDenied(Box<McpDenial>),
    /// The body names another model than the path.
    #[error("model contradicted")]
    ModelContradicted(String),
    /// What was said over a WebSocket is none of the messages that are let through.
    #[error("bad message")]
    Message(MessageError),
    /// The key is not allowed to use this model.
    #[error("model denied")]
    ModelDenied(String),
    /// The body names no model, and the route needs one.
    #[error("model missing")]
    ModelMissing,
    /// The model has no price, and the setting refuses such.
    #[error("model unpriced")]
    ModelUnpriced(String),
    /// The caller wants an answer only if one was kept, and there is none.
    #[error("not cached")]
    NotCached,
    /// A guard's rule forbids the prompt.
    #[error("prompt blocked by {0}")]
    PromptBlocked(RuleName),
    /// The key is not allowed to use this provider.
    #[error("provider denied")]
    ProviderDenied(ProviderName),
    /// A routing rule of the operator's refuses the call.
    #[error("refused by a rule")]
    Ruled {
        /// The rule's name.
        rule: Box<str>,
        /// The operator's sentence.
        why: Box<str>,
    },
    /// Not on the list of routes.
    #[error("unknown route")]
    Route(RouteError),
    /// The key is not allowed to use this operation.
    #[error("route denied")]
    RouteDenied(&'static str),
    /// The call goes to a provider that speaks another language, in which it cannot be said.
    #[error("not translatable")]
    Untranslatable(Refused),
    /// The provider refused the gateway's own credential.
    #[error("upstream credential refused")]
    UpstreamCredential(ProviderName),
    /// The provider's answer was not HTTP that can be passed on, or broke off before it began.
    #[error("upstream broken")]
    UpstreamBroken(ProviderName),
    /// The provider did not begin to answer in time.
    #[error("upstream timeout")]
    UpstreamTimeout(ProviderName),
    /// No connection to the provider.
    #[error("upstream unreachable")]
    UpstreamUnreachable(ProviderName),
    /// A session's model is no longer served where the session is open.
    #[error("session moved")]
    SessionMoved,
    /// A WebSocket was asked for.
    #[error("websocket")]
    WebSocket,
    /// A WebSocket has been open for as long as one may be.
    #[error("websocket expired")]
    WebSocketExpired,
    /// The key has as many WebSockets open as one may have.
    #[error("too many websockets")]
    WebSockets(u64),
}

/// How a refusal is answered, worked out in one place.
struct Shape {
    status: u16,
    code: &'static str,
    kind: ErrorKind,
    fault: Fault,
}

const fn shape(status: u16, code: &'static str, kind: ErrorKind, fault: Fault) -> Shape {
    Shape {
        status,
        code,
        kind,
        fault,
    }
}

impl Refusal {
    /// Whether it is because nobody knows who calls: no key came, or none that was ever given out. One that expired
    /// or was switched off is somebody's.
    #[must_use]
    pub const fn is_of_nobody(&self) -> bool {
        matches!(self, Self::Auth(AuthRefusal::Unknown) | Self::Credential(_))
    }

    /// What a guard says of a prompt.
    #[must_use]
    pub fn of_prompt(stop: Stop) -> Self {
        match stop {
            Stop::Blocked(rule) => Self::PromptBlocked(rule),
            Stop::Failed(what) => Self::GuardFailed(what),
        }
    }

    /// What a guard says of an answer.
    #[must_use]
    pub fn of_answer(stop: Stop) -> Self {
        match stop {
            Stop::Blocked(rule) => Self::AnswerBlocked(rule),
            Stop::Failed(what) => Self::GuardFailed(what),
        }
    }

    /// The answer in JSON-RPC, where it was that which was refused.
    #[must_use]
    pub fn rpc_body(&self) -> Option<String> {
        match self {
            Self::McpDenied(denial) => denial.rpc_body(),
            _ => None,
        }
    }

    fn shape_of_websocket(&self) -> Shape {
        use ErrorKind as K;
        use Fault as F;
        match self {
            Self::Message(_) => shape(400, "invalid_message", K::Invalid, F::Client),
            // The code by which clients of the Responses API know that they should open another one.
            Self::WebSocketExpired => {
                let code = "websocket_connection_limit_reached";
                shape(400, code, K::Invalid, F::Policy)
            }
            Self::SessionMoved => shape(409, "session_moved", K::Invalid, F::Policy),
            Self::WebSockets(_) => shape(429, "websockets_exceeded", K::RateLimit, F::Policy),
            // 426 is what makes Codex fall back to plain HTTP without a second try.
            _ => shape(426, "websocket_unsupported", K::Unsupported, F::Client),
        }
    }

    fn shape(&self) -> Shape {
        use ErrorKind as K;
        use Fault as F;
        match self {
            // 400 and `policy_blocked` are what makes Claude Code show the sentence and not try again.
            Self::AnswerBlocked(_) => shape(400, "answer_blocked", K::Policy, F::Policy),
            Self::AppDenied(_) => shape(403, "app_denied", K::Permission, F::Policy),
            Self::McpDenied(_) => shape(403, "mcp_denied", K::Permission, F::Policy),
            Self::Auth(AuthRefusal::Unknown) => {
                shape(401, "invalid_api_key", K::Authentication, F::Client)
            }
            Self::Auth(AuthRefusal::Expired { .. }) => {
                shape(401, "key_expired", K::Authentication, F::Client)
            }
            Self::Auth(AuthRefusal::Disabled { .. }) => {
                shape(403, "key_disabled", K::Permission, F::Policy)
            }
            Self::BatchUnbounded => shape(403, "batch_unbounded", K::Permission, F::Policy),
            Self::Body(_) => shape(400, "invalid_body", K::Invalid, F::Client),
            Self::BodyIncomplete => shape(408, "body_incomplete", K::Invalid, F::Client),
            Self::BodyTooLarge(_) => shape(413, "body_too_large", K::TooLarge, F::Client),
            Self::Busy => shape(503, "gateway_busy", K::Overloaded, F::Gateway),
            Self::Choose(ChooseError::NoProvider { .. }) => {
                shape(404, "no_provider", K::NotFound, F::Policy)
            }
            Self::Choose(_) => shape(404, "model_not_found", K::NotFound, F::Client),
            Self::ClientGone => shape(499, "client_gone", K::Invalid, F::Client),
            Self::Credential(CredentialError::Missing) => {
                shape(401, "missing_api_key", K::Authentication, F::Client)
            }
            Self::Credential(_) => shape(401, "invalid_api_key", K::Authentication, F::Client),
            Self::Denied(Denial::Budget { .. }) => {
                shape(429, "budget_exceeded", K::Billing, F::Policy)
            }
            Self::Denied(Denial::Concurrency { .. }) => {
                shape(429, "concurrency_exceeded", K::RateLimit, F::Policy)
            }
            Self::Denied(Denial::LedgerUnavailable) => {
                shape(503, "ledger_unavailable", K::Overloaded, F::Gateway)
            }
            Self::Denied(Denial::Requests { .. }) => {
                shape(429, "rate_limit_exceeded", K::RateLimit, F::Policy)
            }
            Self::Denied(Denial::Tokens { .. }) => {
                shape(429, "token_limit_exceeded", K::RateLimit, F::Policy)
            }
            Self::GuardFailed(_) => shape(503, "guard_failed", K::Overloaded, F::Gateway),
            Self::HostNotGoverned(_) => shape(403, "host_not_governed", K::Permission, F::Policy),
            Self::ModelContradicted(_) => shape(400, "model_contradicted", K::Invalid, F::Client),
            Self::ModelDenied(_) => shape(403, "model_not_allowed", K::Permission, F::Policy),
            Self::ModelMissing => shape(400, "model_missing", K::Invalid, F::Client),
            Self::ModelUnpriced(_) => shape(403, "model_unpriced", K::Permission, F::Policy),
            // RFC 9111 §5.2.1.7.
            Self::NotCached => shape(504, "not_cached", K::Timeout, F::Gateway),
            Self::PromptBlocked(_) => shape(400, "prompt_blocked", K::Policy, F::Policy),
            Self::ProviderDenied(_) => shape(403, "provider_not_allowed", K::Permission, F::Policy),
            Self::Ruled { .. } => shape(403, "refused_by_rule", K::Permission, F::Policy),
            Self::Route(RouteError::MethodNotAllowed { .. }) => {
                shape(405, "method_not_allowed", K::Invalid, F::Client)
            }
            Self::Route(RouteError::Malformed { .. }) => {
                shape(400, "malformed_path", K::Invalid, F::Client)
            }
            Self::Route(RouteError::Unknown { .. }) => {
                shape(404, "unknown_route", K::NotFound, F::Client)
            }
            Self::RouteDenied(_) => shape(403, "route_not_allowed", K::Permission, F::Policy),
            Self::Untranslatable(_) => shape(400, "not_translatable", K::Invalid, F::Client),
            Self::UpstreamCredential(_) => {
                shape(502, "upstream_credential", K::Upstream, F::Gateway)
            }
            Self::UpstreamBroken(_) => shape(502, "upstream_broken", K::Upstream, F::Upstream),
            Self::UpstreamTimeout(_) => shape(504, "upstream_timeout", K::Timeout, F::Upstream),
            Self::UpstreamUnreachable(_) => {
                shape(502, "upstream_unreachable", K::Upstream, F::Upstream)
            }
            Self::Message(_)
            | Self::SessionMoved
            | Self::WebSocket
            | Self::WebSocketExpired
            | Self::WebSockets(_) => self.shape_of_websocket(),
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.shape().status
    }

    /// The public code: one of a closed list, stable for clients and dashboards.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.shape().code
    }

    /// The class that dialects translate into their error types.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.shape().kind
    }

    /// Who has to change something.
    #[must_use]
    pub fn fault(&self) -> Fault {
        self.shape().fault
    }

    /// Whether another place may be asked in this one's stead: it is this place, model or price that is in the
    /// way. What the caller did, and what guards say of a prompt, holds everywhere.
    #[must_use]
    pub const fn is_of_the_place(&self) -> bool {
        matches!(
            self,
            Self::Denied(_)
                | Self::ModelUnpriced(_)
                | Self::Untranslatable(_)
                | Self::UpstreamBroken(_)
                | Self::UpstreamCredential(_)
                | Self::UpstreamTimeout(_)
                | Self::UpstreamUnreachable(_)
        )
    }

    /// How long to wait before the same call can pass, where waiting helps.
    #[must_use]
    pub fn retry_after(&self, now: Timestamp) -> Option<Duration> {
        match self {
            Self::Denied(denial) => denial.retry_after(now),
            Self::Busy => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// Whether an SDK should try again by itself: not when the same call must fail again, and not
    /// when the wait is longer than people sit in front of.
    #[must_use]
    pub fn should_retry(&self, now: Timestamp) -> bool {
        match self {
            Self::Denied(Denial::Budget { .. }) => false,
            Self::Denied(_) => self
                .retry_after(now)
                .is_none_or(|wait| wait.as_secs() <= 60),
            Self::Busy
            | Self::GuardFailed(_)
            | Self::UpstreamBroken(_)
            | Self::UpstreamTimeout(_)
            | Self::UpstreamUnreachable(_) => true,
            _ => false,
        }
    }

    /// As it is shown to a client, with its [`message`](Self::message) and the request's id.
    #[must_use]
    pub fn view<'a>(&'a self, message: &'a str, request_id: &'a str) -> ErrorView<'a> {
        ErrorView {
            status: self.status(),
            kind: self.kind(),
            code: self.code(),
            message,
            param: self.param(),
            request_id,
        }
    }

    /// The request's field that is at fault, as `OpenAI` names it in `error.param`.
    #[must_use]
    pub fn param(&self) -> Option<&str> {
        match self {
            Self::Untranslatable(refused) => Some(&refused.field),
            Self::Choose(ChooseError::NoProvider { .. }) => None,
            Self::Choose(_)
            | Self::ModelContradicted(_)
            | Self::ModelDenied(_)
            | Self::ModelMissing
            | Self::ModelUnpriced(_) => Some("model"),
            _ => None,
        }
    }
}
