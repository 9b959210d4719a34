//! What differs between Anthropic's models.

/// The first version whose models decide by themselves how much they think and how they draw: they take an
/// effort and refuse budgets, `temperature`, `top_p` and `top_k`.
const ADAPTIVE: (u32, u32) = (4, 7);

/// The first version whose models think unless they are told not to.
const BY_DEFAULT: (u32, u32) = (5, 0);

/// A longer number than any part of a version is a date.
const LONGEST_PART: usize = 3;

/// When a model thinks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::translate) enum Thinks {
    /// It cannot be told not to.
    Always,
    /// Unless it is told not to.
    ByDefault,
    /// Where it is asked to, as much as it finds right.
    WhenAsked,
    /// Where it is asked to, within a budget.
    WithinBudget,
}

impl Thinks {
    /// By a model's name. Of names that say no version of Claude, as those of other providers who speak this
    /// dialect, nothing new is assumed.
    pub(in crate::translate) fn of(model: &str) -> Self {
        let Some((named, version)) = version(model) else {
            return Self::WithinBudget;
        };
        let is = |family: &str| named.contains(family);
        if version < ADAPTIVE {
            Self::WithinBudget
        } else if version < BY_DEFAULT {
            Self::WhenAsked
        } else if is("haiku") || (version == BY_DEFAULT && (is("opus") || is("sonnet"))) {
            Self::ByDefault
        } else {
            Self::Always
        }
    }

    /// Whether it decides by itself how much it thinks and how it draws.
    pub(in crate::translate) fn is_adaptive(self) -> bool {
        self != Self::WithinBudget
    }
}

/// What follows `claude-`, and the version in it.
fn version(model: &str) -> Option<(&str, (u32, u32))> {
    let (_, named) = model.rsplit_once("claude-")?;
    let part = |part: &str| {
        let short = part.len() <= LONGEST_PART;
        part.parse::<u32>().ok().filter(|_| short)
    };
    let parts = named.split(['-', '.', '@', ':']).map(part);
    let mut parts = parts.skip_while(Option::is_none).map_while(|part| part);
    let major = parts.next()?;
    Some((named, (major, parts.next().unwrap_or(0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_names() {
        for (model, thinks) in [
            ("claude-opus-4-7", Thinks::WhenAsked),
            ("claude-opus-4-7-20260416", Thinks::WhenAsked),
            ("claude-opus-4-10", Thinks::WhenAsked),
            ("us.anthropic.claude-opus-4-8-v1:0", Thinks::WhenAsked),
            ("anthropic/claude-opus-4.7", Thinks::WhenAsked),
            ("claude-sonnet-5", Thinks::ByDefault),
            ("claude-sonnet-5-20260101", Thinks::ByDefault),
            ("claude-opus-5@20260901", Thinks::ByDefault),
            ("claude-haiku-5-5", Thinks::ByDefault),
            ("claude-opus-5-5", Thinks::Always),
            ("claude-fable-5", Thinks::Always),
            ("claude-fable-5-1", Thinks::Always),
            ("claude-opus-4-6", Thinks::WithinBudget),
            ("claude-opus-4-20250514", Thinks::WithinBudget),
            ("claude-opus-4@20250514", Thinks::WithinBudget),
            ("claude-sonnet-4-5-20250929", Thinks::WithinBudget),
            ("claude-3-7-sonnet-20250219", Thinks::WithinBudget),
            ("claude-3-7-sonnet-latest", Thinks::WithinBudget),
            ("claude-opus-latest", Thinks::WithinBudget),
            ("deepseek-v4-8", Thinks::WithinBudget),
            ("claude-", Thinks::WithinBudget),
            ("", Thinks::WithinBudget),
        ] {
            assert_eq!(Thinks::of(model), thinks, "{model}");
        }
    }
}
