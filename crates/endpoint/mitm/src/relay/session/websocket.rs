//! A call that asks for a WebSocket: on a connection of its own to the gateway, or, where the gateway is
//! gone and the policy fails open, to its true destination.

use http::{HeaderMap, Request, Response, Uri};
use hyper::body::Incoming;
use tidegate_policy::{FailMode, HostName, Mode};

use super::{Known, Session, clean};
use crate::{
    direct::target,
    gateway::{NoWay, Seat},
    observe::{Event, Refused},
    relay::{
        body::Answer,
        headers,
        refusal::Refusal,
        tunnel::Tunnels,
        websocket::{Ask, Handshake, Meaning},
    },
};

/// In whose name a WebSocket is asked for.
pub(super) struct Admitted<'a> {
    pub(super) host: &'a HostName,
    pub(super) known: &'a Known,
    pub(super) mode: Mode,
}

impl Session {
    /// Asks for it, and carries it on from then if both sides agree.
    pub(super) async fn open_socket(
        &self,
        mut request: Request<Incoming>,
        ask: Ask,
        admitted: &Admitted<'_>,
        tunnels: &Tunnels,
    ) -> Result<Response<Answer>, Refusal> {
        let app = hyper::upgrade::on(&mut request);
        let (mut parts, _) = request.into_parts();
        headers::prepare(&mut parts.headers);
        let (handshake, mut response, seat) =
            self.ask(&parts.uri, parts.headers, ask, admitted).await?;
        match handshake.meaning(response.status(), response.headers()) {
            Meaning::Agreed => {
                let far = hyper::upgrade::on(&mut response);
                let mut answer = clean(response, |_| Answer::Fixed(None));
                *answer.status_mut() = ask.agreed(answer.headers_mut());
                self.shared.counters.socket();
                tunnels.open(app, far, seat);
                Ok(answer)
            }
            Meaning::Declined => Ok(clean(response, Answer::Direct)),
            Meaning::Nonsense => {
                tracing::debug!(host = %admitted.host, status = %response.status(), "no WebSocket");
                self.shared.counters.broke();
                Err(Refusal::Broken)
            }
        }
    }

    async fn ask(
        &self,
        uri: &Uri,
        headers: HeaderMap,
        ask: Ask,
        admitted: &Admitted<'_>,
    ) -> Result<(Handshake, Response<Incoming>, Option<Seat>), Refusal> {
        let host = admitted.host;
        let target = target(uri);
        let gateway = &self.shared.gateway;
        let broken = |error: &dyn std::error::Error| {
            tracing::debug!(%error, %host, "a WebSocket's handshake broke off");
            self.shared.counters.broke();
            Refusal::Broken
        };
        match gateway.alone().await {
            Ok(way) => {
                let mut headers = headers;
                admitted
                    .known
                    .introduction()?
                    .put(&mut headers, gateway.key(), admitted.mode);
                let mut handshake = ask.handshake(headers).ok_or(Refusal::Broken)?;
                *handshake.request.uri_mut() = gateway
                    .url()
                    .relayed(host.as_str(), target)
                    .map_err(|_| Refusal::NotACall)?;
                let request = std::mem::take(&mut handshake.request);
                let (response, seat) = way.ask(request).await.map_err(|error| broken(&error))?;
                Ok((handshake, response, Some(seat)))
            }
            Err(NoWay::Unreachable(why)) if self.shared.decider.fail() == FailMode::Open => {
                tracing::warn!(%why, %host, "the gateway cannot be reached: calling the host itself");
                let judged = &admitted.known.judged;
                self.shared.note(&Event::Direct { judged, host });
                let mut handshake = ask.handshake(headers).ok_or(Refusal::Broken)?;
                let request = std::mem::take(&mut handshake.request);
                let (dialer, client) = (&self.shared.dialer, &self.shared.client);
                let asked = self.direct.ask(dialer, client, host, target, request).await;
                Ok((handshake, asked.map_err(|error| broken(&error))?, None))
            }
            Err(why) => {
                self.shared.note(&Event::Refused {
                    why: Refused::FailedClosed,
                    judged: Some(&admitted.known.judged),
                    host: Some(host),
                });
                Err(Refusal::Closed(why.to_string()))
            }
        }
    }
}
