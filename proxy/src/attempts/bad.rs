//! What was bad about an attempt, and what may mend it.

use std::time::Duration;

use pingora_core::protocols::http::ServerSession;
use tidegate_pipeline::Refusal;
use tidegate_routing::Failure;
use tidegate_types::Timestamp;
use tidegate_wire::retry::Opening;

use crate::{
    call::Call,
    upstream::{Answer, gone},
};

/// A bad attempt.
pub(super) struct Bad {
    pub(super) sent: Result<Answer, Refusal>,
    pub(super) failure: Failure,
    /// In a word, for the log.
    pub(super) what: &'static str,
}

impl Bad {
    /// The answer, if nothing about it is what another attempt could mend. With `looks`, a stream's first event is
    /// looked at too, and may take that long.
    ///
    /// # Errors
    /// What is bad about the attempt.
    pub(super) async fn of(
        sent: Result<Answer, Refusal>,
        looks: Option<Duration>,
        client: &mut ServerSession,
        now: Timestamp,
        call: &mut Call,
    ) -> Result<Answer, Box<Self>> {
        let bad = |sent, failure, what| {
            Err(Box::new(Self {
                sent,
                failure,
                what,
            }))
        };
        let mut answer = match sent {
            Ok(answer) => answer,
            Err(refusal) => {
                let what = match refusal {
                    Refusal::UpstreamUnreachable(_) => "connect",
                    Refusal::UpstreamTimeout(_) => "timeout",
                    _ => "broken",
                };
                return bad(Err(refusal), Failure::Broken, what);
            }
        };
        let failure = match answer.head().0 {
            _ if answer.refuses_credential() => Failure::Credential,
            429 | 503 | 529 => Failure::Busy(call.watch.wait(answer.retry_after(now)).await),
            500 | 502 | 504 => Failure::Broken,
            _ => {
                let Some(patience) = looks else {
                    return Ok(answer);
                };
                answer.allow(patience);
                let looked = async {
                    tokio::select! {
                        biased;
                        opening = answer.opens_with_failure() => Some(opening),
                        () = gone(client) => None,
                    }
                };
                return match call.watch.wait(looked).await {
                    None => {
                        answer.cancel().await;
                        bad(Err(Refusal::ClientGone), Failure::Broken, "broken")
                    }
                    Some(None) => Ok(answer),
                    Some(Some(Opening::Busy)) => bad(Ok(answer), Failure::Busy(None), "stream"),
                    Some(Some(_)) => bad(Ok(answer), Failure::Broken, "stream"),
                };
            }
        };
        bad(Ok(answer), failure, "status")
    }

    /// Nobody waits any more.
    pub(super) const fn is_client_gone(&self) -> bool {
        matches!(self.sent, Err(Refusal::ClientGone))
    }

    /// What the provider answered; 0 where it did not.
    pub(super) fn status(&self) -> u16 {
        self.sent.as_ref().map_or(0, |answer| answer.head().0)
    }

    /// Whether nothing of the call reached the provider.
    pub(super) const fn was_not_sent(&self) -> bool {
        matches!(self.sent, Err(Refusal::UpstreamUnreachable(_)))
    }

    /// Whether another of the provider's keys may do better.
    pub(super) const fn is_of_the_key(&self) -> bool {
        matches!(self.failure, Failure::Credential | Failure::Busy(_))
    }

    /// Whether time may mend it. A provider that took too long once has had its time.
    pub(super) const fn is_worth_waiting(&self) -> bool {
        !matches!(self.failure, Failure::Credential)
            && !matches!(self.sent, Err(Refusal::UpstreamTimeout(_)))
    }

    /// The time that the provider asks for.
    pub(super) const fn told(&self) -> Option<Duration> {
        match self.failure {
            Failure::Busy(told) => told,
            Failure::Broken | Failure::Credential => None,
        }
    }

    /// Another attempt is made: nobody wants what was answered.
    pub(super) async fn discard(self) {
        if let Ok(answer) = self.sent {
            answer.discard().await;
        }
    }
}
