//! One question on a connection of its own: whether the other side changes to another protocol.

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Empty;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection, encrypted or not.
pub(crate) type Wire = Box<dyn Duplex>;

/// What a connection can do.
pub(crate) trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// Asks. If the answer is 101, the connection comes with it (`hyper::upgrade::on`); if it is not, the
/// connection lasts as long as the answer's body.
pub(crate) async fn ask(
    stream: Wire,
    request: Request<Empty<Bytes>>,
) -> hyper::Result<Response<Incoming>> {
    let (mut sender, driver) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(async move {
        if let Err(error) = driver.with_upgrades().await {
            tracing::debug!(%error, "a WebSocket's connection ended");
        }
    });
    sender.send_request(request).await
}
