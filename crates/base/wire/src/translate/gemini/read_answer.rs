//! Reads a provider's `GenerateContentResponse`: a whole answer, or a chunk of a stream.

use std::{borrow::Cow, collections::HashSet};

use tidegate_types::Usage;

use super::super::{
    Asked, Broken, Json, Seal,
    reply::{Answer, Stop},
    talk::{Block, Call},
};
use super::{
    finish,
    parts::{Said, add},
    plain, signature,
};

/// Parts that only tools and modalities bring which no reader of requests lets through.
const UNASKED: &[&str] = &[
    "codeExecutionResult",
    "executableCode",
    "fileData",
    "inlineData",
];

type Members<'a> = Vec<(Cow<'a, str>, Json<'a>)>;

pub(in super::super) fn read_answer<'a>(
    json: Json<'a>,
    asked: &Asked,
) -> Result<Answer<'a>, Broken> {
    let chunk = Calls::new(asked).chunk(json)?;
    if chunk.is_empty {
        return Err(Broken("it has no candidates"));
    }
    let mut blocks = Vec::new();
    for (said, seal) in chunk.parts {
        add(&mut blocks, said, seal);
    }
    let called = blocks.iter().any(|block| matches!(block, Block::Call(_)));
    // What ends without a reason is over all the same.
    let stop = chunk.finish.unwrap_or(Ok(Stop::End))?;
    Ok(Answer {
        id: chunk.id,
        created: None,
        blocks,
        stop: ended(stop, called),
        usage: chunk.usage,
    })
}

/// Gemini has no word of its own for an answer that ends with calls.
pub(super) fn ended(stop: Stop, called: bool) -> Stop {
    if called && stop == Stop::End {
        Stop::ToolCalls
    } else {
        stop
    }
}

/// What a chunk says.
pub(super) struct Chunk<'a> {
    pub(super) id: String,
    pub(super) parts: Vec<(Said<'a>, Option<Seal<'a>>)>,
    pub(super) finish: Option<Result<Stop, Broken>>,
    pub(super) usage: Option<Usage>,
    /// Neither a candidate, nor a reason why there is none.
    is_empty: bool,
}

/// What has to be known of the request, and of what was called before.
pub(super) struct Calls {
    freeform: HashSet<String>,
    /// The call's id, where the provider gives none.
    call: String,
    /// Only the first call is passed on: Gemini cannot be told to call one tool at a time, and calls the next
    /// one when it has seen the first one's result.
    only_one: bool,
    count: usize,
}

impl Calls {
    pub(super) fn new(asked: &Asked) -> Self {
        Self {
            freeform: asked.freeform().map(str::to_owned).collect(),
            call: asked.call.clone(),
            only_one: asked.one_call,
            count: 0,
        }
    }

    /// Takes a chunk apart.
    ///
    /// # Errors
    /// It is none, or holds what nobody asked for.
    pub(super) fn chunk<'a>(&mut self, json: Json<'a>) -> Result<Chunk<'a>, Broken> {
        let Json::Object(mut answer) = json else {
            return Err(Broken("it is no object"));
        };
        let id = match take(&mut answer, "responseId") {
            Some(Json::String(id)) => id.into_owned(),
            _ => self.call.clone(),
        };
        let usage = take(&mut answer, "usageMetadata");
        let usage = usage.as_ref().map(finish::read_usage);
        let blocked = take(&mut answer, "promptFeedback")
            .is_some_and(|feedback| feedback.get("blockReason").is_some());
        let candidate = match take(&mut answer, "candidates") {
            Some(Json::Array(list)) => list.into_iter().next(),
            _ => None,
        };
        let is_empty = candidate.is_none() && !blocked;
        let mut chunk = Chunk {
            id,
            parts: Vec::new(),
            finish: blocked.then_some(Ok(Stop::Filtered)),
            usage,
            is_empty,
        };
        let Some(Json::Object(mut candidate)) = candidate else {
            return Ok(chunk);
        };
        if let Some(Json::String(word)) = take(&mut candidate, "finishReason") {
            chunk.finish = Some(finish::read(&word));
        }
        if let Some(Json::Object(mut content)) = take(&mut candidate, "content")
            && let Some(Json::Array(parts)) = take(&mut content, "parts")
        {
            for part in parts {
                let part = self.part(part, &chunk.id)?;
                chunk.parts.extend(part);
            }
        }
        Ok(chunk)
    }

    fn part<'a>(
        &mut self,
        part: Json<'a>,
        response: &str,
    ) -> Result<Option<(Said<'a>, Option<Seal<'a>>)>, Broken> {
        let Json::Object(mut part) = part else {
            return Err(Broken("a part is no object"));
        };
        if part.iter().any(|(name, _)| UNASKED.contains(&&**name)) {
            return Err(Broken("it holds something that was not asked for"));
        }
        let seal = match take(&mut part, "thoughtSignature") {
            Some(Json::String(seal)) if !seal.is_empty() => Some(signature::returned(seal)),
            _ => None,
        };
        let thought = take(&mut part, "thought") == Some(Json::Bool(true));
        if let Some(call) = take(&mut part, "functionCall") {
            let call = self.call(call, response)?;
            return Ok(call.map(|call| (Said::Call(call), seal)));
        }
        let said = match take(&mut part, "text") {
            Some(Json::String(text)) if thought => Said::Thought(text),
            Some(Json::String(text)) => Said::Text(text),
            _ => Said::Text(Cow::Borrowed("")),
        };
        Ok(Some((said, seal)))
    }

    fn call<'a>(&mut self, call: Json<'a>, response: &str) -> Result<Option<Call<'a>>, Broken> {
        let Json::Object(mut call) = call else {
            return Err(Broken("a call is no object"));
        };
        let Some(Json::String(name)) = take(&mut call, "name") else {
            return Err(Broken("a call has no name"));
        };
        self.count += 1;
        if self.only_one && self.count > 1 {
            return Ok(None);
        }
        let id = match take(&mut call, "id") {
            Some(Json::String(id)) if !id.is_empty() => id,
            _ => Cow::Owned(made(response, &name, self.count)),
        };
        let freeform = self.freeform.contains(&*name);
        let input = match take(&mut call, "args") {
            Some(Json::Object(mut args)) if freeform => match take(&mut args, "input") {
                Some(Json::String(text)) if args.is_empty() => text,
                // Other members, or another kind: the tool itself has to say what is wrong with it.
                Some(input) => {
                    args.push(("input".into(), input));
                    Cow::Owned(Json::Object(args).text())
                }
                None => Cow::Owned(Json::Object(args).text()),
            },
            Some(args) => Cow::Owned(args.text()),
            None if freeform => Cow::Borrowed(""),
            None => Cow::Borrowed("{}"),
        };
        Ok(Some(Call {
            id,
            name,
            input,
            freeform,
            seal: None,
        }))
    }
}

/// An id for a call that has none: no other call of the conversation has it, as far as answers have ids.
fn made(response: &str, name: &str, count: usize) -> String {
    let of = if response.is_empty() { name } else { response };
    format!("call_{}_{count}", plain(of))
}

/// Takes a member; `null` is none.
fn take<'a>(members: &mut Members<'a>, name: &str) -> Option<Json<'a>> {
    let at = members.iter().position(|(known, _)| known == name)?;
    Some(members.swap_remove(at).1).filter(|value| *value != Json::Null)
}
