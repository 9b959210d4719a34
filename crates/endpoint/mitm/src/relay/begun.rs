//! The body of a call, its first piece read ahead if it is there: head and body then leave together, in one
//! packet, one TLS record and one wake-up of the gateway.
//!
//! An app's body is read by the task that reads its connection, which gets to it when the call waits for it.
//! So a call gives that task one turn. Nothing is held back for longer: no clock is involved.

use std::{
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

/// The body.
pub(crate) struct Begun<B = Incoming> {
    first: Option<Frame<Bytes>>,
    rest: B,
}

impl<B: Body<Data = Bytes> + Unpin> Begun<B> {
    /// Gives the body one turn to begin.
    ///
    /// # Errors
    /// It broke off.
    pub(crate) async fn of(mut rest: B) -> Result<Self, B::Error> {
        let mut waited = false;
        let first = poll_fn(|cx| {
            if rest.is_end_stream() {
                return Poll::Ready(None);
            }
            match Pin::new(&mut rest).poll_frame(cx) {
                Poll::Pending if waited => Poll::Ready(None),
                Poll::Pending => {
                    waited = true;
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
                first @ Poll::Ready(_) => first,
            }
        });
        let first = first.await.transpose()?;
        Ok(Self { first, rest })
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Begun<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => Pin::new(&mut self.rest).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let read = self.first.as_ref().and_then(Frame::data_ref);
        let read = read.map_or(0, |read| read.len() as u64);
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + read);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + read);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use http_body_util::BodyExt;

    use super::*;

    /// A body whose pieces are there, or come at the next poll.
    struct Scripted(VecDeque<Option<&'static str>>);

    impl Body for Scripted {
        type Data = Bytes;
        type Error = &'static str;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
            match self.0.pop_front() {
                None => Poll::Ready(None),
                Some(Some("broken")) => Poll::Ready(Some(Err("broken"))),
                Some(Some(piece)) => Poll::Ready(Some(Ok(Frame::data(piece.into())))),
                Some(None) => {
                    cx.waker().wake_by_ref();
                    Poll::Pending
                }
            }
        }

        fn is_end_stream(&self) -> bool {
            self.0.is_empty()
        }
    }

    fn body(script: &[Option<&'static str>]) -> Scripted {
        Scripted(script.iter().copied().collect())
    }

    #[tokio::test]
    async fn it_gets_one_turn_and_loses_nothing() {
        for (script, ahead, whole) in [
            (&[][..], false, ""),
            (&[Some("a")], true, "a"),
            (&[Some("a"), None, Some("b")], true, "ab"),
            (&[None, Some("a")], true, "a"),
            (&[None, None, Some("a"), Some("b")], false, "ab"),
        ] {
            let begun = Begun::of(body(script)).await.unwrap();
            assert_eq!(begun.first.is_some(), ahead, "{script:?}");
            assert_eq!(begun.is_end_stream(), whole.is_empty(), "{script:?}");
            assert_eq!(begun.size_hint().lower(), u64::from(ahead), "{script:?}");
            let got = begun.collect().await.unwrap().to_bytes();
            assert_eq!(got, whole, "{script:?}");
        }
    }

    #[tokio::test]
    async fn what_breaks_off_is_not_sent() {
        let begun = Begun::of(body(&[None, Some("broken")])).await;
        assert_eq!(begun.err(), Some("broken"));
    }
}
