//! What can go wrong between a call and its answer.

use std::{error::Error, io};

/// Why a call broke off. The connection is of no use any more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("cannot write to the gateway: {0}")]
    Write(#[source] io::Error),
    #[error("cannot read from the gateway: {0}")]
    Read(#[source] io::Error),
    #[error("the app broke off its call: {0}")]
    App(#[source] Box<dyn Error + Send + Sync>),
    #[error("the call's body is shorter than it says")]
    Short,
    #[error("the call's body is longer than it says")]
    Long,
    #[error("the gateway closed the connection before it answered")]
    Unanswered,
    #[error("the gateway closed the connection within an answer")]
    Cut,
    #[error("an answer's head is none of HTTP/1: {0}")]
    Head(#[from] httparse::Error),
    #[error("an answer does not begin like one of HTTP/1")]
    Foreign,
    #[error("an answer's head has a line that does not end as it must")]
    Line,
    #[error("an answer's head is too large")]
    TooLarge,
    #[error("an answer changes to another protocol, which nobody asked for")]
    Switching,
    #[error("an answer does not say clearly how long it is")]
    Framing,
    #[error("an answer has a chunk that does not say clearly how long it is")]
    Size,
    #[error("an answer has a chunk that does not end where it says")]
    ChunkEnd,
    #[error("an answer has trailers that are none")]
    Trailers,
}
