//! Token counts of an answer, and how each dialect writes them.

use serde_json::{Value, json};

use super::knobs::UsageKnobs;

/// The counts, each token in exactly one of them.
#[derive(Clone, Debug)]
pub(super) struct Usage {
    /// Prompt tokens that were neither read from nor written to a cache.
    pub(super) input: u64,
    /// Answer tokens, reasoning and audio aside.
    pub(super) output: u64,
    details: UsageKnobs,
}

impl Usage {
    pub(super) fn new(input: u64, answer: usize, knobs: &UsageKnobs) -> Self {
        let output = (answer as u64).div_ceil(4).max(1);
        Self {
            input: knobs.input.unwrap_or(input),
            output: knobs.output.unwrap_or(output),
            details: knobs.clone(),
        }
    }

    fn prompt(&self) -> u64 {
        let d = &self.details;
        self.input + d.cached + d.write5m + d.write1h + d.audio_in
    }

    fn answer(&self) -> u64 {
        self.output + self.details.reasoning + self.details.audio_out
    }

    /// Chat completions and completions: the prompt includes what was cached.
    pub(super) fn openai_chat(&self) -> Value {
        let (prompt, answer, d) = (self.prompt(), self.answer(), &self.details);
        json!({
            "prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer,
            "prompt_tokens_details": {"cached_tokens": d.cached, "audio_tokens": d.audio_in},
            "completion_tokens_details": {
                "reasoning_tokens": d.reasoning, "audio_tokens": d.audio_out,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            },
        })
    }

    /// Responses.
    pub(super) fn openai_responses(&self) -> Value {
        let (prompt, answer, d) = (self.prompt(), self.answer(), &self.details);
        json!({
            "input_tokens": prompt, "input_tokens_details": {"cached_tokens": d.cached},
            "output_tokens": answer, "output_tokens_details": {"reasoning_tokens": d.reasoning},
            "total_tokens": prompt + answer,
        })
    }

    /// Realtime: like Responses, with sound beside the text.
    pub(super) fn openai_realtime(&self) -> Value {
        let (prompt, answer, d) = (self.prompt(), self.answer(), &self.details);
        json!({
            "total_tokens": prompt + answer, "input_tokens": prompt, "output_tokens": answer,
            "input_token_details": {
                "text_tokens": prompt - d.audio_in, "audio_tokens": d.audio_in, "image_tokens": 0,
                "cached_tokens": d.cached,
                "cached_tokens_details": {"text_tokens": d.cached, "audio_tokens": 0, "image_tokens": 0},
            },
            "output_token_details": {
                "text_tokens": answer - d.audio_out, "audio_tokens": d.audio_out,
            },
        })
    }

    /// Messages: `input_tokens` excludes cache reads and writes. The count of the answer
    /// is the caller's, because a stream starts with 1 and ends with the real number.
    pub(super) fn anthropic(&self, output: u64, tier: Option<&str>) -> Value {
        let d = &self.details;
        json!({
            "input_tokens": self.input + d.audio_in, "output_tokens": output,
            "cache_read_input_tokens": d.cached,
            "cache_creation_input_tokens": d.write5m + d.write1h,
            "cache_creation": {
                "ephemeral_5m_input_tokens": d.write5m, "ephemeral_1h_input_tokens": d.write1h,
            },
            "service_tier": tier.unwrap_or("standard"),
        })
    }

    /// All tokens of the answer.
    pub(super) fn answered(&self) -> u64 {
        self.answer()
    }

    /// Converse: the kinds do not overlap.
    pub(super) fn bedrock(&self) -> Value {
        let d = &self.details;
        let (input, output) = (self.input + d.audio_in, self.answer());
        let mut usage = json!({
            "inputTokens": input, "outputTokens": output,
            "totalTokens": input + output + d.cached + d.write5m + d.write1h,
            "cacheReadInputTokens": d.cached, "cacheWriteInputTokens": d.write5m + d.write1h,
        });
        let rows = [("1h", d.write1h), ("5m", d.write5m)];
        let rows = rows.iter().filter(|(_, tokens)| *tokens > 0);
        let rows: Vec<_> = rows
            .map(|(ttl, tokens)| json!({"ttl": ttl, "inputTokens": tokens}))
            .collect();
        if !rows.is_empty() {
            usage["cacheDetails"] = rows.into();
        }
        usage
    }

    /// generateContent: thoughts are counted beside the candidates, not in them.
    pub(super) fn gemini(&self) -> Value {
        let (prompt, d) = (self.prompt(), &self.details);
        let candidates = self.output + d.audio_out;
        let mut usage = json!({
            "promptTokenCount": prompt, "candidatesTokenCount": candidates,
            "totalTokenCount": prompt + candidates + d.reasoning,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": prompt - d.audio_in}],
        });
        if d.cached > 0 {
            usage["cachedContentTokenCount"] = d.cached.into();
        }
        if d.reasoning > 0 {
            usage["thoughtsTokenCount"] = d.reasoning.into();
        }
        if d.audio_in > 0
            && let Some(details) = usage["promptTokensDetails"].as_array_mut()
        {
            details.push(json!({"modality": "AUDIO", "tokenCount": d.audio_in}));
        }
        usage
    }
}
