//! The surfaces of apps: what a request or an answer says does not depend on how it was cut, and is
//! bounded, whatever it is.

use super::take;
use crate::surface::{Meter, Service, Surface};

/// All of them.
pub const SURFACES: [Surface; 6] = [
    Surface::ChatgptWeb,
    Surface::ClaudeDesktop,
    Surface::ClaudeWeb,
    Surface::Cursor(Service::Agent),
    Surface::Cursor(Service::Append),
    Surface::Cursor(Service::Chat),
];
const TYPES: [&str; 5] = [
    "application/connect+proto",
    "application/json",
    "application/proto",
    "text/event-stream",
    "application/grpc-web+proto; charset=x",
];
/// Pieces that a prompt holds at the most.
const MOST_PIECES: usize = 4_096;

/// A body of an app's call, read as each direction of it. First bytes: surface, content type, length of
/// chunks.
pub fn surface(data: &[u8]) {
    let Some((surface, data)) = take(data) else {
        return;
    };
    let Some((kind, data)) = take(data) else {
        return;
    };
    let Some((step, data)) = take(data) else {
        return;
    };
    let (surface, kind) = (
        SURFACES[surface % SURFACES.len()],
        TYPES[kind % TYPES.len()],
    );
    request(surface, kind, data);
    for make in [Surface::meter, Surface::upload_meter] {
        let (whole, once) = run(make(surface, kind), data, data.len());
        let (cut, pieces) = run(make(surface, kind), data, step + 1);
        assert_eq!(once, pieces, "the pieces depend on the cuts");
        assert_eq!(facts(&whole), facts(&cut), "the facts depend on the cuts");
        assert_eq!(cut.unknown(), whole.unknown());
        if data.is_empty() {
            assert!(pieces.is_empty() && !whole.unknown());
        }
    }
}

fn request(surface: Surface, kind: &str, data: &[u8]) {
    let Some(prompt) = surface.request(kind, data) else {
        return;
    };
    assert_eq!(prompt.bytes, data.len());
    assert!(prompt.text.len() <= MOST_PIECES);
    assert!(prompt.chars() <= prompt.text_bytes());
    let mut counted = 0;
    for piece in &prompt.text {
        assert!(!piece.text.is_empty());
        if piece.counted {
            counted += piece.text.len() as u64;
        }
        let Some(span) = piece.span.clone() else {
            continue;
        };
        let raw = data.get(span).unwrap_or_default();
        // Of JSON it is the string as it was written, elsewhere the very bytes.
        let is_string = raw.first() == Some(&b'"') && raw.len() >= 2;
        assert!(
            is_string || raw == piece.text.as_bytes(),
            "a span of something else"
        );
    }
    assert!(prompt.cut || counted == prompt.text_bytes());
}

type Facts = (crate::surface::Estimate, Option<String>, [bool; 4]);

fn facts(meter: &Meter) -> Facts {
    let flags = [meter.finished(), meter.failed(), meter.moved(), meter.cut()];
    (meter.usage(), meter.model().map(str::to_owned), flags)
}

/// A meter at the end of a body, and what it showed.
fn run(mut meter: Meter, body: &[u8], step: usize) -> (Meter, Vec<String>) {
    let mut pieces = Vec::new();
    for part in body.chunks(step.max(1)) {
        meter.push_each(part, &mut |piece| pieces.push(format!("{piece:?}")));
    }
    meter.end_each(&mut |piece| pieces.push(format!("{piece:?}")));
    (meter, pieces)
}
