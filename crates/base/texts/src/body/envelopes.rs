//! Protocol Buffers in one piece: one message, or some in envelopes.

use bytes::Bytes;
use tidegate_wire::json::Ends;

use super::Rewritten;
use crate::{
    desk::{Desk, Reading},
    fault::{Fault, Limits},
    frame::Marks,
    protocol::{Direction, Protocol},
    stream::{Framing, Rewriter, envelope},
    walk::Finish,
    watch::Watcher,
};

/// How a body holds its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    Enveloped,
    Single,
}

impl Packing {
    pub(super) fn of(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        match essence.to_ascii_lowercase().as_str() {
            "application/proto" | "application/x-protobuf" => Some(Self::Single),
            "application/connect+proto"
            | "application/grpc"
            | "application/grpc+proto"
            | "application/grpc-web"
            | "application/grpc-web+proto" => Some(Self::Enveloped),
            _ => None,
        }
    }
}

pub(super) fn rewrite(
    packing: Packing,
    (limits, direction): (Limits, Direction),
    body: &Bytes,
    watcher: &mut dyn Watcher,
) -> Result<Rewritten, Fault> {
    if packing == Packing::Single {
        return single((limits, direction), body, watcher);
    }
    let (protocol, framing) = (Protocol::Envelopes, Framing::Envelopes);
    let rewriter = Rewriter::bounded(protocol, framing, watcher, limits);
    let mut rewriter = rewriter.towards(direction);
    let mut pieces = rewriter.push(body.clone())?;
    pieces.extend(rewriter.end()?);
    let stopped = rewriter.stopped();
    let out: Vec<u8> = pieces.iter().flatten().copied().collect();
    Ok(Rewritten {
        body: (!stopped && out != *body).then(|| Bytes::from(out)),
        stopped,
        report: rewriter.report(),
    })
}

fn single(
    (limits, direction): (Limits, Direction),
    body: &Bytes,
    watcher: &mut dyn Watcher,
) -> Result<Rewritten, Fault> {
    let mut desk = Desk::new(direction, limits);
    let mut marks = Marks::default();
    let mut reading = Reading {
        desk: &mut desk,
        watcher,
        body,
        ends: Ends::unknown(),
        marks: &mut marks,
        texts: 0,
    };
    let leaves = envelope::show(&mut reading, direction);
    desk.finish(Finish::All);
    desk.check()?;
    let splices = desk.leave(body, &mut marks);
    let changed = !splices.is_empty() && !desk.stopped;
    Ok(Rewritten {
        body: changed.then(|| Bytes::from(envelope::write(body, &splices, &leaves))),
        stopped: desk.stopped,
        report: desk.report,
    })
}
