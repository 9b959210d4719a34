//! What a refused caller reads: what happened, whose rule it was, and what to do.

use tidegate_governance::{govern::Denial, key::AuthRefusal};
use tidegate_wire::{headers::CredentialError, route::RouteError};

use tidegate_policy::Why;

use super::{Refusal, RuleName};

const NOT_CACHED: &str =
    "There is no kept answer to this request, and `only-if-cached` asks for no other one.";
const WEB_SOCKET: &str = "WebSockets are not served here. Send the request by HTTP POST.";

impl Refusal {
    /// The sentence for the caller.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::AnswerBlocked(rule) => blocked(rule, "answer", "Ask for something else"),
            Self::AppDenied(why) => app_denied(why),
            Self::McpDenied(denial) => denial.to_string(),
            Self::Auth(refusal) => auth(refusal),
            Self::BatchUnbounded => "A budget applies to this key, and what this batch will cost \
                cannot be known before it runs. Use a key without a budget for batches, or send \
                the requests one by one."
                .into(),
            Self::Body(error) => format!("The request body cannot be used: {error}."),
            Self::BodyIncomplete => {
                "The request body did not arrive completely in time. Send it again.".into()
            }
            Self::BodyTooLarge(limit) => format!(
                "The request body is larger than the {limit} bytes this gateway takes. Send less, \
                 or ask your admin to raise limits.body_max."
            ),
            Self::Busy => "The gateway holds as many request bodies as it has room for. Try again \
                in a second."
                .into(),
            Self::Choose(error) => format!("{error}."),
            Self::ClientGone => "The client closed the connection.".into(),
            Self::Credential(error) => credential(error),
            Self::Denied(denial @ Denial::LedgerUnavailable) => {
                format!("{denial}. A budget applies, so the call was not let through. Try again.")
            }
            Self::Denied(denial) => format!("{denial}."),
            Self::GuardFailed(_) => {
                "A check that your organisation asks for could not be made, so \
                the call was not let through. Try again."
                    .into()
            }
            Self::HostNotGoverned(host) => format!(
                "The gateway does not govern `{host}`, so it relays nothing there. The device's \
                 policy is out of date: it learns the new one at its next check-in."
            ),
            Self::Message(error) => format!("The message cannot be used: {error}."),
            Self::ModelContradicted(model) => format!(
                "The body names the model `{model}`, and the path another one. Name one model."
            ),
            Self::ModelDenied(model) => format!(
                "This key may not use the model `{model}`. Ask your admin, or list what it may use \
                 at /v1/models."
            ),
            Self::ModelMissing => {
                "The request names no model. Set `model` to a model's name, or to `provider/model`."
                    .into()
            }
            Self::ModelUnpriced(model) => format!(
                "The model `{model}` has no price, so the gateway does not let it through here. \
                 Ask your admin to add a price for it."
            ),
            Self::NotCached => NOT_CACHED.into(),
            Self::PromptBlocked(rule) => blocked(rule, "prompt", "Take out what it is about"),
            Self::ProviderDenied(name) => {
                format!("This key may not use the provider `{name}`. Ask your admin.")
            }
            Self::Route(error) => route(error),
            Self::RouteDenied(operation) => {
                format!("This key may not call `{operation}`. Ask your admin.")
            }
            Self::Ruled { rule, why } => ruled(rule, why),
            Self::Untranslatable(refused) => format!("{refused}."),
            Self::UpstreamCredential(name) => format!(
                "The provider `{name}` refused the gateway's own credential. Your key is fine; \
                 your admin has to renew the provider's."
            ),
            Self::UpstreamBroken(name) => {
                format!("The provider `{name}` broke off before it answered. Try again.")
            }
            Self::UpstreamTimeout(name) => {
                format!("The provider `{name}` did not begin to answer in time. Try again.")
            }
            Self::UpstreamUnreachable(name) => {
                format!("The provider `{name}` cannot be reached from the gateway. Try again.")
            }
            Self::SessionMoved | Self::WebSocket | Self::WebSocketExpired | Self::WebSockets(_) => {
                self.of_websocket()
            }
        }
    }
}

impl Refusal {
    fn of_websocket(&self) -> String {
        match self {
            Self::WebSocketExpired => {
                "This WebSocket has been open for as long as one may be. Open another one to continue."
                    .into()
            }
            Self::SessionMoved => {
                "The model of this session is no longer served where the session is open. Open another one."
                    .into()
            }
            Self::WebSockets(limit) => format!(
                "This key has {limit} WebSockets open, and may have no more. Close one, or ask your \
                 admin to raise limits.websockets_per_key."
            ),
            _ => WEB_SOCKET.into(),
        }
    }
}

fn auth(refusal: &AuthRefusal) -> String {
    match refusal {
        AuthRefusal::Unknown => {
            "This API key is not valid here. Use a Tidegate virtual key (sk-tg-…).".into()
        }
        AuthRefusal::Disabled { .. } => format!("{refusal}. Ask your admin."),
        AuthRefusal::Expired { .. } => format!("{refusal}. Ask your admin for a new one."),
    }
}

fn credential(error: &CredentialError) -> String {
    match error {
        CredentialError::Missing => {
            "No API key was sent. Send a Tidegate virtual key (sk-tg-…) as \
            `Authorization: Bearer`, `x-api-key`, `x-goog-api-key`, `api-key` or `x-tidegate-key`."
                .into()
        }
        other => format!("{other}."),
    }
}

fn route(error: &RouteError) -> String {
    match error {
        RouteError::Malformed { .. } => {
            "The path is malformed: it must be plain, without dot segments or encoded slashes."
                .into()
        }
        RouteError::MethodNotAllowed { allow, .. } => {
            format!("This route does not take that method. Use {allow}.")
        }
        RouteError::Unknown { .. } => "This route is not served by the gateway. The base URLs are \
            /openai/v1, /anthropic, /genai, and /v1 for all of them."
            .into(),
    }
}

fn blocked(rule: &RuleName, what: &str, help: &str) -> String {
    format!(
        "Your organisation's rule `{rule}` does not let this {what} through. {help}, or ask your admin."
    )
}

fn ruled(rule: &str, why: &str) -> String {
    format!("Your organisation's rule `{rule}` refuses this call ({why}). Ask your admin.")
}

fn app_denied(why: &Why) -> String {
    let note = why.note.as_deref().map(str::trim).unwrap_or_default();
    let (open, close) = if note.is_empty() {
        ("", "")
    } else {
        (" (", ")")
    };
    format!(
        "Your organisation does not allow the app `{}`{open}{note}{close}. Ask your admin to approve \
         it.",
        why.app
    )
}
