//! Writes a request.

use std::borrow::Cow;

use super::{
    models::Maker,
    names::Documents,
    write_content::{self, Message},
    write_model, write_tools,
};
use crate::translate::{
    Feature, Inexpressible, Json, Request,
    build::{Members, count, members, object, text},
    messages::{Thinks, refuse_sampling},
    talk::{Block, Format, Speaker},
};

/// Stands for the user where a conversation begins with the assistant, which it may not do here.
const OPENING: &str = "(start of the conversation)";

pub(in crate::translate) fn write_request(request: &Request<'_>) -> Result<Vec<u8>, Inexpressible> {
    let maker = Maker::of(&request.model);
    refuse_sampling(&request.sampling)?;
    let (system, messages) = conversation(request, maker)?;
    let (fields, effort) = write_model::fields(request, maker, &messages)?;
    let mut body = members([]);
    let mut put = |name: &'static str, value| body.push((name.into(), value));
    if !system.is_empty() {
        put("system", Json::Array(system));
    }
    let tools = write_tools::config(request, maker, &messages)?;
    let messages = messages.into_iter().map(Message::json);
    put("messages", Json::Array(messages.collect()));
    let thinks = fields.iter().any(|(name, _)| name == "thinking");
    let inference = inference(request, maker, thinks);
    if !inference.is_empty() {
        put("inferenceConfig", Json::Object(inference));
    }
    if let Some(tools) = tools {
        put("toolConfig", tools);
    }
    if !fields.is_empty() {
        put("additionalModelRequestFields", Json::Object(fields));
    }
    let mut output = members([]);
    if let Some(format) = format(&request.format)? {
        output.push(("textFormat".into(), format));
    }
    if let Some(effort) = effort {
        output.push(("effort".into(), text(effort)));
    }
    if !output.is_empty() {
        put("outputConfig", Json::Object(output));
    }
    Ok(Json::Object(body).bytes())
}

/// What all models have. Anthropic's newer ones draw as they find right, and with thoughts all of them do: there the
/// rest is left out, as it is where Anthropic is asked itself.
fn inference<'r>(request: &'r Request<'_>, maker: Maker, thinks: bool) -> Members<'r> {
    let sampling = &request.sampling;
    let adaptive = maker == Maker::Claude && Thinks::of(&request.model).is_adaptive();
    let mut config = members([]);
    let mut put = |name: &'static str, value| config.push((name.into(), value));
    if let Some(most) = sampling.max_output {
        put("maxTokens", count(most));
    }
    if let Some(temperature) = sampling
        .temperature
        .as_ref()
        .filter(|_| !adaptive && !thinks)
    {
        put("temperature", Json::Number(temperature.clone()));
    }
    // 1 leaves nothing out, which is what holds anyway; some models take only one of the two.
    let least = if thinks { 0.95 } else { 0.0 };
    let top_p = sampling.top_p.as_ref().filter(|top_p| {
        let value = top_p.as_f64().unwrap_or_default();
        !adaptive && value >= least && value != 1.0
    });
    if let Some(top_p) = top_p {
        put("topP", Json::Number(top_p.clone()));
    }
    if !sampling.stop.is_empty() {
        let stop = sampling.stop.iter();
        let stop = stop.map(|stop| Json::String(Cow::Borrowed(&**stop)));
        put("stopSequences", Json::Array(stop.collect()));
    }
    config
}

/// A schema is a text here.
fn format<'r>(format: &'r Format<'_>) -> Result<Option<Json<'r>>, Inexpressible> {
    let (schema, name, description) = match format {
        Format::Text => return Ok(None),
        Format::Json => return Err(Inexpressible(Feature::JsonObject)),
        Format::Schema {
            schema,
            name,
            description,
            ..
        } => (schema, name, description),
    };
    let mut definition = vec![("schema", text(schema.text()))];
    definition.extend(name.as_deref().map(|name| ("name", text(name))));
    definition.extend(
        description
            .as_deref()
            .map(|words| ("description", text(words))),
    );
    let structure = object([("jsonSchema", object(definition))]);
    Ok(Some(object([
        ("type", text("json_schema")),
        ("structure", structure),
    ])))
}

/// The system prompt and the turns, which alternate and begin with the user.
fn conversation<'r>(
    request: &'r Request<'_>,
    maker: Maker,
) -> Result<(Vec<Json<'r>>, Vec<Message<'r>>), Inexpressible> {
    let mut documents = Documents::default();
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
        let mut message = Message::new(assistant, maker);
        for block in &turn.blocks {
            message.push(block, &mut documents)?;
        }
        if message.is_empty() {
            continue;
        }
        match messages.last_mut() {
            Some(last) if last.assistant == assistant => last.append(message),
            Some(_) => messages.push(message),
            None => {
                if assistant {
                    messages.push(Message::of_text(OPENING, maker));
                }
                messages.push(message);
            }
        }
    }
    let mut system = Vec::new();
    for block in instructions {
        write_content::instruction(block, maker, &mut system)?;
    }
    // Where there are instructions only, the model is to answer those, and the user has to say something.
    if messages.is_empty() && !system.is_empty() {
        messages.push(Message::of_user(std::mem::take(&mut system), maker));
    }
    Ok((system, messages))
}
