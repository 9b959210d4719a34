//! What a call costs more whose client and provider speak different languages: its request is read and written
//! anew, and so is its answer.

use std::hint::black_box;

use serde_json::{Value, json};
use tidegate_wire::{
    Operation,
    translate::{self, Language, Translated},
};

use crate::clock::time;

/// The languages of clients and providers that are measured.
const PAIRS: [(Language, Language); 6] = [
    (Language::Chat, Language::Messages),
    (Language::Chat, Language::Gemini),
    (Language::Messages, Language::Chat),
    (Language::Messages, Language::Responses),
    (Language::Responses, Language::Messages),
    (Language::Gemini, Language::Chat),
];

/// Converse is in none of them: its streams are no text.
const NO_PAIR: &str = "no pair that is measured has it";

const SENTENCE: &str = "The quick tide turns at the old gate while nobody counts the water. ";
const CODE: &str = "    let total = items.iter().map(|item| item[\"price\"]).sum();\n// Add them up, then round once.\n";

pub(crate) fn all() {
    for size in [120, 20_000, 200_000] {
        let sentence = sentence(size);
        request(
            &format!("sentence {size} B"),
            (Language::Chat, Language::Messages),
            &sentence,
        );
    }
    for pair in PAIRS {
        for size in [20_000, 200_000] {
            request(&format!("agent {size} B"), pair, &agent(pair.0, size));
        }
    }
    for pair in PAIRS {
        answer(pair);
        stream(pair);
    }
}

fn operation(language: Language) -> Operation {
    language.operation(language == Language::Gemini)
}

fn translated((client, upstream): (Language, Language), body: &[u8]) -> Translated {
    let names = ("other/model", "model-1");
    let client = operation(client);
    translate::request(client, upstream, names, "req_1", body).unwrap()
}

fn request(what: &str, pair: (Language, Language), body: &Value) {
    let body = body.to_string().into_bytes();
    let name = format!("translate {what}, {} to {}", pair.0, pair.1);
    time(&name, 1, || {
        black_box(translated(pair, black_box(&body)));
    });
}

/// One question, as long as is wanted.
fn sentence(size: usize) -> Value {
    let text: String = SENTENCE.chars().cycle().take(size - 80).collect();
    json!({"model": "m", "max_tokens": 256, "messages": [{"role": "user", "content": text}]})
}

fn schema() -> Value {
    json!({"type": "object", "properties": {
        "path": {"type": "string", "description": "Where the file is, from the root of the project on."},
        "lines": {"type": "array", "items": {"type": "integer", "minimum": 1}, "maxItems": 2},
        "mode": {"type": "string", "enum": ["read", "write", "append"]},
    }, "required": ["path"], "additionalProperties": false})
}

/// What an agent sends: instructions, tools, and turns of calls and what they gave.
fn agent(language: Language, size: usize) -> Value {
    let turns = size.saturating_sub(6_000) / 2_100;
    let long = CODE.repeat(15);
    let input = json!({"path": "src/main.rs", "lines": [1, 80]});
    let arguments = input.to_string();
    let instructions = SENTENCE.repeat(20);
    let about = "Reads or changes a file of the project that is worked on.";
    let tools = (0..10).map(|at| (format!("tool_{at}"), schema()));
    let calls = (0..turns).map(|at| format!("call_{at}"));
    match language {
        Language::Converse | Language::Invoke => unreachable!("{NO_PAIR}"),
        Language::Chat => {
            let tools = tools.map(|(name, schema)| {
                json!({"type": "function", "function": {"name": name, "description": about, "parameters": schema}})
            });
            let mut messages = vec![
                json!({"role": "system", "content": instructions}),
                json!({"role": "user", "content": CODE}),
            ];
            for id in calls {
                let function = json!({"name": "tool_1", "arguments": arguments});
                let call = json!({"id": id, "type": "function", "function": function});
                messages
                    .push(json!({"role": "assistant", "content": SENTENCE, "tool_calls": [call]}));
                messages.push(json!({"role": "tool", "tool_call_id": id, "content": long}));
            }
            json!({"model": "m", "stream": true, "messages": messages, "tools": tools.collect::<Vec<_>>()})
        }
        Language::Messages => {
            let tools = tools.map(|(name, schema)| {
                json!({"name": name, "description": about, "input_schema": schema})
            });
            let mut messages = vec![json!({"role": "user", "content": CODE})];
            for id in calls {
                let text = json!({"type": "text", "text": SENTENCE});
                let call = json!({"type": "tool_use", "id": id, "name": "tool_1", "input": input});
                let result = json!({"type": "tool_result", "tool_use_id": id, "content": long});
                messages.push(json!({"role": "assistant", "content": [text, call]}));
                messages.push(json!({"role": "user", "content": [result]}));
            }
            json!({"model": "m", "max_tokens": 4096, "stream": true, "system": instructions,
                "messages": messages, "tools": tools.collect::<Vec<_>>()})
        }
        Language::Responses => {
            let tools = tools.map(|(name, schema)| {
                json!({"type": "function", "name": name, "description": about, "parameters": schema})
            });
            let mut items = vec![json!({"role": "user", "content": CODE})];
            for id in calls {
                items.push(json!({"role": "assistant", "content": SENTENCE}));
                items.push(
                    json!({"type": "function_call", "call_id": id, "name": "tool_1",
                    "arguments": arguments}),
                );
                items.push(json!({"type": "function_call_output", "call_id": id, "output": long}));
            }
            json!({"model": "m", "stream": true, "instructions": instructions, "input": items,
                "tools": tools.collect::<Vec<_>>()})
        }
        Language::Gemini => {
            let tools = tools.map(|(name, schema)| {
                json!({"name": name, "description": about, "parametersJsonSchema": schema})
            });
            let tools: Vec<_> = tools.collect();
            let mut contents = vec![json!({"role": "user", "parts": [{"text": CODE}]})];
            for _ in calls {
                let call = json!({"name": "tool_1", "args": input});
                let result = json!({"name": "tool_1", "response": {"output": long}});
                contents.push(
                    json!({"role": "model", "parts": [{"text": SENTENCE}, {"functionCall": call}]}),
                );
                contents.push(json!({"role": "user", "parts": [{"functionResponse": result}]}));
            }
            json!({"systemInstruction": {"parts": [{"text": instructions}]}, "contents": contents,
                "tools": [{"functionDeclarations": tools}]})
        }
    }
}

/// An answer in one piece, of about a thousand bytes of text.
fn answer(pair: (Language, Language)) {
    let request = sentence_of(pair.0).to_string();
    let text = SENTENCE.repeat(14);
    let body = match pair.1 {
        Language::Converse | Language::Invoke => unreachable!("{NO_PAIR}"),
        Language::Chat => json!({"id": "c-1", "object": "chat.completion", "created": 1_767_225_600, "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text, "refusal": null},
                "logprobs": null, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 1000, "completion_tokens": 300, "total_tokens": 1300}}),
        Language::Messages => json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "m",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 1000, "output_tokens": 300}}),
        Language::Responses => json!({"id": "resp_1", "object": "response", "status": "completed",
            "created_at": 1_767_225_600, "model": "m", "error": null, "incomplete_details": null,
            "output": [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": text, "annotations": []}]}],
            "usage": {"input_tokens": 1000, "output_tokens": 300, "total_tokens": 1300}}),
        Language::Gemini => json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]},
                "finishReason": "STOP", "index": 0}], "modelVersion": "m", "responseId": "r",
            "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 300, "totalTokenCount": 1300}}),
    }
    .to_string();
    let back = translated(pair, request.as_bytes()).back;
    let name = format!(
        "translate answer {} B, {} to {}",
        body.len(),
        pair.1,
        pair.0
    );
    time(&name, 1, || {
        black_box(back.whole(black_box(body.as_bytes())).unwrap());
    });
}

fn sentence_of(language: Language) -> Value {
    match language {
        Language::Chat => sentence(200),
        language => agent(language, 0),
    }
}

/// The events that begin a stream's text, say a piece of it, and end it.
fn events(language: Language) -> (String, String, String) {
    let event = |data: Value| match (language, data["type"].as_str()) {
        (Language::Messages | Language::Responses, Some(name)) => {
            format!("event: {name}\ndata: {data}\n\n")
        }
        _ => format!("data: {data}\n\n"),
    };
    let all = |list: Vec<Value>| list.into_iter().map(event).collect::<String>();
    match language {
        Language::Converse | Language::Invoke => unreachable!("{NO_PAIR}"),
        Language::Chat => {
            let chunk = |delta: Value, finish: Value| {
                event(
                    json!({"id": "c-1", "object": "chat.completion.chunk", "created": 1_767_225_600, "model": "m",
                    "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish}]}),
                )
            };
            let end = chunk(json!({}), json!("stop")) + "data: [DONE]\n\n";
            let first = chunk(json!({"role": "assistant", "content": ""}), Value::Null);
            (first, chunk(json!({"content": " tide"}), Value::Null), end)
        }
        Language::Messages => (
            all(vec![
                json!({"type": "message_start", "message": {"id": "msg_1", "type": "message", "role": "assistant",
                    "model": "m", "content": [], "stop_reason": null, "stop_sequence": null,
                    "usage": {"input_tokens": 1000, "output_tokens": 1}}}),
                json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            ]),
            event(json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "text_delta", "text": " tide"}})),
            all(vec![
                json!({"type": "content_block_stop", "index": 0}),
                json!({"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": null},
                    "usage": {"output_tokens": 300}}),
                json!({"type": "message_stop"}),
            ]),
        ),
        Language::Responses => (
            all(vec![
                json!({"type": "response.created", "sequence_number": 0, "response": {"id": "resp_1",
                    "object": "response", "created_at": 1_767_225_600, "status": "in_progress", "model": "m",
                    "output": []}}),
                json!({"type": "response.output_item.added", "sequence_number": 1, "output_index": 0,
                    "item": {"type": "message", "id": "msg_1", "role": "assistant", "status": "in_progress",
                        "content": []}}),
                json!({"type": "response.content_part.added", "sequence_number": 2, "item_id": "msg_1",
                    "output_index": 0, "content_index": 0,
                    "part": {"type": "output_text", "text": "", "annotations": []}}),
            ]),
            event(
                json!({"type": "response.output_text.delta", "sequence_number": 3, "item_id": "msg_1",
                "output_index": 0, "content_index": 0, "delta": " tide"}),
            ),
            all(vec![
                json!({"type": "response.completed", "sequence_number": 4, "response": {"id": "resp_1",
                "object": "response", "created_at": 1_767_225_600, "status": "completed", "model": "m",
                "output": [], "usage": {"input_tokens": 1000, "output_tokens": 300, "total_tokens": 1300}}}),
            ]),
        ),
        Language::Gemini => {
            let chunk = |text: &str| {
                json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}],
                    "modelVersion": "m", "responseId": "r"})
            };
            let mut end = chunk("");
            end["candidates"][0]["finishReason"] = json!("STOP");
            end["usageMetadata"] = json!({"promptTokenCount": 1000, "candidatesTokenCount": 300});
            (event(chunk("The")), event(chunk(" tide")), event(end))
        }
    }
}

/// A stream of two hundred pieces, each an event that comes alone.
fn stream(pair: (Language, Language)) {
    const PIECES: u32 = 200;
    let request = sentence_of(pair.0).to_string();
    let (first, piece, end) = events(pair.1);
    let name = format!("translate event, {} to {}", pair.1, pair.0);
    time(&name, PIECES, || {
        let mut stream = translated(pair, request.as_bytes()).back.stream();
        black_box(stream.push(first.as_bytes()).unwrap());
        for _ in 0..PIECES {
            black_box(stream.push(black_box(piece.as_bytes())).unwrap());
        }
        black_box(stream.push(end.as_bytes()).unwrap());
        black_box(stream.end().unwrap());
    });
}
