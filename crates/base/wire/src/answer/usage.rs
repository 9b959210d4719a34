//! Each dialect's usage report, turned into kinds that do not overlap.

use tidegate_types::{ServiceTier, Usage};

use super::report::Report;
use crate::Operation;

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

/// The same of a value: the word, or an object that has it as its `type` (Bedrock).
pub(super) fn served_tier(value: &[u8]) -> Option<ServiceTier> {
    let report = Report::read(value)?;
    tier_of(&report).or_else(|| tier_of(&report["type"]))
}

fn tier_of(value: &Report<'_>) -> Option<ServiceTier> {
    tier(value.word().as_bytes())
}

/// `OpenAI`'s Chat Completions, Completions, Embeddings and Responses. Cached and audio tokens
/// are part of the prompt's. Some compatible providers leave reasoning out of the answer's tokens
/// but not out of the total: what the total has on top is counted as answer.
pub(super) fn openai_text(usage: &Report<'_>) -> Usage {
    let pick = |chat: &str, responses: &str| {
        let value = &usage[chat];
        if value.is_nothing() {
            &usage[responses]
        } else {
            value
        }
    };
    let prompt = pick("prompt_tokens", "input_tokens").count();
    let answer = pick("completion_tokens", "output_tokens").count();
    let prompt_details = pick("prompt_tokens_details", "input_tokens_details");
    let answer_details = pick("completion_tokens_details", "output_tokens_details");
    let answer = answer.max(usage["total_tokens"].count().saturating_sub(prompt));
    let cached = match &prompt_details["cached_tokens"] {
        Report::Nothing => usage["prompt_cache_hit_tokens"].count(),
        cached => cached.count(),
    };
    let cached = cached.min(prompt);
    let written = prompt_details["cache_write_tokens"]
        .count()
        .min(prompt - cached);
    let audio = prompt_details["audio_tokens"]
        .count()
        .min(prompt - cached - written);
    let output_audio = answer_details["audio_tokens"].count().min(answer);
    let output = answer - output_audio;
    Usage {
        input: prompt - cached - written - audio,
        cached,
        cache_write_5m: written,
        input_audio: audio,
        output,
        reasoning: answer_details["reasoning_tokens"].count().min(output),
        output_audio,
        ..Usage::default()
    }
}

/// `OpenAI`'s Realtime. Cached and audio tokens are part of the prompt's, and what is cached of the audio part of
/// both.
pub(super) fn openai_realtime(usage: &Report<'_>) -> Usage {
    let prompt = usage["input_tokens"].count();
    let answer = usage["output_tokens"].count();
    let details = &usage["input_token_details"];
    let cached = details["cached_tokens"].count().min(prompt);
    let cached_audio = details["cached_tokens_details"]["audio_tokens"].count();
    let audio = details["audio_tokens"]
        .count()
        .saturating_sub(cached_audio)
        .min(prompt - cached);
    let output_audio = usage["output_token_details"]["audio_tokens"]
        .count()
        .min(answer);
    Usage {
        input: prompt - cached - audio,
        cached,
        input_audio: audio,
        output: answer - output_audio,
        output_audio,
        ..Usage::default()
    }
}

/// `OpenAI`'s images and audio. `None` where a transcription is billed by its seconds.
pub(super) fn openai_media(operation: Operation, usage: &Report<'_>) -> Option<Usage> {
    if usage["type"].word() == "duration" {
        return None;
    }
    let prompt = usage["input_tokens"].count();
    let answer = usage["output_tokens"].count();
    let details = match &usage["input_token_details"] {
        Report::Nothing => &usage["input_tokens_details"],
        details => details,
    };
    let cached = details["cached_tokens"].count().min(prompt);
    let audio = details["audio_tokens"].count().min(prompt - cached);
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
            let text = usage["output_tokens_details"]["text_tokens"]
                .count()
                .min(answer);
            found.output = text;
            found.output_image = answer - text;
        }
    }
    Some(found)
}

/// Anthropic. The kinds do not overlap there; a later report overrides the first, field by field,
/// since its numbers are cumulative.
pub(super) fn anthropic(first: &Report<'_>, last: &Report<'_>) -> Usage {
    let pick = |key: &str| {
        if last[key].is_nothing() {
            &first[key]
        } else {
            &last[key]
        }
    };
    let written = pick("cache_creation_input_tokens").count();
    let creation = pick("cache_creation");
    let hour = creation["ephemeral_1h_input_tokens"].count();
    let five = creation["ephemeral_5m_input_tokens"].count();
    let mut found = Usage {
        input: pick("input_tokens").count(),
        cached: pick("cache_read_input_tokens").count(),
        cache_write_1h: hour,
        // What the breakdown does not explain was written at the default lifetime.
        cache_write_5m: five.max(written.saturating_sub(hour)),
        output: pick("output_tokens").count(),
        web_searches: pick("server_tool_use")["web_search_requests"].count(),
        ..Usage::default()
    };
    let thinking = pick("output_tokens_details")["thinking_tokens"].count();
    found.reasoning = thinking.min(found.output);
    // Summaries that the provider makes of a long conversation are billed, but not in the totals.
    for turn in pick("iterations").list() {
        if turn["type"].word() == "compaction" {
            found.input = found.input.saturating_add(turn["input_tokens"].count());
            found.cached = found
                .cached
                .saturating_add(turn["cache_read_input_tokens"].count());
            let written = turn["cache_creation_input_tokens"].count();
            found.cache_write_5m = found.cache_write_5m.saturating_add(written);
            found.output = found.output.saturating_add(turn["output_tokens"].count());
        }
    }
    let speed = tier_of(pick("speed")).filter(|tier| *tier == ServiceTier::Priority);
    found.tier = speed
        .or_else(|| tier_of(pick("service_tier")))
        .unwrap_or_default();
    found
}

/// A model's own answer at Bedrock, in the words of whichever maker; `None` where they are not known.
pub(super) fn invoke(first: &Report<'_>, last: &Report<'_>) -> Option<Usage> {
    let has = |key: &str| !last[key].is_nothing() || !first[key].is_nothing();
    if has("input_tokens") {
        Some(anthropic(first, last))
    } else if has("inputTokens") {
        Some(converse(last))
    } else if has("prompt_tokens") {
        Some(openai_text(last))
    } else {
        None
    }
}

/// Bedrock's Converse. The kinds do not overlap.
pub(super) fn converse(usage: &Report<'_>) -> Usage {
    let hour = usage["cacheDetails"].list().iter();
    let hour = hour
        .filter(|row| row["ttl"].word() == "1h")
        .fold(0_u64, |sum, row| {
            sum.saturating_add(row["inputTokens"].count())
        });
    let written = usage["cacheWriteInputTokens"].count().max(hour);
    Usage {
        input: usage["inputTokens"].count(),
        cached: usage["cacheReadInputTokens"].count(),
        cache_write_1h: hour,
        // What the breakdown does not explain was written at the default lifetime.
        cache_write_5m: written - hour,
        output: usage["outputTokens"].count(),
        ..Usage::default()
    }
}

/// Gemini. The prompt's count includes what came from the cache; thoughts and the results of
/// tools are counted beside the answer and the prompt.
pub(super) fn gemini(usage: &Report<'_>) -> Usage {
    let prompt = usage["promptTokenCount"].count();
    let cached = usage["cachedContentTokenCount"].count().min(prompt);
    let fresh_audio = of_modality(&usage["promptTokensDetails"], "AUDIO")
        .saturating_sub(of_modality(&usage["cacheTokensDetails"], "AUDIO"))
        .min(prompt - cached);
    let answer = usage["candidatesTokenCount"].count();
    let thoughts = usage["thoughtsTokenCount"].count();
    let details = &usage["candidatesTokensDetails"];
    let output_audio = of_modality(details, "AUDIO").min(answer);
    let output_image = of_modality(details, "IMAGE").min(answer - output_audio);
    Usage {
        input: (prompt - cached - fresh_audio)
            .saturating_add(usage["toolUsePromptTokenCount"].count()),
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

fn of_modality(details: &Report<'_>, modality: &str) -> u64 {
    let rows = details.list().iter();
    rows.filter(|row| row["modality"].word() == modality)
        .fold(0, |sum, row| sum.saturating_add(row["tokenCount"].count()))
}
