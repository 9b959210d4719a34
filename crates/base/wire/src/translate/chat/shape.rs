//! Small shapes that several parts of the dialect share.

use crate::translate::build::{object, text};
use std::{borrow::Cow, hash::Hasher as _};

use super::{
    super::{
        Seal, SealKind,
        talk::{Freeform, Tool},
    },
    Json, Language,
};

/// Fields in which providers say what a model thought: DeepSeek's, which most have taken over, and that of
/// Groq, OpenRouter and later vLLM.
pub(super) const REASONING: [&str; 2] = ["reasoning_content", "reasoning"];

/// A longer id of a call `OpenAI` does not take.
const LONGEST_ID: usize = 40;

/// Puts a member at the end of an object that is being made.
pub(super) fn put<'a>(
    members: &mut Vec<(Cow<'a, str>, Json<'a>)>,
    name: &'static str,
    value: Json<'a>,
) {
    members.push((Cow::Borrowed(name), value));
}

/// The seal of a thought that a Chat provider showed. Chat's providers sign nothing, but some refuse a
/// conversation in which what they thought before a call is missing (DeepSeek); so the seal says in which field
/// the thought is to go back.
pub(super) fn thought(field: &'static str) -> Seal<'static> {
    Seal {
        owner: Language::Chat,
        kind: SealKind::Signature,
        id: None,
        data: Cow::Borrowed(field),
    }
}

/// The field in which a thought with this seal goes back; none where it is another dialect's.
pub(super) fn thought_field(seal: Option<&Seal<'_>>) -> Option<&'static str> {
    let seal = seal.filter(|seal| seal.owner == Language::Chat)?;
    let known = REASONING.into_iter().find(|field| *field == seal.data);
    Some(known.unwrap_or(REASONING[0]))
}

/// The signature at a call, where Gemini's Chat endpoint has it: `extra_content.google.thought_signature`.
/// `owner` is who wrote one that has no mark.
pub(super) fn call_seal<'a>(extra: Option<Json<'a>>, owner: Language) -> Option<Seal<'a>> {
    let signature = member(member(extra?, "google")?, "thought_signature")?;
    match signature {
        Json::String(data) if !data.is_empty() => {
            Some(Seal::returned(data, owner, SealKind::Signature, None))
        }
        _ => None,
    }
}

/// Such a signature, to be put at a call.
pub(super) fn extra_content<'a>(signature: impl Into<Cow<'a, str>>) -> Json<'a> {
    object([("google", object([("thought_signature", text(signature))]))])
}

/// The member of an object that is of no other use.
pub(super) fn member<'a>(object: Json<'a>, name: &str) -> Option<Json<'a>> {
    let Json::Object(members) = object else {
        return None;
    };
    let mut members = members.into_iter();
    members
        .find(|(known, _)| known == name)
        .map(|(_, value)| value)
}

/// The id of a call whose provider gave it none: the same for the same answer, and another in each answer.
pub(super) fn made_id(answer: &str, created: Option<u64>, at: usize) -> String {
    let fit = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let mut tail: Vec<char> = answer.chars().rev().filter(fit).take(24).collect();
    tail.reverse();
    if tail.is_empty() {
        return format!("call_{}_{at}", created.unwrap_or_default());
    }
    let tail: String = tail.into_iter().collect();
    format!("call_{tail}_{at}")
}

/// A call's id as `OpenAI` takes it. A longer one, of another provider, becomes a shorter one that is the same
/// at the call and at its result.
pub(super) fn short_id(id: &str) -> Cow<'_, str> {
    if id.len() <= LONGEST_ID {
        return Cow::Borrowed(id);
    }
    let hash = |salt: u8| {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write_u8(salt);
        hasher.write(id.as_bytes());
        hasher.finish()
    };
    Cow::Owned(format!("call_{:016x}{:016x}", hash(0), hash(1)))
}

/// A freeform tool's description, and its schema: one string, `input`.
pub(super) fn as_function<'a>(tool: &'a Tool<'_>, freeform: &Freeform<'_>) -> (String, Json<'a>) {
    let mut description = tool.description.as_deref().unwrap_or_default().to_owned();
    if let Some(grammar) = &freeform.grammar {
        let gap = if description.is_empty() { "" } else { "\n\n" };
        description = format!("{description}{gap}The input keeps to this grammar:\n{grammar}");
    }
    let schema = object([
        ("type", text("object")),
        (
            "properties",
            object([("input", object([("type", text("string"))]))]),
        ),
        ("required", Json::Array(vec![text("input")])),
        ("additionalProperties", Json::Bool(false)),
    ]);
    (description, schema)
}

/// A freeform call's text as arguments.
pub(super) fn wrapped(input: &str) -> String {
    object([("input", text(input))]).text()
}

/// Arguments as a freeform call's text; as they are where the model did not keep to the schema.
pub(super) fn unwrapped(arguments: &str) -> String {
    let json = Json::read(arguments.as_bytes()).unwrap_or(Json::Null);
    let input = json.get("input").and_then(Json::as_str);
    input.unwrap_or(arguments).to_owned()
}
