//! What compatible providers take otherwise in bodies of Chat Completions. What has no entry is passed on, and what a
//! provider then refuses it refuses in its own words.

use tidegate_wire::body::{Act, Quirk, Within};

const fn body(name: &'static str, act: Act) -> Quirk {
    Quirk {
        within: Within::Body,
        name,
        act,
    }
}

const fn message(name: &'static str, act: Act) -> Quirk {
    Quirk {
        within: Within::Message,
        name,
        act,
    }
}

/// The cap on the answer has its older name only.
const MAX_TOKENS: Quirk = body("max_completion_tokens", Act::Rename("max_tokens"));
/// Instructions of a developer are the system's.
const DEVELOPER: Quirk = message("role", Act::Spell(&[("developer", "system")]));
/// No log probabilities: not to want them is no reason to be refused.
const LOGPROBS: Quirk = body("logprobs", Act::DropIf(&["false", "null"]));
const TOP_LOGPROBS: Quirk = body("top_logprobs", Act::DropIf(&["0", "null"]));
const LOGIT_BIAS: Quirk = body("logit_bias", Act::DropIf(&["{}", "null"]));
/// One tier only.
const SERVICE_TIER: Quirk = body(
    "service_tier",
    Act::DropIf(&["\"auto\"", "\"default\"", "null"]),
);
const FREQUENCY_PENALTY: Quirk = body("frequency_penalty", Act::DropIf(&["0", "0.0", "null"]));
const PRESENCE_PENALTY: Quirk = body("presence_penalty", Act::DropIf(&["0", "0.0", "null"]));
/// Nothing is stored there.
const STORE: Quirk = body("store", Act::DropIf(&["false", "null"]));
/// What clients echo of an `OpenAI` answer though it is empty.
const REFUSAL: Quirk = message("refusal", Act::DropIf(&["null"]));
const AUDIO: Quirk = message("audio", Act::DropIf(&["null"]));
const FUNCTION_CALL: Quirk = message("function_call", Act::DropIf(&["null"]));
const ANNOTATIONS: Quirk = message("annotations", Act::DropIf(&["[]", "null"]));

/// Only the cap's older name is documented.
pub(super) const OLDER_CAP: &[Quirk] = &[MAX_TOKENS];

/// Refuses every member that its schema does not have, with 422.
pub(super) const MISTRAL: &[Quirk] = &[
    MAX_TOKENS,
    body("seed", Act::Rename("random_seed")),
    // Usage comes unasked.
    body("stream_options", Act::Drop),
    // Labels and hints: the answer is the same without them.
    body("user", Act::Drop),
    body("safety_identifier", Act::Drop),
    body("prompt_cache_retention", Act::Drop),
    body("verbosity", Act::DropIf(&["\"medium\"", "null"])),
    body("modalities", Act::DropIf(&["[\"text\"]", "null"])),
    LOGPROBS,
    TOP_LOGPROBS,
    LOGIT_BIAS,
    SERVICE_TIER,
    STORE,
    DEVELOPER,
    // Thoughts of earlier turns: it reads none in this form, and no answer depends on their being told.
    message("reasoning_content", Act::Drop),
    REFUSAL,
    AUDIO,
    FUNCTION_CALL,
    ANNOTATIONS,
];

pub(super) const GROQ: &[Quirk] = &[
    LOGPROBS,
    TOP_LOGPROBS,
    LOGIT_BIAS,
    message("reasoning_content", Act::Rename("reasoning")),
    FUNCTION_CALL,
];

pub(super) const CEREBRAS: &[Quirk] = &[
    FREQUENCY_PENALTY,
    PRESENCE_PENALTY,
    LOGIT_BIAS,
    DEVELOPER,
    message("reasoning_content", Act::Rename("reasoning")),
];

/// Its thinking models want their `reasoning_content` back, so it stays.
pub(super) const DEEPSEEK: &[Quirk] = &[MAX_TOKENS, DEVELOPER];
