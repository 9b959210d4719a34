//! What differs between the models that Bedrock serves.

/// Whose model it is, as far as its name says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// Anthropic's, or one behind the ARN of a profile, of which most are Anthropic's.
    Claude,
    Nova,
    /// `OpenAI`'s models with open weights.
    OpenAi,
    Other,
}

impl Maker {
    /// By a model's id, the id of an inference profile (`eu.anthropic.…`), or an ARN.
    pub(super) fn of(model: &str) -> Self {
        let has = |word: &str| model.contains(word);
        if has("anthropic.") || has("claude") {
            Self::Claude
        } else if has("amazon.nova") {
            Self::Nova
        } else if has("openai.") {
            Self::OpenAi
        } else if has(":application-inference-profile/") || has(":provisioned-model/") {
            Self::Claude
        } else {
            Self::Other
        }
    }

    /// Whether it takes marks of what is worth caching.
    pub(super) const fn caches(self) -> bool {
        matches!(self, Self::Claude | Self::Nova)
    }

    /// Whether it takes a mark of a tool that failed.
    pub(super) const fn knows_failure(self) -> bool {
        matches!(self, Self::Claude | Self::Nova)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makers_are_read_from_names() {
        for (model, maker) in [
            ("anthropic.claude-sonnet-4-5-20250929-v1:0", Maker::Claude),
            ("us.anthropic.claude-opus-4-8-v1:0", Maker::Claude),
            ("global.amazon.nova-2-lite-v1:0", Maker::Nova),
            ("openai.gpt-oss-120b-1:0", Maker::OpenAi),
            ("us.meta.llama4-scout-17b-instruct-v1:0", Maker::Other),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc",
                Maker::Claude,
            ),
            (
                "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.mistral.pixtral-large-2502-v1:0",
                Maker::Other,
            ),
            ("m", Maker::Other),
        ] {
            assert_eq!(Maker::of(model), maker, "{model}");
        }
    }
}
