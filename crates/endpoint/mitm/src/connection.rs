//! The story of one connection: listen, ask, then let it pass, end it here, or refuse it.
//!
//! An encrypted hello (ECH) does not change the story: what counts is the name outside. If it is governed,
//! the connection is ended under that name, and a client that meant another one inside comes back without
//! ECH (RFC 9849 §6.1.6). If it is not, the bytes pass and the event says that there was a name inside.

use std::{net::SocketAddr, sync::Arc};

use tidegate_policy::{FailMode, HostName, Pinned, Verdict};
use tidegate_redirect::{Flow, Opener};
use tokio::{io::AsyncWriteExt, net::TcpStream, sync::watch};

use crate::{
    dial::Outgoing,
    gateway::NoWay,
    hello::Hello,
    judge::Judged,
    observe::{Event, Refused, Untouched},
    peek::{self, What},
    pinned::Hint,
    relay::{self, Session},
    rewind::Rewind,
    shared::Shared,
    splice,
    terminate::Failed,
};

/// A fatal `access_denied` (RFC 8446 §6.2): clients show it, where a reset would look like the network.
const ACCESS_DENIED: [u8; 7] = [21, 3, 3, 0, 2, 2, 49];

/// A connection, what was read of it, and what was found out.
struct Story {
    shared: Arc<Shared>,
    app: TcpStream,
    destination: SocketAddr,
    opener: Option<Opener>,
    head: Vec<u8>,
    /// Open already, where the destination was asked whether it speaks first.
    upstream: Option<Outgoing>,
    ech: bool,
    /// The policy's, read before it was asked.
    revision: u64,
    stop: watch::Receiver<bool>,
}

/// Serves a connection to its end.
pub(crate) async fn serve(shared: Arc<Shared>, flow: Flow, stop: watch::Receiver<bool>) {
    if let Err(error) = flow.stream.set_nodelay(true) {
        tracing::debug!(%error, "no TCP_NODELAY");
    }
    let mut story = Story {
        shared,
        app: flow.stream,
        destination: flow.destination,
        opener: flow.opener,
        head: Vec::new(),
        upstream: None,
        ech: false,
        revision: 0,
        stop,
    };
    let settings = &story.shared.settings;
    let (silence, whole) = (Some(settings.silence), settings.hello);
    let mut what = peek::listen(&story.app, &mut story.head, silence, whole).await;
    if matches!(what, What::Silent) {
        let Some(again) = story.after_silence().await else {
            return;
        };
        what = again;
    }
    match what {
        What::Hello(hello) => story.hello(hello).await,
        What::Opaque | What::Silent => story.opaque().await,
        What::Endless => story.refuse(Refused::Hello, None, None).await,
        What::Gone => {}
    }
}

impl Story {
    /// Waits for who speaks first. A TLS server never does, so an app that kept its hello back is still
    /// heard. None if the destination cannot be reached.
    async fn after_silence(&mut self) -> Option<What> {
        let upstream = match self.shared.dialer.dial(self.destination).await {
            Ok(upstream) => upstream,
            Err(error) => {
                tracing::debug!(%error, destination = %self.destination, "unreachable");
                splice::reset(&self.app);
                return None;
            }
        };
        let whole = self.shared.settings.hello;
        let mut byte = [0];
        let what = tokio::select! {
            biased;
            what = peek::listen(&self.app, &mut self.head, None, whole) => what,
            _ = upstream.stream().peek(&mut byte) => What::Opaque,
        };
        self.upstream = Some(upstream);
        // The destination may have more to say to an app that has closed its half.
        Some(match what {
            What::Gone => What::Opaque,
            what => what,
        })
    }

    async fn opaque(self) {
        let judged = self.shared.decider.decide(self.opener.as_ref(), None);
        match judged.verdict {
            Verdict::Deny(_) => self.refuse_denied().await,
            Verdict::Relay { .. } | Verdict::Splice => {
                self.untouched(Untouched::Ignored, judged, None).await;
            }
        }
    }

    async fn hello(mut self, hello: Hello) {
        self.ech = hello.ech;
        self.revision = self.shared.decider.revision();
        let judged = self
            .shared
            .decider
            .decide(self.opener.as_ref(), hello.sni.as_ref());
        match (judged.verdict.clone(), hello.sni.clone()) {
            (Verdict::Deny(_), Some(host)) => self.deny(hello, judged, host).await,
            (Verdict::Deny(_), None) => self.refuse_denied().await,
            (Verdict::Relay { pinned, .. }, Some(host)) => {
                self.relay(hello, judged, host, pinned).await;
            }
            // A call has to name a host.
            (Verdict::Relay { .. }, None) | (Verdict::Splice, _) => {
                self.untouched(Untouched::Ignored, judged, hello.sni).await;
            }
        }
    }

    async fn deny(self, hello: Hello, judged: Judged, host: HostName) {
        self.shared.note(&Event::Denied {
            judged: &judged,
            host: &host,
        });
        if !self.shared.leaf.covers(&host) {
            return self.refuse_denied().await;
        }
        let shared = self.shared.clone();
        let app = Rewind::new(self.head, self.app);
        if let Ok(stream) = shared.terminator.accept(app, hello.alpn).await {
            let session = Session::new(
                shared,
                (self.revision, judged),
                host,
                self.opener,
                self.destination,
            );
            relay::serve(Arc::new(session), stream, self.stop).await;
        }
    }

    async fn relay(self, hello: Hello, judged: Judged, host: HostName, pinned: Pinned) {
        let shared = self.shared.clone();
        if shared.pins.pins(&judged.app, &host) {
            return match pinned {
                Pinned::Bypass => {
                    self.untouched(Untouched::Pinned, judged, Some(host)).await;
                }
                Pinned::Block => {
                    self.refuse(Refused::Pinned, Some(&judged), Some(&host))
                        .await;
                }
            };
        }
        let open = shared.decider.fail() == FailMode::Open;
        if !shared.leaf.covers(&host) {
            return if open {
                self.untouched(Untouched::FailedOpen, judged, Some(host))
                    .await;
            } else {
                self.refuse(Refused::FailedClosed, Some(&judged), Some(&host))
                    .await;
            };
        }
        // Where the policy fails closed, the connection is ended here all the same: the app gets an
        // answer that says why.
        if open && let Err(NoWay::Unreachable(why)) = shared.gateway.reach().await {
            tracing::warn!(%why, %host, "the gateway cannot be reached: passing untouched");
            return self
                .untouched(Untouched::FailedOpen, judged, Some(host))
                .await;
        }
        self.terminate(hello, judged, host).await;
    }

    async fn terminate(self, hello: Hello, judged: Judged, host: HostName) {
        let shared = self.shared;
        drop(self.upstream);
        let app = Rewind::new(self.head, self.app);
        let event = Event::Pinned {
            judged: &judged,
            host: &host,
        };
        match shared.terminator.accept(app, hello.alpn).await {
            Ok(stream) => {
                shared.note(&Event::Relayed {
                    judged: &judged,
                    host: &host,
                });
                let session = Session::new(
                    shared,
                    (self.revision, judged),
                    host,
                    self.opener,
                    self.destination,
                );
                relay::serve(Arc::new(session), stream, self.stop).await;
            }
            Err(Failed::Distrusted(alert)) => {
                tracing::info!(app = %judged.app, %host, ?alert, "the app refuses the certificate");
                shared.pins.distrusted(&judged.app, &host);
                shared.note(&event);
            }
            Err(Failed::Closed) => {
                if shared.pins.hint(&judged.app, &host, Hint::Handshake) {
                    shared.note(&event);
                }
            }
            Err(Failed::Other) => tracing::debug!(app = %judged.app, %host, "no handshake"),
        }
    }

    async fn untouched(mut self, why: Untouched, judged: Judged, host: Option<HostName>) {
        self.shared.note(&Event::Untouched {
            why,
            judged: &judged,
            host: host.as_ref(),
            ech: self.ech,
        });
        let upstream = match self.upstream.take() {
            Some(upstream) => Ok(upstream),
            None => self.shared.dialer.dial(self.destination).await,
        };
        let done = match upstream {
            Ok(upstream) => splice::splice(self.app, upstream, self.head).await,
            Err(error) => {
                splice::reset(&self.app);
                Err(error)
            }
        };
        if let Err(error) = done {
            tracing::debug!(%error, destination = %self.destination, "a splice broke");
        }
    }

    async fn refuse(self, why: Refused, judged: Option<&Judged>, host: Option<&HostName>) {
        self.shared.note(&Event::Refused { why, judged, host });
        self.refuse_denied().await;
    }

    async fn refuse_denied(mut self) {
        if let Err(error) = self.app.write_all(&ACCESS_DENIED).await {
            tracing::debug!(%error, "nobody to refuse");
        }
    }
}
