//! Brings the answer back, piece by piece as it comes, metered and guarded on its way.

mod cut;
mod head;
mod outbox;
pub(crate) mod replay;

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use bytes::Bytes;
use pingora_core::protocols::http::ServerSession;
use pingora_http::ResponseHeader;
use tidegate_pipeline::{
    guard::Step,
    stage::{End, Streaming, Way},
};
use tidegate_wire::{answer::Forward, ratelimit::Allowance, translate::Broken};

use crate::{
    call::{Call, Fate},
    endings,
    gateway::Gateway,
    upstream::{Answer, gone},
};
use cut::{Cut, Events};
pub(crate) use head::is_of_the_bytes;
use outbox::Outbox;

/// What the client is told besides the answer itself.
pub(crate) struct Extras {
    pub(crate) requests: Option<Allowance>,
    pub(crate) tokens: Option<Allowance>,
    /// The call brought its own credential: the answer's headers are its app's affair.
    pub(crate) direct: bool,
}

/// How far the answer has come.
enum Passed {
    All,
    More,
}

/// What one read of the upstream gave.
enum Piece {
    Bytes(Bytes),
    ClientGone,
    End,
    UpstreamBroken,
}

/// An answer in passing.
struct Passing<'s> {
    /// The header, for as long as a refusal may still take the answer's place.
    head: Option<Box<ResponseHeader>>,
    /// What is ready to go.
    outbox: Outbox,
    /// Until the bill is settled.
    open: Option<Streaming<'s>>,
    /// The rest of its way, from then on.
    rest: Way,
    /// Where in the stream of events the client is, if the answer is one.
    events: Option<Events>,
}

/// Passes the answer on to its end, and settles the call. The bill is final, and safe on disk,
/// before the client sees the answer's last byte.
pub(crate) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    mut answer: Answer,
    streaming: Streaming<'_>,
    extras: Extras,
    call: &mut Call,
) -> Fate {
    let head = head::head(client, answer.session(), &streaming, &extras, call);
    let (events, changed) = (streaming.events(), streaming.is_changed());
    let retold = streaming.is_retold();
    let mut passing = Passing {
        head: None,
        outbox: Outbox::default(),
        open: Some(streaming),
        rest: Way::default(),
        events: events.map(Events::of),
    };
    match head {
        // An answer in one piece may be stopped while nothing of it was sent.
        Ok(head) if changed && (events.is_none() || retold) => passing.head = Some(Box::new(head)),
        Ok(head) => passing.outbox.begin(Box::new(head)),
        Err(error) => {
            tracing::warn!(%error, "an answer's header cannot be passed on");
            let end = cut::end(gateway, client, answer, passing, Cut::UpstreamBroken, call);
            return Box::pin(end).await;
        }
    }
    loop {
        match pass(gateway, client, &mut answer, &mut passing, call).await {
            Ok(Passed::More) => {}
            Ok(Passed::All) => break,
            Err(cut) => {
                return Box::pin(cut::end(gateway, client, answer, passing, cut, call)).await;
            }
        }
    }
    settle(gateway, &mut passing, End::Completed, call);
    let ended = call.watch.wait(passing.outbox.finish(client)).await;
    call.watch.wait(answer.release()).await;
    if ended.is_ok() {
        Fate::Reuse
    } else {
        Fate::Abort
    }
}

/// Passes one piece on.
///
/// # Errors
/// The answer cannot be completed.
async fn pass(
    gateway: &Gateway,
    client: &mut ServerSession,
    upstream: &mut Answer,
    passing: &mut Passing<'_>,
    call: &mut Call,
) -> Result<Passed, Cut> {
    let outbox = &mut passing.outbox;
    let (forward, last) = match next(gateway, client, upstream, outbox, call).await {
        Piece::Bytes(chunk) => {
            call.piece();
            let last = upstream.is_done();
            let mut forward = passing.push(client, chunk, call).await?;
            if last {
                forward.extend(passing.end(client, call).await?);
            }
            (forward, last)
        }
        Piece::End => (passing.end(client, call).await?, true),
        Piece::ClientGone => return Err(Cut::ClientGone),
        Piece::UpstreamBroken => return Err(Cut::UpstreamBroken),
    };
    call.facts.response_bytes += forward.iter().map(|bytes| bytes.len() as u64).sum::<u64>();
    if last || passing.open.as_ref().is_some_and(Streaming::finished) {
        settle(gateway, passing, End::Completed, call);
    }
    passing.put(forward, last);
    if last {
        return Ok(Passed::All);
    }
    if passing.outbox.is_full() {
        let sent = call.watch.wait(passing.outbox.send(client)).await;
        sent.map_err(|_| Cut::ClientGone)?;
    }
    Ok(Passed::More)
}

fn settle(gateway: &Gateway, passing: &mut Passing<'_>, end: End, call: &mut Call) {
    if let Some(streaming) = passing.open.take() {
        passing.rest = endings::settle(gateway, streaming, end, call);
    }
}

impl Passing<'_> {
    async fn push(
        &mut self,
        client: &mut ServerSession,
        chunk: Bytes,
        call: &mut Call,
    ) -> Result<Forward, Cut> {
        let step = match self.open.as_mut() {
            Some(streaming) => streaming.push(chunk, &mut call.facts),
            None => self.rest.push(chunk),
        };
        let_by(client, &mut self.outbox, step.map_err(untranslatable)?).await
    }

    async fn end(&mut self, client: &mut ServerSession, call: &mut Call) -> Result<Forward, Cut> {
        let step = match self.open.as_mut() {
            Some(streaming) => streaming.end(&mut call.facts),
            None => self.rest.end(),
        };
        let_by(client, &mut self.outbox, step.map_err(untranslatable)?).await
    }

    /// Makes pieces ready to go, and before the first of them the header, if it was held back.
    fn put(&mut self, forward: Forward, last: bool) {
        let due = last || !forward.is_empty();
        if let Some(mut head) = self.head.take_if(|_| due) {
            if last {
                head::tell_length(&mut head, forward.iter().map(Bytes::len).sum());
            }
            self.outbox.begin(head);
        }
        if let Some(events) = &mut self.events {
            forward.iter().for_each(|bytes| events.after(bytes));
        }
        self.outbox.put(forward);
    }
}

fn untranslatable(broken: Broken) -> Cut {
    tracing::warn!(%broken, "an answer cannot be translated");
    Cut::UpstreamBroken
}

/// What the guards let by. Those that ask someone else are waited for, but not longer than the client
/// waits.
async fn let_by(
    client: &mut ServerSession,
    outbox: &mut Outbox,
    step: Step<'_, Forward>,
) -> Result<Forward, Cut> {
    match step {
        Step::Done(said) => said.map_err(Cut::Stopped),
        Step::Later(saying) => {
            let waiting = async {
                outbox.send(client).await.map_err(|_| Cut::ClientGone)?;
                tokio::select! {
                    biased;
                    said = saying => said.map_err(Cut::Stopped),
                    () = gone(client) => Err(Cut::ClientGone),
                }
            };
            Box::pin(waiting).await
        }
    }
}

/// The next piece. Where it has to be waited for, what is ready leaves before.
async fn next(
    gateway: &Gateway,
    client: &mut ServerSession,
    upstream: &mut Answer,
    outbox: &mut Outbox,
    call: &mut Call,
) -> Piece {
    let left = gateway.timeouts.total.saturating_sub(call.watch.elapsed());
    if left.is_zero() {
        return Piece::UpstreamBroken;
    }
    upstream.allow(left.min(gateway.timeouts.idle));
    let waiting = async {
        let mut read = pin!(upstream.read());
        let there = poll_fn(|cx| match read.as_mut().poll(cx) {
            Poll::Ready(read) => Poll::Ready(Some(read)),
            Poll::Pending => Poll::Ready(None),
        });
        if let Some(read) = there.await {
            return piece(read);
        }
        if outbox.send(client).await.is_err() {
            return Piece::ClientGone;
        }
        tokio::select! {
            biased;
            read = read => piece(read),
            () = gone(client) => Piece::ClientGone,
        }
    };
    call.watch.wait(waiting).await
}

fn piece(read: pingora_error::Result<Option<Bytes>>) -> Piece {
    match read {
        Ok(Some(bytes)) => Piece::Bytes(bytes),
        Ok(None) => Piece::End,
        Err(error) => {
            tracing::debug!(%error, "the upstream broke off");
            Piece::UpstreamBroken
        }
    }
}
