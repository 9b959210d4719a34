//! Conversations of governed apps that speak no provider's public API: the web pages of `ChatGPT` and
//! Claude, Claude's desktop app, and Cursor. One adapter each finds model, prompt and answer text.
//!
//! An adapter only reads. What it does not know it says it does not know, and the caller relays
//! every byte as it came. These formats are not documented by their makers and change without
//! notice, so nothing here refuses anything, and everything is bounded: at most [`HELD`] bytes of a
//! stream are kept between two chunks. The providers' public APIs at their own hosts, Codex among
//! them, are [`crate::relayed`]'s.

mod chatgpt_web;
mod claude_desktop;
mod claude_web;
mod cursor;
mod estimate;
mod events;
mod fields;
pub mod frames;
mod meter;
mod prompt;
pub mod protobuf;
mod refusal;

pub use cursor::Service;
pub use estimate::Estimate;
pub use meter::Meter;
pub use prompt::{Channel, FieldPath, Piece, Prompt};
pub use refusal::Refused;

/// Most bytes of a stream that an adapter keeps between two chunks. An event or frame that is
/// longer is passed over, and [`Meter::cut`] says so.
pub const HELD: usize = 256 * 1024;

/// What a governed host's conversation is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Surface {
    /// The conversation of `ChatGPT`'s web page and of the apps that embed it.
    ChatgptWeb,
    /// The conversation of Claude's desktop app; see [`Surface::of_app`].
    ClaudeDesktop,
    /// The conversation of Claude's web page.
    ClaudeWeb,
    /// A conversation of the editor Cursor or of its command line.
    Cursor(Service),
}

impl Surface {
    /// The surface that a call belongs to; `path` may carry a query. `None` for everything that is
    /// no conversation: sign-in, lists, telemetry, and the providers' public APIs.
    #[must_use]
    pub fn of(host: &str, method: &str, path: &str) -> Option<Self> {
        if method != "POST" {
            return None;
        }
        let path = path.split('?').next().unwrap_or_default();
        if chatgpt_web::is_route(host, path) {
            return Some(Self::ChatgptWeb);
        }
        if claude_web::is_route(host, path) {
            return Some(Self::ClaudeWeb);
        }
        cursor::service(host, path).map(Self::Cursor)
    }

    /// The same surface, told apart by who calls: Claude's desktop app uses the web page's routes.
    /// `app` is the name in the catalogue of apps.
    #[must_use]
    pub fn of_app(self, app: &str) -> Self {
        match self {
            Self::ClaudeWeb if app == claude_desktop::APP => Self::ClaudeDesktop,
            other => other,
        }
    }

    /// Its name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChatgptWeb => "chatgpt_web",
            Self::ClaudeDesktop => "claude_desktop",
            Self::ClaudeWeb => "claude_web",
            Self::Cursor(_) => "cursor",
        }
    }

    /// Reads a request's body, not compressed as a whole (`content-encoding`). `None` where its
    /// shape is not known. Of a Connect stream the body may be the beginning: the frames that are
    /// whole are read.
    #[must_use]
    pub fn request<'a>(self, content_type: &str, body: &'a [u8]) -> Option<Prompt<'a>> {
        match self {
            Self::ChatgptWeb => chatgpt_web::request(content_type, body),
            Self::ClaudeDesktop | Self::ClaudeWeb => claude_web::request(content_type, body),
            Self::Cursor(service) => cursor::request(service, content_type, body),
        }
    }

    /// Whether a body of this `content-type` is a stream on this surface: an answer of events, and Cursor's
    /// messages in both directions, of which neither waits for the other's end.
    #[must_use]
    pub fn is_stream(self, content_type: &str) -> bool {
        match self {
            Self::ChatgptWeb | Self::ClaudeDesktop | Self::ClaudeWeb => {
                essence(content_type).eq_ignore_ascii_case("text/event-stream")
            }
            Self::Cursor(_) => {
                let essence = essence(content_type).to_ascii_lowercase();
                essence.starts_with("application/connect+")
                    || essence.starts_with("application/grpc")
            }
        }
    }

    /// A meter for the answer, which must not be compressed as a whole (`content-encoding`).
    #[must_use]
    pub fn meter(self, content_type: &str) -> Meter {
        Meter::answer(self, content_type)
    }

    /// A meter for a request that is a stream of its own, as Cursor's are: its text counts as
    /// prompt. On the other surfaces, whose requests are one JSON value, it knows nothing.
    #[must_use]
    pub fn upload_meter(self, content_type: &str) -> Meter {
        Meter::upload(self, content_type)
    }
}

/// A `content-type` without its parameters.
fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn is_json(content_type: &str) -> bool {
    essence(content_type).eq_ignore_ascii_case("application/json")
}
