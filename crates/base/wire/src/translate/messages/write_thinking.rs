//! Writes whether the model is to think.

use super::{Members, models::Thinks};
use crate::translate::{
    Json, Request,
    talk::{Effort, ToolChoice},
};

/// The smallest budget that Anthropic takes, in tokens.
const LEAST: u64 = 1_024;

/// Whether it is to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::translate) enum Thoughts {
    /// As much as it finds right, about as hard as this.
    Adaptive {
        effort: Option<Effort>,
        shown: Option<bool>,
    },
    Budget {
        tokens: u64,
        shown: Option<bool>,
    },
    /// As little as it can, where it always does.
    Least,
    /// Some models think by themselves: that they are not to is said.
    Off,
    Unsaid,
}

impl Thoughts {
    /// About how many tokens thoughts may take, where it thinks.
    pub(in crate::translate) fn tokens(self) -> Option<u64> {
        match self {
            Self::Adaptive { effort, .. } => Some(effort.unwrap_or(Effort::High).budget()),
            Self::Budget { tokens, .. } => Some(tokens),
            Self::Least => Some(Effort::Low.budget()),
            Self::Off | Self::Unsaid => None,
        }
    }

    /// The word for how hard, where it stands apart.
    pub(in crate::translate) fn effort(self) -> Option<&'static str> {
        match self {
            Self::Adaptive { effort, .. } => effort.map(effort_word),
            Self::Least => Some(effort_word(Effort::Low)),
            Self::Budget { .. } | Self::Off | Self::Unsaid => None,
        }
    }

    pub(in crate::translate) fn json(self) -> Option<Json<'static>> {
        let (mut thinking, shown) = match self {
            Self::Adaptive { shown, .. } => (Members::of("adaptive"), shown),
            Self::Budget { tokens, shown } => {
                let mut thinking = Members::of("enabled");
                thinking.count("budget_tokens", tokens);
                (thinking, shown)
            }
            Self::Off => (Members::of("disabled"), None),
            Self::Least | Self::Unsaid => return None,
        };
        if let Some(shown) = shown {
            let display = if shown { "summarized" } else { "omitted" };
            thinking.text("display", display);
        }
        Some(thinking.json())
    }
}

/// What is asked for, as far as Anthropic takes it with the rest of the request.
///
/// Thinking is left out, and the answer comes without it,
/// - where a tool has to be called: Anthropic refuses both together, and which tool is called is what the
///   caller sees;
/// - where the model is in the middle of using tools and what it thought before is not there, which Anthropic
///   refuses with a budget: another model began, or the client does not send thoughts back. At the next
///   question of the user it thinks again;
/// - where the answer's beginning is given, for the same reason;
/// - where the whole answer may not be longer than the smallest budget.
pub(in crate::translate) fn thinking(
    request: &Request<'_>,
    may_think: impl FnOnce() -> bool,
) -> Thoughts {
    let Some(asked) = &request.thinking else {
        return Thoughts::Unsaid;
    };
    let budget = match (asked.on, asked.budget, asked.effort) {
        (Some(false), _, _) => Some(0),
        (_, Some(budget), _) => Some(budget),
        (_, None, Some(effort)) => Some(effort.budget()),
        (Some(true), None, None) => Some(Effort::Medium.budget()),
        (None, None, None) => None,
    };
    let budget = match budget {
        None => return Thoughts::Unsaid,
        Some(0) => return not_at_all(request),
        Some(budget) => budget.max(LEAST),
    };
    let forced = !matches!(
        request.tool_choice,
        None | Some(ToolChoice::Auto | ToolChoice::None)
    );
    if forced {
        return Thoughts::Unsaid;
    }
    let shown = asked.shown;
    if Thinks::of(&request.model).is_adaptive() {
        let effort = asked.effort.or(asked.budget.map(Effort::of_budget));
        return Thoughts::Adaptive { effort, shown };
    }
    if !may_think() {
        return Thoughts::Unsaid;
    }
    // Thoughts are part of what `max_tokens` bounds: where it leaves no room for an answer, they get half.
    let tokens = match request.sampling.max_output {
        Some(most) if most <= LEAST => return Thoughts::Unsaid,
        Some(most) if most <= budget => LEAST.max(most / 2),
        _ => budget,
    };
    Thoughts::Budget { tokens, shown }
}

/// It is told not to think, as far as it can be told.
fn not_at_all(request: &Request<'_>) -> Thoughts {
    match Thinks::of(&request.model) {
        Thinks::Always => Thoughts::Least,
        Thinks::ByDefault | Thinks::WithinBudget => Thoughts::Off,
        Thinks::WhenAsked => Thoughts::Unsaid,
    }
}

/// Its word for a level, or for the next one that it has.
fn effort_word(effort: Effort) -> &'static str {
    effort.max(Effort::Low).word()
}

/// A turn on its way to being written.
pub(in crate::translate) trait Said {
    fn is_of_model(&self) -> bool;
    fn has_results(&self) -> bool;
    fn begins_with_thought(&self) -> bool;
}

/// Whether the model's turn that is going on, if one is, began with a thought that is here.
pub(in crate::translate) fn may_think(messages: &[impl Said]) -> bool {
    if messages.last().is_some_and(Said::is_of_model) {
        return false;
    }
    // Its turn goes back over the results of tools to the last thing that the user said without one.
    let asked = messages
        .iter()
        .rposition(|message| !message.is_of_model() && !message.has_results());
    let since = asked.map_or(0, |at| at + 1);
    let mut turn = messages.iter().skip(since);
    let began = turn.find(|message| message.is_of_model());
    began.is_none_or(Said::begins_with_thought)
}
