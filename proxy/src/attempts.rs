//! Has a call answered: at its first place, with another of the provider's keys, at the next place, or at the
//! same after a wait; and notes each attempt. Nothing is sent twice once a byte of an answer went on to the
//! client.

mod bad;

use std::{mem, sync::Arc, time::Duration};

use http::Method;
use pingora_core::protocols::http::ServerSession;
use smallvec::SmallVec;
use tidegate_governance::record::Attempt;
use tidegate_pipeline::{
    Refusal, Snapshot,
    stage::{Described, Recalled, Replay, Routed, Streaming, Unserved},
};
use tidegate_routing::Place;

use crate::{
    call::Call,
    embedding,
    endings::credential_refused,
    gateway::{Gateway, wait_for},
    relay::Extras,
    shadow,
    upstream::{self, Answer, Caller, Outgoing, gone},
};
use bad::Bad;

/// However many keys and places there are: no call is sent more often than this.
const MOST: usize = 16;

/// How having a call answered ended.
pub(crate) enum Ended<'s> {
    /// A provider's answer has begun, whatever its status.
    Answered(Box<Answered<'s>>),
    /// An answer that was kept is given: nobody was asked.
    Kept(Box<Replay<'s>>),
    /// The client went away while this place was asked.
    Left(Box<Routed<'s>>),
    /// The client went away while nobody was asked.
    LeftWaiting(Box<Routed<'s>>),
}

/// An answer that goes to the client.
pub(crate) struct Answered<'s> {
    pub(crate) answer: Answer,
    pub(crate) streaming: Streaming<'s>,
    pub(crate) extras: Extras,
}

/// What the client gets if nobody else answers.
enum Failed<'s> {
    Answer(Box<(Unserved<'s>, Answer)>),
    Refused(Refusal),
}

/// What came of one place.
enum Tried<'s> {
    Ended(Ended<'s>),
    Failed(Failed<'s>),
}

/// Has the call answered.
///
/// # Errors
/// It may not be, or nobody answers.
pub(crate) async fn run<'s>(
    gateway: &Arc<Gateway>,
    client: &mut ServerSession,
    method: &Method,
    described: Described<'s, '_>,
    call: &mut Call,
) -> Result<Ended<'s>, Refusal> {
    let mut failed: Option<Failed<'s>> = None;
    let mut next = Some(described);
    while let Some(described) = next {
        next = described.spare(gateway.clock.mono());
        call.facts.guardrails.clear();
        let routed = match ready(gateway, client, method, described, call).await {
            Ok(Ready::Routed(routed)) => *routed,
            Ok(Ready::Kept(replay)) => {
                give_back(failed).await;
                return Ok(Ended::Kept(replay));
            }
            Err(refusal) if refusal.is_of_the_place() && (next.is_some() || failed.is_some()) => {
                if failed.is_none() {
                    failed = Some(Failed::Refused(refusal));
                }
                continue;
            }
            Err(refusal) => {
                give_back(failed).await;
                return Err(refusal);
            }
        };
        give_back(failed.take()).await;
        match at_one_place(gateway, client, method, routed, next.is_some(), call).await {
            Tried::Ended(ended) => return Ok(ended),
            Tried::Failed(why) => failed = Some(why),
        }
    }
    match failed {
        Some(Failed::Answer(kept)) => {
            let (unserved, answer) = *kept;
            Ok(Ended::Answered(pass_on(unserved, answer, call)))
        }
        Some(Failed::Refused(refusal)) => Err(refusal),
        // There was at least one place.
        None => Err(Refusal::Busy),
    }
}

/// What a call is ready for.
enum Ready<'s> {
    Kept(Box<Replay<'s>>),
    Routed(Box<Routed<'s>>),
}

/// Reserves what the call may cost at its place, shows the prompt to the guards, looks for an answer that was
/// kept, and writes the provider's request.
async fn ready<'s>(
    gateway: &Arc<Gateway>,
    client: &ServerSession,
    method: &Method,
    described: Described<'s, '_>,
    call: &mut Call,
) -> Result<Ready<'s>, Refusal> {
    let admitted = described.admit(&gateway.governor, &mut call.facts).await?;
    let mut cleared = admitted.clear(&mut call.facts).await?;
    if let Some(cache) = &gateway.cache {
        let first = call.facts.cache.is_none();
        let headers = &client.req_header().headers;
        let mut recalled = cleared.recall(cache, headers, &mut call.facts)?;
        // What a question means is found out once, whichever places it goes to.
        if first {
            recalled = embedding::recall(gateway, cache, recalled, call).await;
        }
        match recalled {
            Recalled::Missed(missed) => cleared = *missed,
            Recalled::Kept(replay) => return Ok(Ready::Kept(replay)),
        }
    }
    // One copy of a call, however many places it is sent to.
    let first = !mem::replace(&mut call.shadowed, true);
    let copied = first.then(|| cleared.copy(&call.facts)).flatten();
    let routed = Box::new(cleared.route()?);
    if let Some(copied) = copied {
        let headers = &client.req_header().headers;
        shadow::start(gateway, method.clone(), headers, copied, call);
    }
    Ok(Ready::Routed(routed))
}

/// Nobody waits for this answer any more.
async fn give_back(failed: Option<Failed<'_>>) {
    if let Some(Failed::Answer(kept)) = failed {
        kept.1.discard().await;
    }
}

/// What a provider answered that did not serve the call.
fn pass_on<'s>(unserved: Unserved<'s>, answer: Answer, call: &mut Call) -> Box<Answered<'s>> {
    let (status, headers) = answer.head();
    let streaming = unserved.answered(status, headers, &mut call.facts);
    let extras = Extras {
        requests: None,
        tokens: None,
        direct: false,
    };
    Box::new(Answered {
        answer,
        streaming,
        extras,
    })
}

/// Asks one place, with one of its keys after the other, and again after a wait where there is no other place.
async fn at_one_place<'s>(
    gateway: &Gateway,
    client: &mut ServerSession,
    method: &Method,
    mut routed: Routed<'s>,
    has_spare: bool,
    call: &mut Call,
) -> Tried<'s> {
    let upstream = match gateway.upstreams.of(&routed) {
        Ok(upstream) => upstream,
        Err(refusal) => return Tried::Failed(Failed::Refused(refusal)),
    };
    let snapshot = gateway.snapshot.load_full();
    let place = (!routed.is_direct())
        .then(|| snapshot.routing.place(routed.provider()))
        .flatten();
    snapshot.routing.retry.deposit();
    let (mut tried, mut waits) = (SmallVec::<[usize; 4]>::new(), 0);
    // From now on a silent client is a client that listens.
    wait_for(client, None);
    let mut key = place.and_then(|place| pick(gateway, place, &routed, &tried));
    loop {
        routed.use_key(key);
        tried.extend(key);
        let began = call.watch.elapsed();
        call.measured.sent_at.get_or_insert(began);
        let outgoing = Outgoing {
            method: method.clone(),
            routed: &routed,
            upstream: &upstream,
            body: routed.body(),
            trace: &call.trace,
        };
        let sent =
            upstream::send(gateway, Caller::Client(client), &outgoing, &mut call.watch).await;
        drop(outgoing);
        let Some(place) = place else {
            return only_attempt(sent, routed, call);
        };
        // A stream is looked at before it is passed on only where somebody else could answer.
        let looks = routed.is_repeatable() && (has_spare || routed.at().keys().len() > tried.len());
        let looks = looks.then_some(upstream.first_byte);
        let bad = match Bad::of(sent, looks, client, gateway.clock.now(), call).await {
            Ok(answer) => {
                note(&routed, answer.head().0, None, began, has_spare, call);
                place.good();
                return Tried::Ended(served(gateway, answer, routed, began, call));
            }
            Err(bad) if bad.is_client_gone() => {
                return Tried::Ended(Ended::Left(Box::new(routed)));
            }
            Err(bad) => bad,
        };
        note(
            &routed,
            bad.status(),
            Some(bad.what),
            began,
            has_spare,
            call,
        );
        place.bad(key, routed.model(), bad.failure, gateway.clock.mono());
        let again = routed.is_repeatable() || bad.was_not_sent();
        let more = again && call.facts.attempts.len() < MOST;
        let other = (more && bad.is_of_the_key())
            .then(|| pick(gateway, place, &routed, &tried))
            .flatten();
        if other.is_some() {
            key = other;
            bad.discard().await;
            continue;
        }
        let wait = (more && !has_spare && bad.is_worth_waiting())
            .then(|| snapshot.routing.retry.wait(waits, bad.told()))
            .flatten();
        let wait = wait.filter(|wait| call.watch.elapsed() + *wait < gateway.timeouts.total);
        let Some(wait) = wait else {
            return failed(gateway, bad.sent, routed, again, call).await;
        };
        bad.discard().await;
        if !slept(client, wait, call).await {
            return Tried::Ended(Ended::LeftWaiting(Box::new(routed)));
        }
        waits += 1;
        tried.clear();
        key = pick(gateway, place, &routed, &tried);
    }
}

/// A call with its app's own credential goes where its app sent it, once: all else is the app's affair.
fn only_attempt<'s>(
    sent: Result<Answer, Refusal>,
    routed: Routed<'s>,
    call: &mut Call,
) -> Tried<'s> {
    match sent {
        Ok(answer) => Tried::Ended(begin(answer, routed, call)),
        Err(Refusal::ClientGone) => Tried::Ended(Ended::Left(Box::new(routed))),
        Err(refusal) => Tried::Failed(Failed::Refused(refusal)),
    }
}

/// The place answered, well or with what is the client's own affair.
fn served<'s>(
    gateway: &Gateway,
    answer: Answer,
    routed: Routed<'s>,
    began: Duration,
    call: &mut Call,
) -> Ended<'s> {
    if let Some(target) = routed.target() {
        let took = call.watch.elapsed().saturating_sub(began);
        target.measure(took, gateway.clock.mono());
    }
    gateway.note_health(routed.provider(), answer.head().0);
    begin(answer, routed, call)
}

fn begin<'s>(answer: Answer, routed: Routed<'s>, call: &mut Call) -> Ended<'s> {
    let (requests, tokens) = routed.allowances();
    let extras = Extras {
        requests,
        tokens,
        direct: routed.is_direct(),
    };
    let (status, headers) = answer.head();
    let streaming = routed.answered(status, headers, &mut call.facts);
    Ended::Answered(Box::new(Answered {
        answer,
        streaming,
        extras,
    }))
}

/// The place did not serve the call, and is not asked again. Where the call may have had an effect there, no
/// other place is asked either.
async fn failed<'s>(
    gateway: &Gateway,
    sent: Result<Answer, Refusal>,
    routed: Routed<'s>,
    again: bool,
    call: &mut Call,
) -> Tried<'s> {
    let provider = routed.provider().clone();
    match sent {
        Ok(answer) if answer.refuses_credential() => {
            let refusal = credential_refused(gateway, provider, answer).await;
            drop(routed.give_up());
            Tried::Failed(Failed::Refused(refusal))
        }
        Ok(answer) => {
            gateway.note_health(&provider, answer.head().0);
            if !again {
                return Tried::Ended(begin(answer, routed, call));
            }
            let kept = Box::new((routed.give_up(), answer));
            Tried::Failed(Failed::Answer(kept))
        }
        Err(refusal) => {
            drop(routed.give_up());
            Tried::Failed(Failed::Refused(refusal))
        }
    }
}

/// Which of its provider's keys a call over a WebSocket goes with. Its connection is made with one of them, and
/// stays.
pub(crate) fn key_for(
    gateway: &Gateway,
    snapshot: &Snapshot,
    routed: &Routed<'_>,
) -> Option<usize> {
    if routed.is_direct() {
        return None;
    }
    let place = snapshot.routing.place(routed.provider())?;
    pick(gateway, place, routed, &[])
}

fn pick(gateway: &Gateway, place: &Place, routed: &Routed<'_>, tried: &[usize]) -> Option<usize> {
    let (provider, model) = (routed.at(), routed.model());
    place.pick(
        provider,
        model,
        routed.affinity(),
        tried,
        gateway.clock.mono(),
    )
}

/// Waits, as long as the client does; whether it still does.
async fn slept(client: &mut ServerSession, wait: Duration, call: &mut Call) -> bool {
    let waiting = async {
        tokio::select! {
            biased;
            () = tokio::time::sleep(wait) => true,
            () = gone(client) => false,
        }
    };
    call.watch.wait(waiting).await
}

/// Notes an attempt, unless it is the only one and says nothing that the row does not.
fn note(
    routed: &Routed<'_>,
    status: u16,
    failure: Option<&str>,
    began: Duration,
    has_spare: bool,
    call: &mut Call,
) {
    let several = routed.at().keys().len() > 1;
    let plain = failure.is_none() && call.facts.attempts.is_empty();
    if plain && !several && !has_spare && routed.target().is_none() {
        return;
    }
    let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let key = routed.key().filter(|_| several);
    call.facts.attempts.push(Attempt {
        provider: routed.provider().clone(),
        model: routed.model().and_then(|model| model.parse().ok()),
        key: key.map(|key| key.name().to_owned()),
        status,
        failure: failure.map(str::to_owned),
        began_us: micros(began),
        took_us: micros(call.watch.elapsed().saturating_sub(began)),
    });
}
