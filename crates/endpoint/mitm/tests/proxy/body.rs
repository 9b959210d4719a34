//! A body that a test writes frame by frame.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::{Body, Frame};
use tokio::sync::mpsc;

/// The reading end.
pub(crate) struct Written(mpsc::Receiver<io::Result<Frame<Bytes>>>);

/// The writing end; dropping it ends the body.
pub(crate) struct Writer(mpsc::Sender<io::Result<Frame<Bytes>>>);

/// A body of which one frame at the most waits.
pub(crate) fn written() -> (Writer, Written) {
    let (sender, receiver) = mpsc::channel(1);
    (Writer(sender), Written(receiver))
}

/// A body that is there already.
pub(crate) fn whole(bytes: impl Into<Bytes>) -> Written {
    let (sender, receiver) = mpsc::channel(1);
    let bytes = bytes.into();
    if !bytes.is_empty() {
        sender.try_send(Ok(Frame::data(bytes))).unwrap();
    }
    Written(receiver)
}

impl Writer {
    /// Fails when nobody reads any more.
    pub(crate) async fn data(&self, bytes: impl Into<Bytes>) -> anyhow::Result<()> {
        Ok(self.0.send(Ok(Frame::data(bytes.into()))).await?)
    }

    pub(crate) async fn trailers(self, trailers: HeaderMap) -> anyhow::Result<()> {
        Ok(self.0.send(Ok(Frame::trailers(trailers))).await?)
    }

    /// Ends the body as broken.
    pub(crate) async fn fail(self) -> anyhow::Result<()> {
        Ok(self.0.send(Err(io::ErrorKind::Other.into())).await?)
    }

    /// When nobody reads any more.
    pub(crate) async fn unread(&self) {
        self.0.closed().await;
    }
}

impl Body for Written {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(cx)
    }
}
