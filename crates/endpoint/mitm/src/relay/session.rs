//! One connection of an app, and what becomes of each call on it: refused, sent to the gateway, or, where
//! the gateway is gone and the policy fails open, sent to its true destination.

mod websocket;

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{Method, Request, Response, Version, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tidegate_policy::{FailMode, HostName, Mode, Verdict};
use tidegate_redirect::Opener;

use self::websocket::Admitted;
use super::{
    begun::Begun,
    body::Answer,
    headers::{self, Introduction},
    refusal::Refusal,
    tunnel::Tunnels,
    websocket::Ask,
};
use crate::{
    direct::{Direct, target},
    gateway::{NoWay, Unanswered},
    judge::Judged,
    observe::{Event, Refused},
    pinned::Hint,
    shared::Shared,
};

/// How much of a refused call's body is read, so that the app gets to read the answer.
const REFUSED_BODY: usize = 64 * 1024 * 1024;

/// One connection of an app.
pub(crate) struct Session {
    shared: Arc<Shared>,
    host: HostName,
    opener: Option<Opener>,
    direct: Direct,
    used: AtomicBool,
    /// The decision, and the policy's revision that it follows.
    known: Mutex<(u64, Arc<Known>)>,
}

/// A decision, and how the gateway is told whom it is about.
struct Known {
    judged: Judged,
    /// None if it cannot be told.
    introduction: Option<Introduction>,
}

impl Known {
    fn new(judged: Judged) -> Arc<Self> {
        let introduction = Introduction::of(&judged).ok();
        Arc::new(Self {
            judged,
            introduction,
        })
    }

    fn introduction(&self) -> Result<&Introduction, Refusal> {
        self.introduction.as_ref().ok_or(Refusal::NotACall)
    }
}

impl Session {
    pub(crate) fn new(
        shared: Arc<Shared>,
        (revision, judged): (u64, Judged),
        host: HostName,
        opener: Option<Opener>,
        destination: SocketAddr,
    ) -> Self {
        Self {
            shared,
            host,
            opener,
            direct: Direct::new(destination),
            used: AtomicBool::new(false),
            known: Mutex::new((revision, Known::new(judged))),
        }
    }

    pub(super) fn host(&self) -> &HostName {
        &self.host
    }

    /// The app closed the connection soon. If nothing followed a handshake that went well, that may be
    /// pinning: some apps check pins only then.
    pub(super) fn ended_early(&self) {
        if self.used.load(Ordering::Relaxed) {
            return;
        }
        let known = self.known();
        let judged = &known.judged;
        let relayed = matches!(judged.verdict, Verdict::Relay { .. });
        if relayed && self.shared.pins.hint(&judged.app, &self.host, Hint::Unused) {
            self.shared.note(&Event::Pinned {
                judged,
                host: &self.host,
            });
        }
    }

    /// Answers a call. If it is a WebSocket's, that goes on in `tunnels`.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        tunnels: &Tunnels,
    ) -> Response<Answer> {
        self.shared.counters.request();
        let known = self.known();
        if !self.used.swap(true, Ordering::Relaxed) {
            self.shared.pins.trusted(&known.judged.app, &self.host);
        }
        let (host, admitted) = match self.host_of(&request) {
            Some(host) => {
                let admitted = self.admit(&request, &host, known);
                (host, admitted)
            }
            None => (self.host.clone(), Err(Refusal::Misdirected)),
        };
        let refusal = match admitted {
            Ok((known, mode)) => {
                let sent = match Ask::of(&request) {
                    None => self.forward(request, &host, &known, mode).await,
                    Some(ask) => {
                        let admitted = Admitted {
                            host: &host,
                            known: &known,
                            mode,
                        };
                        self.open_socket(request, ask, &admitted, tunnels).await
                    }
                };
                // A refused call's body went with it.
                return sent.unwrap_or_else(|refusal| refusal.answer(&host));
            }
            Err(refusal) => refusal,
        };
        // An app that waits for our leave to send gets the answer instead.
        if !request.headers().contains_key(header::EXPECT) {
            discard(request.into_body()).await;
        }
        refusal.answer(&host)
    }

    /// Whether a call may be sent on: in whose name, with whose credential.
    fn admit(
        &self,
        request: &Request<Incoming>,
        host: &HostName,
        known: Arc<Known>,
    ) -> Result<(Arc<Known>, Mode), Refusal> {
        // An app may use one connection for all hosts of the leaf (RFC 9113 §9.1.1).
        let known = if *host == self.host {
            known
        } else {
            let decider = &self.shared.decider;
            Known::new(decider.decide(self.opener.as_ref(), Some(host)))
        };
        let mode = match &known.judged.verdict {
            Verdict::Relay { mode, .. } => *mode,
            Verdict::Splice => return Err(Refusal::Misdirected),
            Verdict::Deny(why) => {
                let revision = self.shared.decider.revision();
                return Err(Refusal::Denied(why.clone(), revision));
            }
        };
        let tunnel = request.method() == Method::CONNECT && Ask::of(request).is_none();
        if tunnel || !request.uri().path().starts_with('/') {
            return Err(Refusal::NotACall);
        }
        Ok((known, mode))
    }

    /// The host that a call is for; none if what it names is no host.
    fn host_of(&self, request: &Request<Incoming>) -> Option<HostName> {
        if let Some(host) = request.uri().host() {
            return host.parse().ok();
        }
        match request.headers().get(header::HOST) {
            // As a rule it is the connection's own, letter by letter.
            Some(value) if value == self.host.as_str() => Some(self.host.clone()),
            Some(value) => value.to_str().ok()?.split(':').next()?.parse().ok(),
            None => Some(self.host.clone()),
        }
    }

    async fn forward(
        &self,
        request: Request<Incoming>,
        host: &HostName,
        known: &Known,
        mode: Mode,
    ) -> Result<Response<Answer>, Refusal> {
        let introduction = known.introduction()?;
        let judged = &known.judged;
        let gateway = &self.shared.gateway;
        let (head, body) = request.into_parts();
        // An app that broke off reads no answer; which one it gets does not matter.
        let body = Begun::of(body).await.map_err(|_| Refusal::Broken)?;
        let mut request = Request::from_parts(head, body);
        let original = request.uri().clone();
        headers::prepare(request.headers_mut());
        *request.uri_mut() = gateway
            .url()
            .relayed(host.as_str(), target(&original))
            .map_err(|_| Refusal::NotACall)?;
        *request.version_mut() = Version::HTTP_2;
        introduction.put(request.headers_mut(), gateway.key(), mode);
        match gateway.send(request).await {
            Ok(response) => Ok(clean(response, Answer::Relayed)),
            Err(Unanswered::Broken(error)) => {
                tracing::debug!(%error, %host, "the gateway broke off a call");
                self.shared.counters.broke();
                Err(Refusal::Broken)
            }
            Err(Unanswered::Unsent(mut request, NoWay::Unreachable(why)))
                if self.shared.decider.fail() == FailMode::Open =>
            {
                tracing::warn!(%why, %host, "the gateway cannot be reached: calling the host itself");
                headers::prepare(request.headers_mut());
                *request.uri_mut() = original;
                self.call_directly(*request, host, judged).await
            }
            Err(Unanswered::Unsent(_, why)) => {
                self.shared.note(&Event::Refused {
                    why: Refused::FailedClosed,
                    judged: Some(judged),
                    host: Some(host),
                });
                Err(Refusal::Closed(why.to_string()))
            }
        }
    }

    async fn call_directly(
        &self,
        request: Request<Begun>,
        host: &HostName,
        judged: &Judged,
    ) -> Result<Response<Answer>, Refusal> {
        self.shared.note(&Event::Direct { judged, host });
        let (dialer, client) = (&self.shared.dialer, &self.shared.client);
        match self.direct.send(dialer, client, host, request).await {
            Ok(response) => Ok(clean(response, Answer::Direct)),
            Err(error) => {
                tracing::debug!(%error, %host, "the host did not answer");
                self.shared.counters.broke();
                Err(Refusal::Broken)
            }
        }
    }

    /// The decision about this connection, made anew when the policy has changed.
    fn known(&self) -> Arc<Known> {
        let now = self.shared.decider.revision();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.0 != now {
            let decider = &self.shared.decider;
            let again = decider.decide(self.opener.as_ref(), Some(&self.host));
            *known = (now, Known::new(again));
        }
        known.1.clone()
    }
}

fn clean<B>(response: Response<B>, answer: impl FnOnce(B) -> Answer) -> Response<Answer> {
    let (mut parts, body) = response.into_parts();
    headers::clean_answer(&mut parts.headers);
    // The app's connection has a version of its own.
    parts.version = Version::default();
    Response::from_parts(parts, answer(body))
}

/// Reads and forgets a body, up to a limit.
async fn discard(mut body: Incoming) {
    let mut left = REFUSED_BODY;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, bytes::Bytes::len);
        match left.checked_sub(length) {
            Some(less) => left = less,
            None => break,
        }
    }
}
