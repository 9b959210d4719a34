//! Gives an answer that was kept. All of it is there: the guards see it as they see any answer, and then it
//! leaves at once, as a stream where one was asked for.

use bytes::Bytes;
use http::{StatusCode, header};
use pingora_core::protocols::http::ServerSession;
use pingora_http::ResponseHeader;
use tidegate_pipeline::{
    Refusal,
    stage::{End, Replay, Streaming},
};
use tidegate_wire::answer::Forward;

use super::{
    cut::{self, Cut},
    head, let_by,
    outbox::Outbox,
    untranslatable,
};
use crate::{
    call::{Call, Fate},
    endings::settle,
    gateway::{Gateway, wait_for},
    reply,
};

/// Gives the answer, and settles the call. It costs nothing.
pub(crate) async fn run(
    gateway: &Gateway,
    client: &mut ServerSession,
    replay: Replay<'_>,
    call: &mut Call,
) -> Fate {
    // A client that is silent now is a client that listens.
    wait_for(client, None);
    let head = written(client, &replay, call);
    let Replay {
        mut streaming,
        body,
        ..
    } = replay;
    call.piece();
    let (forward, mut head) = match (guarded(client, &mut streaming, body, call).await, head) {
        (Ok(forward), Ok(head)) => (forward, head),
        (Err(cut), _) => return stopped(gateway, client, streaming, cut, call).await,
        (Ok(_), Err(error)) => {
            tracing::warn!(%error, "a kept answer's header cannot be written");
            return stopped(gateway, client, streaming, Cut::UpstreamBroken, call).await;
        }
    };
    let length = forward.iter().map(Bytes::len).sum();
    head::tell_length(&mut head, length);
    call.facts.response_bytes = length as u64;
    settle(gateway, streaming, End::Completed, call);
    match sent(client, head, forward, call).await {
        Ok(()) => Fate::Reuse,
        Err(_) => Fate::Abort,
    }
}

async fn guarded(
    client: &mut ServerSession,
    streaming: &mut Streaming<'_>,
    body: Bytes,
    call: &mut Call,
) -> Result<Forward, Cut> {
    let step = streaming.push(body, &mut call.facts);
    // Nothing is ready before the guards have seen all of it.
    let nothing = &mut Outbox::default();
    let mut forward = let_by(client, nothing, step.map_err(untranslatable)?).await?;
    let step = streaming.end(&mut call.facts);
    forward.extend(let_by(client, nothing, step.map_err(untranslatable)?).await?);
    Ok(forward)
}

/// Nothing was sent: a refusal takes the answer's place. The call is recorded before.
async fn stopped(
    gateway: &Gateway,
    client: &mut ServerSession,
    streaming: Streaming<'_>,
    cut: Cut,
    call: &mut Call,
) -> Fate {
    let (end, refusal) = match cut {
        Cut::ClientGone => (End::ClientGone, None),
        Cut::Stopped(stop) => (End::Stopped, Some(Refusal::of_answer(stop))),
        Cut::UpstreamBroken => {
            let broken = call.facts.provider.clone().map(Refusal::UpstreamBroken);
            (End::UpstreamBroken, broken)
        }
    };
    let Some(refusal) = refusal else {
        settle(gateway, streaming, end, call);
        return Fate::Abort;
    };
    if let Refusal::GuardFailed(what) = &refusal {
        tracing::error!(what, "a guard failed, and its answer was stopped");
    }
    let settle = |call: &mut Call| {
        settle(gateway, streaming, end, call);
    };
    cut::refuse(gateway, client, &refusal, settle, call).await
}

fn written(
    client: &ServerSession,
    replay: &Replay<'_>,
    call: &Call,
) -> pingora_error::Result<ResponseHeader> {
    let mut head = ResponseHeader::build_no_case(StatusCode::OK, Some(10))?;
    head.insert_header(header::CONTENT_TYPE, replay.content_type())?;
    if !client.is_http2() {
        head.insert_header(header::TRANSFER_ENCODING, "chunked")?;
    }
    head.insert_header(reply::REQUEST_ID, call.facts.id.to_string())?;
    head.insert_header(header::AGE, replay.age.as_secs().to_string())?;
    head::tell_cache(&mut head, &call.facts)?;
    head::tell_limits(&mut head, replay.allowances, &call.facts);
    Ok(head)
}

async fn sent(
    client: &mut ServerSession,
    head: ResponseHeader,
    forward: Forward,
    call: &mut Call,
) -> pingora_error::Result<()> {
    let mut outbox = Outbox::default();
    outbox.begin(Box::new(head));
    outbox.put(forward);
    call.watch.wait(outbox.finish(client)).await
}
