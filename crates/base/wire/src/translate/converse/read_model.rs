//! Reads `additionalModelRequestFields`: what clients know of single models.

use crate::translate::{
    Refused,
    betas::{self, Betas},
    fields::{Fields, missing},
    messages,
    talk::{Effort, Thinking},
};

/// What is known of them.
#[derive(Debug, Default)]
pub(super) struct Extra<'a> {
    pub(super) betas: Betas<'a>,
    pub(super) thinking: Option<Thinking>,
    pub(super) effort: Option<Effort>,
    pub(super) top_k: Option<u64>,
}

/// Reads those that mean something to every model: Anthropic's and Nova's `top_k`, and how much to think.
///
/// # Errors
/// There is another one.
pub(super) fn fields<'a>(body: &mut Fields<'a>) -> Result<Extra<'a>, Refused> {
    let Some(mut fields) = body.object("additionalModelRequestFields")? else {
        return Ok(Extra::default());
    };
    let mut extra = Extra {
        betas: betas::read(&mut fields)?,
        top_k: fields.count("top_k")?,
        ..Extra::default()
    };
    if let Some(mut config) = fields.object("inferenceConfig")? {
        extra.top_k = config.count("topK")?.or(extra.top_k);
        config.close()?;
    }
    // The name that it had first, and the one that Anthropic has for it.
    for name in ["reasoning_config", "thinking"] {
        if let Some(thinking) = fields.object(name)? {
            extra.thinking = Some(self::thinking(thinking)?);
        }
    }
    if let Some(config) = fields.object("reasoningConfig")? {
        extra.thinking = Some(nova(config)?);
    }
    if let Some(word) = fields.string("reasoning_effort")? {
        extra.effort = Some(level(fields.at("reasoning_effort"), &word)?);
    }
    if let Some(mut output) = fields.object("output_config")? {
        if let Some(word) = output.string("effort")? {
            extra.effort = Some(level(output.at("effort"), &word)?);
        }
        output.close()?;
    }
    fields.close()?;
    Ok(extra)
}

fn level(path: impl Into<String>, word: &str) -> Result<Effort, Refused> {
    let why = "must be `low`, `medium`, `high`, `xhigh` or `max`";
    messages::effort(word).ok_or_else(|| Refused::invalid(path, why))
}

fn thinking(mut thinking: Fields<'_>) -> Result<Thinking, Refused> {
    let kind = thinking.required("type")?;
    let shown = thinking.string("display")?;
    let shown = shown.map(|word| word != "omitted");
    let read = match &*kind {
        "adaptive" => Thinking {
            on: Some(true),
            shown,
            ..Thinking::default()
        },
        "disabled" => Thinking {
            on: Some(false),
            ..Thinking::default()
        },
        "enabled" => {
            let path = thinking.at("budget_tokens");
            let budget = thinking.count("budget_tokens")?;
            Thinking {
                on: Some(true),
                budget: Some(budget.ok_or_else(|| missing(&path))?),
                shown,
                effort: None,
            }
        }
        _ => {
            let why = "must be `adaptive`, `disabled` or `enabled`";
            return Err(Refused::invalid(thinking.at("type"), why));
        }
    };
    thinking.close()?;
    Ok(read)
}

fn nova(mut config: Fields<'_>) -> Result<Thinking, Refused> {
    let on = match &*config.required("type")? {
        "enabled" => true,
        "disabled" => false,
        _ => {
            let why = "must be `enabled` or `disabled`";
            return Err(Refused::invalid(config.at("type"), why));
        }
    };
    let path = config.at("maxReasoningEffort");
    let effort = config.string("maxReasoningEffort")?;
    let effort = effort.map(|word| level(path, &word)).transpose()?;
    config.close()?;
    Ok(Thinking {
        on: Some(on),
        effort,
        ..Thinking::default()
    })
}
