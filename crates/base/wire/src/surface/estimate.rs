//! How much was used, as far as a surface's text tells: providers report it seldom to pages.

use tidegate_types::{Usage, UsageSource};

/// Bytes of UTF-8 per token, as for prompts of the public APIs: rather too many tokens than too
/// few.
const BYTES_PER_TOKEN: u64 = 3;

/// Characters and bytes of text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Volume {
    pub(super) chars: u64,
    pub(super) bytes: u64,
}

impl Volume {
    pub(super) fn add(&mut self, text: &str) {
        self.chars = self.chars.saturating_add(text.chars().count() as u64);
        self.bytes = self.bytes.saturating_add(text.len() as u64);
    }
}

/// What was used, as far as can be said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Characters of the prompt that counts; what the provider keeps of the conversation is not
    /// in it.
    pub input_chars: u64,
    /// Characters of answer, shown reasoning and tool input.
    pub output_chars: u64,
    /// What the provider reported, where the format has any.
    pub reported: Option<Usage>,
    input_bytes: u64,
    output_bytes: u64,
}

impl Estimate {
    pub(super) const fn new(input: Volume, output: Volume, reported: Option<Usage>) -> Self {
        Self {
            input_chars: input.chars,
            output_chars: output.chars,
            reported,
            input_bytes: input.bytes,
            output_bytes: output.bytes,
        }
    }

    /// The provider's report, or else an estimate that is marked so. A report that was only begun
    /// is completed by the estimate of the answer.
    #[must_use]
    pub fn usage(&self) -> Usage {
        let output = self.output_bytes.div_ceil(BYTES_PER_TOKEN);
        match self.reported {
            Some(mut usage) => {
                if usage.source == UsageSource::Partial {
                    usage.output = usage.output.max(output);
                }
                usage
            }
            None => Usage {
                input: self.input_bytes.div_ceil(BYTES_PER_TOKEN),
                output,
                source: UsageSource::Estimated,
                ..Usage::default()
            },
        }
    }
}
