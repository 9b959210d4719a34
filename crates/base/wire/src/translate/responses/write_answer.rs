//! Writes an answer in one piece, and the object that streams begin and end with.

use crate::translate::build::{Members, count, members, object, text};
use std::borrow::Cow;

use tidegate_types::Usage;

use super::{
    Asked, Json,
    items::{self, Called, Ids, Status},
    reply::Answer,
    talk::{Block, Call, Reasoning},
};

pub(in super::super) fn write_answer(answer: &Answer<'_>, asked: &Asked) -> Vec<u8> {
    let ids = Ids::of(&answer.id);
    let mut output = Output {
        ids: &ids,
        asked,
        items: Vec::new(),
    };
    let mut refused = false;
    for block in &answer.blocks {
        match block {
            Block::Text { text, .. } => output.message(false, text),
            Block::Refusal(text) => {
                refused |= !text.is_empty();
                output.message(true, text);
            }
            Block::Reasoning(reasoning) => output.reasoning(reasoning),
            Block::Call(call) => output.call(call),
            // No model gives these.
            Block::Media(_) | Block::Result(_) => {}
        }
    }
    let ending = match items::incomplete(&answer.stop, refused) {
        Some(reason) => Ending::Incomplete(reason),
        None => Ending::Completed,
    };
    let items = output.items;
    response(
        &ids,
        answer.created.unwrap_or_default(),
        asked,
        items,
        Some(ending),
        answer.usage.as_ref(),
    )
    .text()
    .into_bytes()
}

struct Output<'o> {
    ids: &'o Ids,
    asked: &'o Asked,
    items: Vec<Json<'static>>,
}

impl Output<'_> {
    fn next(&self, prefix: &str) -> String {
        self.ids.item(prefix, self.items.len())
    }

    fn message(&mut self, refusal: bool, words: &str) {
        if !words.is_empty() {
            let part = items::part(refusal, words);
            let id = self.next("msg");
            let item = items::message(id, Status::Completed, vec![part]);
            self.items.push(item);
        }
    }

    fn reasoning(&mut self, reasoning: &Reasoning<'_>) {
        let seal = reasoning.seal.as_ref();
        let parts = reasoning.parts.iter();
        let parts = parts.filter(|part| !part.is_empty());
        let parts: Vec<_> = parts.map(|part| items::summary(part)).collect();
        if !parts.is_empty() || seal.is_some() {
            let item = items::reasoning(self.next("rs"), parts, seal);
            self.items.push(item);
        }
    }

    fn call(&mut self, call: &Call<'_>) {
        if call.seal.is_some() {
            let item = items::reasoning(self.next("rs"), Vec::new(), call.seal.as_ref());
            self.items.push(item);
        }
        let called = Called {
            id: &call.id,
            name: &call.name,
            freeform: call.freeform,
        };
        let shell = items::is_shell(called, self.asked)
            .then(|| items::shell_call(called, self.next("lsh"), Status::Completed, &call.input));
        let item = shell.flatten().unwrap_or_else(|| {
            let id = self.next(called.prefix());
            called.item(id, Status::Completed, &call.input, self.asked)
        });
        self.items.push(item);
    }
}

/// How an answer is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Completed,
    Incomplete(&'static str),
}

/// The whole object; without an ending it has begun.
pub(super) fn response<'a>(
    ids: &Ids,
    created: u64,
    asked: &'a Asked,
    output: Vec<Json<'a>>,
    ending: Option<Ending>,
    usage: Option<&Usage>,
) -> Json<'a> {
    let (status, details) = match ending {
        None => ("in_progress", Json::Null),
        Some(Ending::Completed) => ("completed", Json::Null),
        Some(Ending::Incomplete(reason)) => ("incomplete", object([("reason", text(reason))])),
    };
    let mut said: Members<'a> = members([
        ("id", text(ids.response())),
        ("object", text("response")),
        ("created_at", count(created)),
        ("status", text(status)),
        ("background", Json::Bool(false)),
        ("error", Json::Null),
        ("incomplete_details", details),
        ("model", text(asked.model.as_str())),
        ("output", Json::Array(output)),
        ("previous_response_id", Json::Null),
        ("service_tier", text("default")),
        ("store", Json::Bool(false)),
        ("truncation", text("disabled")),
        ("usage", usage.map_or(Json::Null, self::usage)),
    ]);
    for (name, usual) in usual() {
        let repeated = asked.echo.iter().find(|(known, _)| known == name);
        let value = repeated.map_or(usual, |(_, value)| value.clone());
        said.push((Cow::Borrowed(name), value));
    }
    Json::Object(said)
}

/// What a request has that does not say it.
fn usual() -> [(&'static str, Json<'static>); 14] {
    let none = || Json::Null;
    [
        ("instructions", none()),
        ("max_output_tokens", none()),
        ("metadata", object([])),
        ("parallel_tool_calls", Json::Bool(true)),
        ("prompt_cache_key", none()),
        ("prompt_cache_retention", none()),
        (
            "reasoning",
            object([("effort", none()), ("summary", none())]),
        ),
        ("safety_identifier", none()),
        ("temperature", none()),
        (
            "text",
            object([("format", object([("type", text("text"))]))]),
        ),
        ("tool_choice", text("auto")),
        ("tools", Json::Array(Vec::new())),
        ("top_p", none()),
        ("user", none()),
    ]
}

/// What was cached is part of the input here, and what was thought part of the output.
fn usage(usage: &Usage) -> Json<'static> {
    let written = usage.cache_write_5m.saturating_add(usage.cache_write_1h);
    object([
        ("input_tokens", count(usage.total_input().0)),
        (
            "input_tokens_details",
            object([
                ("cached_tokens", count(usage.cached)),
                ("cache_write_tokens", count(written)),
            ]),
        ),
        ("output_tokens", count(usage.total_output().0)),
        (
            "output_tokens_details",
            object([("reasoning_tokens", count(usage.reasoning))]),
        ),
        ("total_tokens", count(usage.total().0)),
    ])
}
