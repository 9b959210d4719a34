//! Writes what only some models have: thoughts, how hard to think, `top_k`.

use super::{models::Maker, write_content::Message};
use crate::translate::{
    Feature, Inexpressible, Request, betas,
    build::{Members, count, members, object, text},
    messages::{Thinks, Thoughts, may_think, thinking},
    talk::{Effort, Thinking},
};

/// `additionalModelRequestFields`, and the effort that Anthropic's models have beside it.
///
/// Whether to think is left out for models that have no field for it: they think, or do not.
///
/// # Errors
/// The model has no `top_k`.
pub(super) fn fields<'r>(
    request: &'r Request<'_>,
    maker: Maker,
    messages: &[Message<'_>],
) -> Result<(Members<'r>, Option<&'static str>), Inexpressible> {
    let mut fields = members([]);
    let mut effort = None;
    let mut thinks = false;
    let asked = request.thinking.as_ref();
    match maker {
        Maker::Claude => {
            let thoughts: Thoughts = thinking(request, || may_think(messages));
            thinks = thoughts.tokens().is_some();
            effort = thoughts.effort();
            fields.extend(thoughts.json().map(|json| ("thinking".into(), json)));
            let betas = betas::of_converse(&request.betas);
            fields.extend(betas.map(|json| ("anthropic_beta".into(), json)));
        }
        Maker::Nova => fields.extend(asked.and_then(nova)),
        Maker::OpenAi => {
            let word = asked.and_then(level).map(|level| match level {
                Effort::None | Effort::Minimal | Effort::Low => "low",
                Effort::Medium => "medium",
                Effort::High | Effort::ExtraHigh | Effort::Max => "high",
            });
            fields.extend(word.map(|word| ("reasoning_effort".into(), text(word))));
        }
        Maker::Other => {}
    }
    let Some(top_k) = request.sampling.top_k else {
        return Ok((fields, effort));
    };
    match maker {
        Maker::Claude if thinks || Thinks::of(&request.model).is_adaptive() => {}
        Maker::Claude => fields.push(("top_k".into(), count(top_k))),
        Maker::Nova => {
            let config = object([("topK", count(top_k))]);
            fields.push(("inferenceConfig".into(), config));
        }
        Maker::OpenAi | Maker::Other => return Err(Inexpressible(Feature::TopK)),
    }
    Ok((fields, effort))
}

/// How hard to think, where that is asked for.
fn level(asked: &Thinking) -> Option<Effort> {
    match (asked.on, asked.effort, asked.budget) {
        (Some(false), _, _) => Some(Effort::None),
        (_, Some(effort), _) => Some(effort),
        (_, None, Some(budget)) => Some(Effort::of_budget(budget)),
        (Some(true), None, None) => Some(Effort::Medium),
        (None, None, None) => None,
    }
}

fn nova<'r>(asked: &Thinking) -> Option<(std::borrow::Cow<'r, str>, crate::translate::Json<'r>)> {
    let word = match level(asked)? {
        Effort::None => None,
        Effort::Minimal | Effort::Low => Some("low"),
        Effort::Medium => Some("medium"),
        Effort::High | Effort::ExtraHigh | Effort::Max => Some("high"),
    };
    let config = match word {
        None => object([("type", text("disabled"))]),
        Some(word) => object([
            ("type", text("enabled")),
            ("maxReasoningEffort", text(word)),
        ]),
    };
    Some(("reasoningConfig".into(), config))
}
