//! Reads answers to their end.

use std::error::Error;

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;

use super::{Decoder, Fault, Single};

/// An answer that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) reason: Option<hyper::ext::ReasonPhrase>,
    /// Whole, or why it broke.
    pub(super) body: Result<String, Fault>,
    pub(super) pieces: usize,
    pub(super) trailers: Option<HeaderMap>,
}

/// Reads an answer's body to its end.
pub(super) async fn read<B>(
    (response, mut single): (Response<Decoder>, Single<B>),
) -> (Read, Single<B>)
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (head, mut decoder) = response.into_parts();
    let mut got = Read {
        status: head.status,
        headers: head.headers,
        reason: head.extensions.get().cloned(),
        body: Ok(String::new()),
        pieces: 0,
        trailers: None,
    };
    let mut body = Vec::new();
    loop {
        let frame = std::future::poll_fn(|cx| single.poll_frame(cx, &mut decoder)).await;
        match frame {
            Ok(Some(frame)) => match frame.into_data() {
                Ok(piece) => {
                    assert!(!piece.is_empty());
                    got.pieces += 1;
                    body.extend_from_slice(&piece);
                }
                Err(frame) => got.trailers = frame.into_trailers().ok(),
            },
            Ok(None) => {
                assert!(decoder.is_over());
                single.rest();
                got.body = Ok(String::from_utf8_lossy(&body).into_owned());
                return (got, single);
            }
            Err(fault) => {
                got.body = Err(fault);
                return (got, single);
            }
        }
    }
}
