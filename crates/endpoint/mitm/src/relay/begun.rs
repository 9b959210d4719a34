//! The body of a call, its first piece read ahead: head and body then leave together, in one packet, one TLS
//! record and one wake-up of the gateway.
//!
//! A body that says how long it is comes without being asked for, and no gateway answers before it has begun: its
//! first piece is waited for. Another one may wait for an answer's head. It is read by the task that reads the app's
//! connection, which gets to it when the call waits for it: so a call gives that task one turn, and holds nothing
//! back for longer. No clock is involved.

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
    /// Waits for the body's first piece where it is sure to come, and else gives it one turn.
    ///
    /// # Errors
    /// It broke off.
    pub(crate) async fn of(mut rest: B) -> Result<Self, B::Error> {
        let sure = rest.size_hint().exact().is_some();
        let mut waited = false;
        let first = poll_fn(|cx| {
            if rest.is_end_stream() {
                return Poll::Ready(None);
            }
            match Pin::new(&mut rest).poll_frame(cx) {
                Poll::Pending if sure => Poll::Pending,
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
        if self.rest.is_end_stream() {
            // It knows that it is over also where it was never told how long it is.
            return SizeHint::with_exact(read);
        }
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
    struct Scripted(VecDeque<Option<&'static str>>, Option<u64>);

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

        fn size_hint(&self) -> SizeHint {
            self.1.map_or_else(SizeHint::new, SizeHint::with_exact)
        }
    }

    fn body(script: &[Option<&'static str>]) -> Scripted {
        Scripted(script.iter().copied().collect(), None)
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
    async fn one_that_says_how_long_it_is_is_waited_for() {
        let mut long = body(&[None, None, None, Some("a"), None, Some("b")]);
        long.1 = Some(2);
        let begun = Begun::of(long).await.unwrap();
        assert!(begun.first.is_some());
        assert_eq!(begun.collect().await.unwrap().to_bytes(), "ab");
    }

    #[tokio::test]
    async fn one_that_is_over_says_how_long_it_was() {
        let begun = Begun::of(body(&[None, Some("abc")])).await.unwrap();
        assert_eq!(begun.size_hint().exact(), Some(3));
        let begun = Begun::of(body(&[])).await.unwrap();
        assert_eq!(begun.size_hint().exact(), Some(0));
    }

    #[tokio::test]
    async fn what_breaks_off_is_not_sent() {
        for length in [None, Some(9)] {
            let mut broken = body(&[None, Some("broken")]);
            broken.1 = length;
            assert_eq!(Begun::of(broken).await.err(), Some("broken"));
        }
    }
}
