//! Each dialect's usage report, turned into kinds that do not overlap.

use serde_json::Value;
use tidegate_types::{ServiceTier, Usage};

use crate::Operation;

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or(0)
}

/// The tier that a provider says it served.
pub(super) fn tier(word: &[u8]) -> Option<ServiceTier> {
    match word.to_ascii_lowercase().as_slice() {
        b"default" | b"standard" | b"on_demand" | b"scale" => Some(ServiceTier::Standard),
        b"flex" => Some(ServiceTier::Flex),
        b"priority" | b"fast" => Some(ServiceTier::Priority),
        b"batch" => Some(ServiceTier::Batch),
        _ => None,
    }
}

fn tier_of(value: &Value) -> Option<ServiceTier> {
    value.as_str().and_then(|word| tier(word.as_bytes()))
}

/// `OpenAI`'s Chat Completions, Completions, Embeddings and Responses. Cached and audio tokens
/// are part of the prompt's. Some compatible providers leave reasoning out of the answer's tokens
/// but not out of the total: what the total has on top is counted as answer.
pub(super) fn openai_text(usage: &Value) -> Usage {
    let pick = |chat: &str, responses: &str| {
        let value = &usage[chat];
        if value.is_null() {
            &usage[responses]
        } else {
            value
        }
    };
    let prompt = number(pick("prompt_tokens", "input_tokens"));
    let answer = number(pick("completion_tokens", "output_tokens"));
    let prompt_details = pick("prompt_tokens_details", "input_tokens_details");
    let answer_details = pick("completion_tokens_details", "output_tokens_details");
    let answer = answer.max(number(&usage["total_tokens"]).saturating_sub(prompt));
    let cached = match &prompt_details["cached_tokens"] {
        Value::Null => number(&usage["prompt_cache_hit_tokens"]),
        cached => number(cached),
    };
    let cached = cached.min(prompt);
    let written = number(&prompt_details["cache_write_tokens"]).min(prompt - cached);
    let audio = number(&prompt_details["audio_tokens"]).min(prompt - cached - written);
    let output_audio = number(&answer_details["audio_tokens"]).min(answer);
    let output = answer - output_audio;
    Usage {
        input: prompt - cached - written - audio,
        cached,
        cache_write_5m: written,
        input_audio: audio,
        output,
        reasoning: number(&answer_details["reasoning_tokens"]).min(output),
        output_audio,
        ..Usage::default()
    }
}

/// `OpenAI`'s images and audio. `None` where a transcription is billed by its seconds.
pub(super) fn openai_media(operation: Operation, usage: &Value) -> Option<Usage> {
    if usage["type"] == "duration" {
        return None;
    }
    let prompt = number(&usage["input_tokens"]);
    let answer = number(&usage["output_tokens"]);
    let details = match &usage["input_token_details"] {
        Value::Null => &usage["input_tokens_details"],
        details => details,
    };
    let cached = number(&details["cached_tokens"]).min(prompt);
    let audio = number(&details["audio_tokens"]).min(prompt - cached);
    let mut found = Usage {
        input: prompt - cached - audio,
        cached,
        input_audio: audio,
        ..Usage::default()
    };
    match operation {
        Operation::AudioSpeech => found.output_audio = answer,
        Operation::AudioTranscriptions | Operation::AudioTranslations => found.output = answer,
        _ => {
            let text = number(&usage["output_tokens_details"]["text_tokens"]).min(answer);
            found.output = text;
            found.output_image = answer - text;
        }
    }
    Some(found)
}

/// Anthropic. The kinds do not overlap there; a later report overrides the first, field by field,
/// since its numbers are cumulative.
pub(super) fn anthropic(first: &Value, last: &Value) -> Usage {
    let pick = |key: &str| {
        if last[key].is_null() {
            &first[key]
        } else {
            &last[key]
        }
    };
    let written = number(pick("cache_creation_input_tokens"));
    let creation = pick("cache_creation");
    let hour = number(&creation["ephemeral_1h_input_tokens"]);
    let five = number(&creation["ephemeral_5m_input_tokens"]);
    let mut found = Usage {
        input: number(pick("input_tokens")),
        cached: number(pick("cache_read_input_tokens")),
        cache_write_1h: hour,
        // What the breakdown does not explain was written at the default lifetime.
        cache_write_5m: five.max(written.saturating_sub(hour)),
        output: number(pick("output_tokens")),
        web_searches: number(&pick("server_tool_use")["web_search_requests"]),
        ..Usage::default()
    };
    let thinking = number(&pick("output_tokens_details")["thinking_tokens"]);
    found.reasoning = thinking.min(found.output);
    // Summaries that the provider makes of a long conversation are billed, but not in the totals.
    for turn in pick("iterations").as_array().into_iter().flatten() {
        if turn["type"] == "compaction" {
            found.input = found.input.saturating_add(number(&turn["input_tokens"]));
            found.cached = found
                .cached
                .saturating_add(number(&turn["cache_read_input_tokens"]));
            let written = number(&turn["cache_creation_input_tokens"]);
            found.cache_write_5m = found.cache_write_5m.saturating_add(written);
            found.output = found.output.saturating_add(number(&turn["output_tokens"]));
        }
    }
    let speed = tier_of(pick("speed")).filter(|tier| *tier == ServiceTier::Priority);
    found.tier = speed
        .or_else(|| tier_of(pick("service_tier")))
        .unwrap_or_default();
    found
}

/// Gemini. The prompt's count includes what came from the cache; thoughts and the results of
/// tools are counted beside the answer and the prompt.
pub(super) fn gemini(usage: &Value) -> Usage {
    let prompt = number(&usage["promptTokenCount"]);
    let cached = number(&usage["cachedContentTokenCount"]).min(prompt);
    let fresh_audio = of_modality(&usage["promptTokensDetails"], "AUDIO")
        .saturating_sub(of_modality(&usage["cacheTokensDetails"], "AUDIO"))
        .min(prompt - cached);
    let answer = number(&usage["candidatesTokenCount"]);
    let thoughts = number(&usage["thoughtsTokenCount"]);
    let details = &usage["candidatesTokensDetails"];
    let output_audio = of_modality(details, "AUDIO").min(answer);
    let output_image = of_modality(details, "IMAGE").min(answer - output_audio);
    Usage {
        input: (prompt - cached - fresh_audio)
            .saturating_add(number(&usage["toolUsePromptTokenCount"])),
        cached,
        input_audio: fresh_audio,
        output: (answer - output_audio - output_image).saturating_add(thoughts),
        reasoning: thoughts,
        output_audio,
        output_image,
        tier: tier_of(&usage["serviceTier"]).unwrap_or_default(),
        ..Usage::default()
    }
}

fn of_modality(details: &Value, modality: &str) -> u64 {
    let rows = details.as_array().into_iter().flatten();
    rows.filter(|row| row["modality"] == modality)
        .fold(0, |sum, row| sum.saturating_add(number(&row["tokenCount"])))
}
