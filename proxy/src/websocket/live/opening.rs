//! How a session begins: its first message says which model is meant, and with that the provider is asked.

use bytes::Bytes;
use tidegate_pipeline::{Refusal, guard::Memory};
use tidegate_types::{ModelName, TokenCount};
use tidegate_wire::{
    body::estimate_input,
    socket::{
        MessageError,
        live::{ClientKind, client_message, with_model},
    },
};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::{
    attempts,
    call::Call,
    gateway::Gateway,
    websocket::{
        governed::{Caller, Next, broken_words},
        handshake::call_provider,
        peer::{Gone, Heard, Peer},
        sides::Place,
    },
};

/// What a session begins with.
pub(super) struct Opened {
    pub(super) place: Place,
    pub(super) peer: Peer,
    pub(super) memory: Memory,
    pub(super) said: TokenCount,
}

/// The client's first message; else how the connection ends.
pub(super) async fn first(gateway: &Gateway, client: &mut Peer) -> Result<Bytes, Next> {
    let heard = tokio::select! {
        heard = timeout(gateway.timeouts.client, client.hear()) => heard,
        () = gateway.sockets.said() => {
            return Err(Next::Close(CloseCode::Away, "the gateway stops".into()));
        }
    };
    match heard {
        Ok(Heard::Text(json) | Heard::Binary(json)) => Ok(json),
        Ok(Heard::Closed(_) | Heard::Broken(CloseCode::Abnormal)) => Err(Next::Gone),
        Ok(Heard::Broken(code)) => Err(Next::Close(code, broken_words(code).into())),
        Err(_) => Err(Next::Close(
            CloseCode::Policy,
            "no `setup` was said in time".into(),
        )),
    }
}

/// The target that stands for this session: the handshake's path, and the model that the first message names in the
/// query, where the stages read it.
///
/// # Errors
/// The caller may not be here, the message is no `setup`, or it names no model that could be one.
pub(super) fn named(
    caller: &Caller<'_>,
    gateway: &Gateway,
    first: &[u8],
    call: &mut Call,
) -> Result<String, Refusal> {
    // Who asks comes before what is asked.
    let snapshot = gateway.newest.load_full();
    caller.identify(&snapshot, &mut call.facts)?;
    let known = client_message(first).map_err(Refusal::Message)?;
    if known.kind != ClientKind::Setup {
        return Err(Refusal::Message(MessageError::NotServed(
            "a session begins with a `setup`",
        )));
    }
    let model = known.model.map(|(model, _)| model);
    let model: ModelName = model
        .and_then(|model| model.parse().ok())
        .ok_or(Refusal::ModelMissing)?;
    let path = caller.target().split('?').next().unwrap_or_default();
    let mut target = format!("{path}?model=");
    for byte in model.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            target.push(byte.into());
        } else {
            target.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(target)
}

/// Shows the guards the session's instructions, and opens it at its provider, who is told what is left of them. What an
/// answer would cost is reserved and given back: a key that cannot pay for one opens nothing. `None` when the client
/// left meanwhile.
pub(super) async fn open(
    gateway: &Gateway,
    caller: &Caller<'_>,
    client: &mut Peer,
    first: Bytes,
    call: &mut Call,
) -> Result<Option<Opened>, Refusal> {
    let snapshot = gateway.newest.load_full();
    let now = gateway.clock.mono();
    let held = gateway.body_memory.share(first.len())?;
    let said = estimate_input(&first);
    let asked = client_message(&first).map_err(Refusal::Message)?.model;
    let described = caller
        .identify(&snapshot, &mut call.facts)?
        .describe(caller.headers(), first, now, &mut call.facts)?
        .over_websocket(Memory::default(), now, &mut call.facts)?;
    let place = Place::of(&described);
    let (setup, memory) = described.show(&mut call.facts).await?;
    let shown = client_message(&setup).map_err(Refusal::Message)?.model;
    let (Some((before, _)), Some((after, at))) = (asked, shown) else {
        return Err(Refusal::ModelMissing);
    };
    if before != after {
        return Err(Refusal::ModelContradicted(after));
    }
    let setup = match &place.model {
        Some(model) if model.as_str() != after => with_model(&setup, at, model.as_str()),
        _ => setup,
    };
    let described = caller
        .identify(&snapshot, &mut call.facts)?
        .describe(
            caller.headers(),
            Bytes::from_static(b"{}"),
            now,
            &mut call.facts,
        )?
        .over_websocket(Memory::default(), now, &mut call.facts)?
        .in_session(&place.provider, place.model.as_ref(), said, &mut call.facts)?;
    let admitted = described.admit(&gateway.governor, &mut call.facts).await?;
    let mut routed = admitted.clear(&mut call.facts).await?.route()?;
    routed.use_key(attempts::key_for(gateway, &snapshot, &routed));
    let called = tokio::select! {
        biased;
        called = call_provider(gateway, &routed, caller.headers(), call) => Some(called),
        () = client.gone() => None,
    };
    drop(routed.give_up());
    let Some(mut peer) = called.transpose()? else {
        return Ok(None);
    };
    let told = peer.say(setup).await;
    drop(held);
    told.map_err(|Gone| Refusal::UpstreamBroken(place.provider.clone()))?;
    Ok(Some(Opened {
        place,
        peer,
        memory,
        said,
    }))
}
