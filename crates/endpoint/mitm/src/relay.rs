//! The decrypted side of an app's connection: HTTP/1.1 or HTTP/2, each call sent on to the gateway and
//! its answer back, both as streams. What one end drops is dropped at the other: a call that an app gives
//! up costs tokens until the provider hears of it.
//!
//! A WebSocket, asked for in either version, becomes one of HTTP/1.1 on a connection of its own
//! (`websocket`), and then bytes both ways (`tunnel`).
//!
//! Interim answers are not carried, but for 100, which is given here: hyper's server cannot send others, and
//! no model API does.

mod begun;
mod body;
mod headers;
mod refusal;
mod session;
mod tunnel;
mod websocket;

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use hyper::{
    server::conn::{http1, http2},
    service::service_fn,
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{sync::watch, time::Instant};
use tokio_rustls::server::TlsStream;

use self::tunnel::Tunnels;
pub(crate) use self::{begun::Begun, session::Session};
use crate::rewind::Rewind;

/// Calls at once on one connection of an app.
const STREAMS: u32 = 256;
/// What an app may send ahead of the gateway's reading, in bytes: for one call, and for a connection.
const STREAM_WINDOW: u32 = 512 * 1024;
const CONNECTION_WINDOW: u32 = 64 * STREAM_WINDOW;
/// Cookies and tokens of web apps are large.
const HEADERS: u32 = 128 * 1024;
/// A connection that is closed unused within this time may be a pinned app's.
const HASTE: Duration = Duration::from_secs(5);

/// Serves the calls of a connection to its end. When `stop` turns true, those that are open are finished
/// and no more are taken.
pub(crate) async fn serve(
    session: Arc<Session>,
    stream: TlsStream<Rewind>,
    mut stop: watch::Receiver<bool>,
) {
    let since = Instant::now();
    let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    let io = TokioIo::new(stream);
    let served = session.clone();
    let (tunnels, owner) = Tunnels::new(stop.clone());
    let service = service_fn(move |request| {
        let (session, tunnels) = (served.clone(), tunnels.clone());
        async move { Ok::<_, Infallible>(session.answer(request, &tunnels).await) }
    });
    let stopped = async {
        // An error means that whoever could say so is gone.
        let _gone = stop.wait_for(|stop| *stop).await.is_err();
    };
    let mut stopped = pin!(stopped);
    let result = if http2 {
        let connection = http2::Builder::new(TokioExecutor::new())
            .max_concurrent_streams(STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEADERS)
            .enable_connect_protocol()
            .serve_connection(io, service);
        let mut connection = pin!(connection);
        tokio::select! {
            result = connection.as_mut() => result,
            () = &mut stopped => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    } else {
        let connection = http1::Builder::new()
            .serve_connection(io, service)
            .with_upgrades();
        let mut connection = pin!(connection);
        tokio::select! {
            result = connection.as_mut() => result,
            () = &mut stopped => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, host = %session.host(), "an app's connection ended");
    }
    if since.elapsed() < HASTE {
        session.ended_early();
    }
    owner.ended().await;
}
