//! Writes a request.

use std::borrow::Cow;

use serde_json::Number;

use super::{
    Members, models::Thinks, write_content, write_content::Message, write_thinking,
    write_thinking::Thoughts, write_tools,
};
use crate::translate::{
    Feature, Inexpressible, Json, Request,
    talk::{Block, Effort, Format, Sampling, Speaker},
};

/// The longest answer where a caller does not say one: Anthropic has to be told.
const MAX_TOKENS: u64 = 8_192;

/// What is left for the answer beside thoughts, where a caller does not say how long both may be.
const BESIDE_THOUGHTS: u64 = 4_096;

/// Stands for the user where a conversation begins with the assistant, which it may not do here.
const OPENING: &str = "(start of the conversation)";

pub(in crate::translate) fn write_request(request: &Request<'_>) -> Result<Vec<u8>, Inexpressible> {
    refuse_sampling(&request.sampling)?;
    let (system, messages) = conversation(request)?;
    let thinking = write_thinking::thinking(request, || write_thinking::may_think(&messages));
    let model = Thinks::of(&request.model);
    let mut body = Members::default();
    body.text("model", request.model.as_str());
    body.count(
        "max_tokens",
        request
            .sampling
            .max_output
            .unwrap_or_else(|| longest(thinking, model)),
    );
    if !system.is_empty() {
        body.put("system", Json::Array(system));
    }
    let messages = messages.into_iter().map(Message::json);
    body.put("messages", Json::Array(messages.collect()));
    write_tools::write(request, &mut body)?;
    if let Some(thinking) = thinking.json() {
        body.put("thinking", thinking);
    }
    let thinks = thinking.tokens().is_some();
    sampling(&request.sampling, model.is_adaptive(), thinks, &mut body);
    let mut output = Members::default();
    if let Some(effort) = thinking.effort() {
        output.text("effort", effort);
    }
    match &request.format {
        Format::Text => {}
        Format::Json => return Err(Inexpressible(Feature::JsonObject)),
        // Its name and description are labels, and an answer always keeps to it.
        Format::Schema { schema, .. } => {
            let mut format = Members::of("json_schema");
            format.put("schema", schema.clone());
            output.put("format", format.json());
        }
    }
    if !output.0.is_empty() {
        body.put("output_config", output.json());
    }
    if let Some(user) = &request.user {
        let mut metadata = Members::default();
        metadata.text("user_id", &**user);
        body.put("metadata", metadata.json());
    }
    if request.stream {
        body.put("stream", Json::Bool(true));
    }
    Ok(body.json().bytes())
}

/// The longest answer where nobody said it.
fn longest(thinking: Thoughts, model: Thinks) -> u64 {
    let thinks_anyway = matches!(model, Thinks::Always | Thinks::ByDefault);
    let tokens = match thinking {
        // Thoughts that nobody asked for take room too.
        Thoughts::Unsaid if thinks_anyway => Some(Effort::High.budget()),
        thinking => thinking.tokens(),
    };
    let needed = tokens.map_or(0, |tokens| tokens.saturating_add(BESIDE_THOUGHTS));
    needed.max(MAX_TOKENS)
}

/// Refuses what no model of Anthropic's has, nor any behind Converse.
pub(in crate::translate) fn refuse_sampling(sampling: &Sampling<'_>) -> Result<(), Inexpressible> {
    // A penalty of 0 is none.
    let says = |penalty: &Option<Number>| {
        let penalty = penalty.as_ref().and_then(Number::as_f64);
        penalty.is_some_and(|penalty| penalty != 0.0)
    };
    if says(&sampling.presence_penalty) {
        return Err(Inexpressible(Feature::PresencePenalty));
    }
    if says(&sampling.frequency_penalty) {
        return Err(Inexpressible(Feature::FrequencyPenalty));
    }
    if sampling.seed.is_some() {
        return Err(Inexpressible(Feature::Seed));
    }
    // Sequences have a character at least, and Anthropic's models refuse those of white space.
    if sampling.stop.iter().any(|stop| stop.trim().is_empty()) {
        return Err(Inexpressible(Feature::Stop));
    }
    Ok(())
}

fn sampling<'a>(sampling: &'a Sampling<'_>, adaptive: bool, thinks: bool, body: &mut Members<'a>) {
    // With thoughts Anthropic draws as it does by itself: it refuses a temperature other than 1, `top_k`, and
    // a `top_p` below 0.95. To think was asked for by name, and weighs more. Newer models refuse all three in
    // any case, and many clients send a temperature with whatever they ask.
    let fixed = thinks || adaptive;
    if let Some(temperature) = sampling.temperature.as_ref().filter(|_| !fixed) {
        body.put("temperature", Json::Number(temperature.clone()));
    }
    if let Some(top_k) = sampling.top_k.filter(|_| !fixed) {
        body.count("top_k", top_k);
    }
    // 1 leaves nothing out, which is what holds anyway; many clients send it beside a temperature, and some
    // models take only one of the two.
    let least = if thinks { 0.95 } else { 0.0 };
    let top_p = sampling.top_p.as_ref().filter(|top_p| {
        let value = top_p.as_f64().unwrap_or_default();
        !adaptive && value >= least && value != 1.0
    });
    if let Some(top_p) = top_p {
        body.put("top_p", Json::Number(top_p.clone()));
    }
    if !sampling.stop.is_empty() {
        let stop = sampling.stop.iter();
        let stop = stop.map(|stop| Json::String(Cow::Borrowed(&**stop)));
        body.put("stop_sequences", Json::Array(stop.collect()));
    }
}

/// The system prompt and the turns, which alternate and begin with the user.
fn conversation<'r>(
    request: &'r Request<'_>,
) -> Result<(Vec<Json<'r>>, Vec<Message<'r>>), Inexpressible> {
    let mut instructions: Vec<&Block<'_>> = request.instructions.iter().collect();
    let mut messages: Vec<Message<'_>> = Vec::new();
    let mut answered = false;
    for turn in &request.turns {
        if turn.speaker == Speaker::System {
            // Before the model has said anything it means the same at the beginning.
            if answered {
                return Err(Inexpressible(Feature::SystemInConversation));
            }
            instructions.extend(&turn.blocks);
            continue;
        }
        let assistant = turn.speaker == Speaker::Assistant;
        answered |= assistant;
        let mut message = Message::new(assistant);
        for block in &turn.blocks {
            message.push(block)?;
        }
        if message.is_empty() {
            continue;
        }
        match messages.last_mut() {
            Some(last) if last.assistant == assistant => last.append(message),
            Some(_) => messages.push(message),
            None => {
                if assistant {
                    messages.push(Message::of_text(OPENING));
                }
                messages.push(message);
            }
        }
    }
    let mut system = Vec::new();
    for block in instructions {
        system.extend(write_content::instruction(block)?);
    }
    // Where there are instructions only, the model is to answer those, and the user has to say something.
    if messages.is_empty() && !system.is_empty() {
        messages.push(Message::of_user(std::mem::take(&mut system)));
    }
    Ok((system, messages))
}
