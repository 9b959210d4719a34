//! Whether the gateway is still there: asked by a ping (RFC 9113 §6.7) when calls are open and nothing was
//! heard for a while. While no call is open nothing is asked, and no timer is set.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use h2::{Ping, PingPong};
use tokio::time::{Instant, Sleep, sleep_until};

use super::heard::Ear;

/// While calls are open, silence for this long and no answer to a ping mean that the gateway is gone.
const PING: Duration = Duration::from_secs(15);
const PONG: Duration = Duration::from_secs(10);

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    /// For nothing: no call is open.
    None,
    /// For anything.
    Word,
    /// For the answer to a ping.
    Pong,
}

/// The watch on one connection.
pub(super) struct Pulse {
    ping: PingPong,
    ear: Ear,
    heard_at: Instant,
    wait: Wait,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pulse {
    pub(super) fn new(ping: PingPong, ear: Ear) -> Self {
        Self {
            ping,
            ear,
            heard_at: Instant::now(),
            wait: Wait::None,
            timer: None,
        }
    }

    /// Ready when the gateway is gone. To be polled whenever the connection was. `busy` says that calls are
    /// open.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, busy: bool) -> Poll<()> {
        if self.ear.heard() {
            self.heard_at = Instant::now();
        }
        if self.wait == Wait::None {
            if !busy {
                return Poll::Pending;
            }
            // What was said before the call says nothing about its time.
            self.heard_at = Instant::now();
            self.expect(Wait::Word, PING);
        }
        if self.wait == Wait::Pong && self.ping.poll_pong(cx).is_ready() {
            self.expect(Wait::Word, PING);
        }
        while let Some(timer) = &mut self.timer
            && timer.as_mut().poll(cx).is_ready()
        {
            let silent = self.heard_at.elapsed();
            match self.wait {
                Wait::Pong => return Poll::Ready(()),
                Wait::None | Wait::Word if !busy => {
                    self.wait = Wait::None;
                    self.timer = None;
                }
                Wait::None | Wait::Word if silent < PING => self.expect(Wait::Word, PING - silent),
                Wait::None | Wait::Word => {
                    // An error means that the connection is at its end, which it says by itself.
                    if self.ping.send_ping(Ping::opaque()).is_err() {
                        return Poll::Pending;
                    }
                    self.expect(Wait::Pong, PONG);
                }
            }
        }
        Poll::Pending
    }

    fn expect(&mut self, wait: Wait, within: Duration) {
        self.wait = wait;
        let end = Instant::now() + within;
        match &mut self.timer {
            Some(timer) => timer.as_mut().reset(end),
            None => self.timer = Some(Box::pin(sleep_until(end))),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::{Request, Response};
    use tokio::io::{DuplexStream, duplex};

    use super::super::link::{Link, Place};
    use super::*;

    /// A connection, and a gateway that answers one call's head and is silent from then on.
    async fn silent() -> (Arc<Link>, tokio::task::JoinHandle<()>) {
        let (near, far) = duplex(1 << 16);
        let gateway = tokio::spawn(answer_once(far));
        (Arc::new(Link::open(near).await.unwrap()), gateway)
    }

    async fn answer_once(stream: DuplexStream) {
        let mut connection = h2::server::handshake(stream).await.unwrap();
        let (_, mut respond) = connection.accept().await.unwrap().unwrap();
        let body = respond.send_response(Response::new(()), false).unwrap();
        let more = tokio::time::timeout(Duration::from_millis(1), connection.accept());
        assert!(more.await.is_err(), "the head is out");
        // Open, and never read again.
        std::future::pending::<()>().await;
        drop(body);
    }

    async fn call(place: &Place) -> h2::RecvStream {
        let mut sender = place.ready().await.unwrap();
        let request = Request::get("https://gateway.example/").body(()).unwrap();
        let (answer, _) = sender.send_request(request, true).unwrap();
        answer.await.unwrap().into_body()
    }

    #[tokio::test(start_paused = true)]
    async fn a_gateway_that_falls_silent_amid_a_call_is_given_up() {
        let (link, gateway) = silent().await;
        let place = link.place().unwrap();
        let mut body = call(&place).await;
        let since = Instant::now();
        body.data().await.unwrap().unwrap_err();
        let waited = since.elapsed();
        assert!(waited > PONG && waited <= PING + PONG, "{waited:?}");
        assert!(!link.alive() && link.place().is_none());
        gateway.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_call_nothing_is_asked_and_nothing_wakes_up() {
        let (link, gateway) = silent().await;
        let place = link.place().unwrap();
        drop(call(&place).await);
        drop(place);
        tokio::time::sleep(PING * 2).await;
        assert!(link.alive(), "its last call is over");
        gateway.abort();
    }
}
