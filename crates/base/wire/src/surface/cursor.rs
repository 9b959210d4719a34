//! Cursor: Protocol Buffers in Connect streams, whose schema its maker does not publish. Texts are
//! found by the wire format alone; a few outer field numbers, known from what public clients send,
//! only tell whose text it is and what counts. If they change, texts are still found.
//!
//! The conversation is a stream both ways (`Run`), or an answer (`RunSSE`) with single calls for
//! what the app adds (`BidiAppend`, the same messages in hexadecimal). State of the app goes to and
//! fro in it as well; it is shown and does not count.

mod labels;

use super::{
    HELD, Piece, Prompt, essence,
    frames::{self, COMPRESSED, END, Frame, Frames},
    meter::Out,
    protobuf::{Found, Walk},
};
use labels::{Count, label};

/// Most bytes that are unpacked of one request.
const MOST_UNPACKED: usize = 4 * 1024 * 1024;

/// Which of Cursor's services is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// The agent's conversation.
    Agent,
    /// What the app adds to a conversation whose answer comes in another call.
    Append,
    /// Chat and edits in place, in the older services.
    Chat,
}

/// Service, what its method's name begins with, and what it is. Tab completions are among
/// `AiService`'s streams.
const METHODS: [(&str, &str, Service); 7] = [
    ("agent.v1.AgentService", "Run", Service::Agent),
    ("aiserver.v1.AiService", "Stream", Service::Chat),
    ("aiserver.v1.BidiService", "BidiAppend", Service::Append),
    ("aiserver.v1.ChatService", "Stream", Service::Chat),
    ("aiserver.v1.ChatService", "WarmStream", Service::Chat),
    ("aiserver.v1.CmdKService", "Stream", Service::Chat),
    ("aiserver.v1.CppService", "Stream", Service::Chat),
];

/// `api2.cursor.sh` and its siblings, by number and by region.
fn is_host(host: &str) -> bool {
    let label = host
        .strip_suffix(".cursor.sh")
        .and_then(|name| name.rsplit('.').next())
        .and_then(|label| label.strip_prefix("api"));
    label.is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

pub(super) fn service(host: &str, path: &str) -> Option<Service> {
    let (service, method) = path.strip_prefix('/')?.split_once('/')?;
    let known = METHODS
        .iter()
        .find(|(name, start, _)| *name == service && method.starts_with(start))?;
    is_host(host).then_some(known.2)
}

/// How a body holds its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Enveloped,
    Single,
}

fn packing(content_type: &str) -> Option<Packing> {
    let enveloped = [
        "application/connect+proto",
        "application/grpc",
        "application/grpc+proto",
        "application/grpc-web",
        "application/grpc-web+proto",
    ];
    let single = ["application/proto", "application/x-protobuf"];
    let is = |name: &str| essence(content_type).eq_ignore_ascii_case(name);
    if enveloped.iter().any(|name| is(name)) {
        Some(Packing::Enveloped)
    } else if single.iter().any(|name| is(name)) {
        Some(Packing::Single)
    } else {
        None
    }
}

pub(super) fn request<'a>(
    service: Service,
    content_type: &str,
    body: &'a [u8],
) -> Option<Prompt<'a>> {
    let mut prompt = Prompt::new(body);
    if packing(content_type)? == Packing::Single {
        let known = ask(service, body, Some((body, 0)), &mut prompt);
        return known.then_some(prompt);
    }
    let mut known = false;
    let mut spare = MOST_UNPACKED;
    for (flags, at, message) in frames::whole(body) {
        if flags & END != 0 {
            known = true;
        } else if flags & COMPRESSED == 0 {
            known |= ask(service, message, Some((body, at)), &mut prompt);
        } else if let Some((unpacked, all)) = frames::unpacked(message, spare) {
            spare -= unpacked.len();
            prompt.cut |= !all;
            known |= ask(service, &unpacked, None, &mut prompt) || !all;
        } else {
            prompt.cut = true;
        }
    }
    known.then_some(prompt)
}

/// Reads one message of a request; `within` is the body and where in it the message begins.
/// Returns whether it was one.
fn ask<'a>(
    service: Service,
    message: &[u8],
    within: Option<(&'a [u8], usize)>,
    prompt: &mut Prompt<'a>,
) -> bool {
    let mut walk = Walk::new(MOST_UNPACKED);
    let whole = walk.message(message, &mut |found| {
        let (channel, count) = label(service, true, &found);
        if count == Count::Model {
            prompt.name_model(found.text);
        }
        let span = found.span.zip(within);
        let span = span.map(|(span, (_, at))| span.start + at..span.end + at);
        let borrowed = span
            .clone()
            .zip(within)
            .and_then(|(span, (body, _))| str::from_utf8(body.get(span)?).ok());
        prompt.push(Piece {
            channel,
            text: borrowed.map_or_else(|| found.text.to_owned().into(), Into::into),
            span,
            counted: count == Count::Full,
        });
    });
    prompt.cut |= walk.cut;
    whole || walk.cut
}

/// Reads one direction of a call as it passes.
#[derive(Debug)]
pub(super) struct Stream {
    service: Service,
    upload: bool,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Enveloped(Frames),
    Single { held: Vec<u8>, over: bool },
}

impl Stream {
    pub(super) fn new(service: Service, content_type: &str, upload: bool) -> Option<Self> {
        let body = match packing(content_type)? {
            Packing::Enveloped => Body::Enveloped(Frames::default()),
            Packing::Single => Body::Single {
                held: Vec::new(),
                over: false,
            },
        };
        Some(Self {
            service,
            upload,
            body,
        })
    }

    pub(super) fn feed(&mut self, chunk: &[u8], out: &mut Out<'_>) {
        let (service, upload) = (self.service, self.upload);
        match &mut self.body {
            Body::Enveloped(frames) => {
                frames.feed(chunk, &mut |frame| match frame {
                    Frame::Cut => {
                        out.tally.cut = true;
                        out.tally.known = true;
                    }
                    Frame::Whole { flags, message } => {
                        envelope(service, upload, flags, message, out);
                    }
                });
                out.tally.broken |= frames.broken;
            }
            Body::Single { held, over } => {
                *over |= held.len() + chunk.len() > HELD;
                if *over {
                    held.clear();
                    out.tally.cut = true;
                } else {
                    held.extend_from_slice(chunk);
                }
            }
        }
    }

    pub(super) fn end(&mut self, out: &mut Out<'_>) {
        if let Body::Single { held, over: false } = &mut self.body {
            let message = std::mem::take(held);
            out.tally.finished |= read(self.service, self.upload, &message, out);
        }
    }
}

fn envelope(service: Service, upload: bool, flags: u8, message: &[u8], out: &mut Out<'_>) {
    let unpacked;
    let message = if flags & COMPRESSED == 0 {
        message
    } else if let Some((bytes, all)) = frames::unpacked(message, HELD) {
        out.tally.cut |= !all;
        out.tally.known |= !all;
        unpacked = bytes;
        &unpacked
    } else {
        out.tally.cut = true;
        return;
    };
    if flags & END == 0 {
        read(service, upload, message, out);
        return;
    }
    out.tally.known = true;
    out.tally.finished = true;
    out.tally.failed |= is_error(message);
}

/// Connect ends a stream with JSON (`error`, `metadata`), gRPC-Web with header lines.
fn is_error(end: &[u8]) -> bool {
    if let Ok(end) = serde_json::from_slice::<serde_json::Value>(end) {
        return !end["error"].is_null();
    }
    let end = end.to_ascii_lowercase();
    let status = memchr::memmem::find(&end, b"grpc-status:").map(|at| &end[at + 12..]);
    status.is_some_and(|status| !status.trim_ascii_start().starts_with(b"0"))
}

/// Reads one message; returns whether it was one.
fn read(service: Service, upload: bool, message: &[u8], out: &mut Out<'_>) -> bool {
    let mut walk = Walk::new(HELD);
    let whole = walk.message(message, &mut |found: Found<'_>| {
        let (channel, count) = label(service, upload, &found);
        match count {
            Count::Full => out.text(channel, found.text, true),
            Count::None => out.text(channel, found.text, false),
            Count::Spare => out.spare_text(channel, found.text),
            Count::Model => {
                if upload && out.tally.model.is_none() {
                    out.model(found.text);
                }
                out.text(channel, found.text, false);
            }
        }
    });
    out.tally.cut |= walk.cut;
    out.tally.known |= whole;
    whole
}
