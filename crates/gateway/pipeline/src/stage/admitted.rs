//! Rate and budget are reserved: the call may be looked at, and then sent.

use tidegate_governance::{govern::Reservation, record::Content};
use tidegate_wire::{
    body::{self, Inspected},
    route::BodyKind,
};

use super::{Cleared, Described, described::Quote};
use crate::{
    Facts, Refusal,
    guard::{CallView, Sentries, Stop},
};

/// A call that is paid for.
#[derive(Debug)]
pub struct Admitted<'s, 'r> {
    pub(super) call: Described<'s, 'r>,
    pub(super) quote: Quote,
    pub(super) reservation: Reservation,
}

impl<'s, 'r> Admitted<'s, 'r> {
    /// Gives back what was reserved: it was only to be seen whether it could be.
    pub fn undo(self) {
        self.reservation.undo();
    }

    /// Shows the prompt to the guards, who may change or stop it. What it was priced at stays: that was
    /// worked out on what the caller sent.
    ///
    /// # Errors
    /// A guard's rule forbids the prompt, or a guard cannot do its work.
    pub async fn clear(self, facts: &mut Facts) -> Result<Cleared<'s, 'r>, Refusal> {
        let Self {
            mut call,
            quote,
            reservation,
        } = self;
        let sentries = if call.guards.is_empty() {
            Sentries::default()
        } else {
            // Boxed: calls without guards must not carry its room.
            Box::pin(guarded(&mut call, facts)).await?
        };
        if call.permit.log_content() {
            let body = &call.payload.body;
            let kept = body.len().min(call.settings.content_limit);
            facts.content = Some(Box::new(Content {
                prompt: body.slice(..kept).to_vec(),
                answer: Vec::new(),
            }));
        }
        Ok(Cleared {
            call,
            quote,
            reservation,
            sentries,
            recording: None,
            unlike: None,
        })
    }
}

pub(super) async fn guarded(
    call: &mut Described<'_, '_>,
    facts: &mut Facts,
) -> Result<Sentries, Refusal> {
    let operation = call.route.operation;
    let view = CallView {
        ends: call.payload.ends.as_ref(),
        ..CallView::new(
            operation.into(),
            &call.at.provider.name,
            &call.permit,
            facts,
        )
    };
    let mut sentries = call.guards.post(&view);
    if operation.body() == BodyKind::None || sentries.is_empty() {
        return Ok(sentries);
    }
    sentries.recall(&call.memory);
    let body = &call.payload.body;
    let said = sentries.prompt(call.content_type(), body).await;
    sentries.report(facts);
    let Some(body) = said.map_err(Refusal::of_prompt)? else {
        return Ok(sentries);
    };
    // The spans that are spliced later belong to the body that was read: the new one is read too.
    let read = match operation.body() {
        BodyKind::Multipart => body::inspect_form(operation, call.content_type(), &body),
        BodyKind::Json | BodyKind::None => body::inspect(operation, &body),
    };
    let failed = |what| Refusal::of_prompt(Stop::Failed(what));
    let read = read.map_err(|_| failed("what it made of a prompt cannot be read"))?;
    match &call.payload.inspected {
        Some(before) if asks_the_same(before, &read) => {
            call.payload.inspected = Some(read);
            call.payload.body = body;
            Ok(sentries)
        }
        _ => Err(failed("it changed more of a call than its text")),
    }
}

/// Whether a body still asks for what was allowed and priced.
fn asks_the_same(before: &Inspected, after: &Inspected) -> bool {
    let models = |found: &Inspected| {
        let inner = found.inner_models.iter().map(|field| field.value.clone());
        let own = found.model.as_ref().map(|field| field.value.clone());
        own.into_iter().chain(inner).collect::<Vec<_>>()
    };
    let batch = |found: &Inspected| {
        found.batch.as_ref().map(|batch| {
            let parts = batch.models.iter();
            let parts = parts.map(|part| (part.model.clone(), part.items, part.max_output));
            parts.collect::<Vec<_>>()
        })
    };
    let rest = |found: &Inspected| {
        let lengths = (found.max_output, found.choices);
        (found.stream, found.background, lengths, found.tier)
    };
    rest(before) == rest(after)
        && before.image == after.image
        && models(before) == models(after)
        && batch(before) == batch(after)
}
