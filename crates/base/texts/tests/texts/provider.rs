//! What providers send: a text, cut into deltas, in each dialect.

use std::io::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use tidegate_texts::{Protocol, stream::Framing};

/// One way to send one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    AnthropicArguments,
    AnthropicText,
    AnthropicThinking,
    ChatArguments,
    ChatReasoning,
    ChatText,
    ChatgptWeb,
    Completions,
    ConverseArguments,
    ConverseText,
    Cursor,
    GeminiArray,
    GeminiText,
    Invoke,
    ResponsesArguments,
    ResponsesText,
}

impl Way {
    pub(crate) const ALL: [Self; 16] = [
        Self::AnthropicArguments,
        Self::AnthropicText,
        Self::AnthropicThinking,
        Self::ChatArguments,
        Self::ChatReasoning,
        Self::ChatText,
        Self::ChatgptWeb,
        Self::Completions,
        Self::ConverseArguments,
        Self::ConverseText,
        Self::Cursor,
        Self::GeminiArray,
        Self::GeminiText,
        Self::Invoke,
        Self::ResponsesArguments,
        Self::ResponsesText,
    ];

    pub(crate) const fn protocol(self) -> Protocol {
        match self {
            Self::AnthropicArguments | Self::AnthropicText | Self::AnthropicThinking => {
                Protocol::Anthropic
            }
            Self::ChatArguments | Self::ChatReasoning | Self::ChatText | Self::Completions => {
                Protocol::Chat
            }
            Self::ConverseArguments | Self::ConverseText | Self::Invoke => Protocol::Bedrock,
            Self::ChatgptWeb => Protocol::ChatgptWeb,
            Self::Cursor => Protocol::Envelopes,
            Self::GeminiArray | Self::GeminiText => Protocol::Gemini,
            Self::ResponsesArguments | Self::ResponsesText => Protocol::Responses,
        }
    }

    pub(crate) const fn framing(self) -> Framing {
        match self {
            Self::ConverseArguments | Self::ConverseText | Self::Invoke => Framing::EventStream,
            Self::Cursor => Framing::Envelopes,
            Self::GeminiArray => Framing::Array,
            _ => Framing::Sse,
        }
    }

    /// Whether the text is JSON.
    pub(crate) const fn is_arguments(self) -> bool {
        matches!(
            self,
            Self::AnthropicArguments
                | Self::ChatArguments
                | Self::ConverseArguments
                | Self::ResponsesArguments
        )
    }

    /// The stream that says these pieces.
    pub(crate) fn send(self, pieces: &[&str]) -> Vec<u8> {
        match self {
            Self::ChatArguments | Self::ChatReasoning | Self::ChatText => self.chat(pieces),
            Self::ChatgptWeb => chatgpt(pieces),
            Self::Completions => completions(pieces),
            Self::Cursor => cursor(pieces),
            Self::AnthropicArguments | Self::AnthropicText | Self::AnthropicThinking => {
                let mut out = Vec::new();
                for event in self.anthropic(pieces) {
                    let kind = event["type"].as_str().unwrap();
                    out.extend(format!("event: {kind}\ndata: {event}\n\n").bytes());
                }
                out
            }
            Self::Invoke => {
                let events = Self::AnthropicText.anthropic(pieces).into_iter();
                let packed = events.map(|event| {
                    let bytes = BASE64_STANDARD.encode(event.to_string());
                    message("chunk", &json!({"bytes": bytes, "p": "abcdef"}))
                });
                packed.flatten().collect()
            }
            Self::ConverseArguments | Self::ConverseText => self.converse(pieces),
            Self::GeminiArray | Self::GeminiText => self.gemini(pieces),
            Self::ResponsesArguments | Self::ResponsesText => self.responses(pieces),
        }
    }

    fn chat(self, pieces: &[&str]) -> Vec<u8> {
        let chunk = |delta: Value, finish: Value| {
            let logprobs = json!({"content": [{"token": "?", "logprob": -0.1}]});
            let choice =
                json!({"index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish});
            let chunk = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1,
                "model": "gpt-4o-mini", "choices": [choice]});
            format!("data: {chunk}\n\n")
        };
        let mut out = match self {
            Self::ChatArguments => chunk(
                json!({"role": "assistant", "content": null, "tool_calls": [{"index": 0,
                    "id": "call_1", "type": "function",
                    "function": {"name": "shell", "arguments": ""}}]}),
                Value::Null,
            ),
            _ => chunk(json!({"role": "assistant", "content": ""}), Value::Null),
        };
        for piece in pieces {
            let delta = match self {
                Self::ChatArguments => {
                    json!({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]})
                }
                Self::ChatReasoning => json!({"reasoning_content": piece}),
                _ => json!({"content": piece}),
            };
            out += &chunk(delta, Value::Null);
        }
        out += &chunk(json!({}), json!("stop"));
        out += "data: [DONE]\n\n";
        out.into_bytes()
    }

    fn anthropic(self, pieces: &[&str]) -> Vec<Value> {
        let block = match self {
            Self::AnthropicArguments => {
                json!({"type": "tool_use", "id": "toolu_1", "name": "shell", "input": {}})
            }
            Self::AnthropicThinking => {
                json!({"type": "thinking", "thinking": "", "signature": ""})
            }
            _ => json!({"type": "text", "text": ""}),
        };
        let mut events = vec![
            json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
                "role": "assistant", "content": [], "model": "claude-sonnet-4-5",
                "stop_reason": null, "usage": {"input_tokens": 9, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": block}),
            json!({"type": "ping"}),
        ];
        for piece in pieces {
            let delta = match self {
                Self::AnthropicArguments => {
                    json!({"type": "input_json_delta", "partial_json": piece})
                }
                Self::AnthropicThinking => json!({"type": "thinking_delta", "thinking": piece}),
                _ => json!({"type": "text_delta", "text": piece}),
            };
            events.push(json!({"type": "content_block_delta", "index": 0, "delta": delta}));
        }
        events.push(json!({"type": "content_block_stop", "index": 0}));
        events.push(
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
            "usage": {"output_tokens": 12}}),
        );
        events.push(json!({"type": "message_stop"}));
        events
    }

    fn converse(self, pieces: &[&str]) -> Vec<u8> {
        let arguments = self == Self::ConverseArguments;
        let mut out = message("messageStart", &json!({"role": "assistant"}));
        if arguments {
            let tool = json!({"toolUse": {"name": "shell", "toolUseId": "tooluse_1"}});
            let start = json!({"contentBlockIndex": 0, "start": tool});
            out.extend(message("contentBlockStart", &start));
        }
        for piece in pieces {
            let delta = if arguments {
                json!({"toolUse": {"input": piece}})
            } else {
                json!({"text": piece})
            };
            let delta = json!({"contentBlockIndex": 0, "delta": delta, "p": "abc"});
            out.extend(message("contentBlockDelta", &delta));
        }
        out.extend(message(
            "contentBlockStop",
            &json!({"contentBlockIndex": 0}),
        ));
        out.extend(message("messageStop", &json!({"stopReason": "end_turn"})));
        out.extend(message("metadata", &json!({"usage": {"inputTokens": 1}})));
        out
    }

    fn gemini(self, pieces: &[&str]) -> Vec<u8> {
        let last = pieces.len().saturating_sub(1);
        let chunks: Vec<String> = pieces
            .iter()
            .enumerate()
            .map(|(at, piece)| {
                let mut candidate =
                    json!({"content": {"parts": [{"text": piece}], "role": "model"}, "index": 0});
                if at == last {
                    candidate["finishReason"] = json!("STOP");
                }
                json!({"candidates": [candidate], "modelVersion": "gemini-2.5-flash",
                    "responseId": "r1"})
                .to_string()
            })
            .collect();
        if self == Self::GeminiArray {
            return format!("[{}\n]\n", chunks.join("\n,\r\n")).into_bytes();
        }
        chunks
            .iter()
            .map(|chunk| format!("data: {chunk}\r\n\r\n"))
            .collect::<String>()
            .into_bytes()
    }

    fn responses(self, pieces: &[&str]) -> Vec<u8> {
        let arguments = self == Self::ResponsesArguments;
        let whole: String = pieces.concat();
        let place = json!({"item_id": "item_1", "output_index": 0, "content_index": 0});
        let event = |kind: &str, more: Value| {
            let mut event = json!({"type": kind});
            for (name, value) in more.as_object().unwrap() {
                event[name] = value.clone();
            }
            format!("event: {kind}\ndata: {event}\n\n")
        };
        let with = |name: &str, value: Value| {
            let mut more = place.clone();
            more[name] = value;
            more
        };
        let part = json!({"type": "output_text", "text": whole, "annotations": [],
            "logprobs": [{"token": "?"}]});
        let item = if arguments {
            json!({"type": "function_call", "id": "item_1", "call_id": "call_1",
                "name": "shell", "arguments": whole, "status": "completed"})
        } else {
            json!({"type": "message", "id": "item_1", "role": "assistant", "content": [part]})
        };
        let response = json!({"id": "resp_1", "object": "response", "output": [item],
            "instructions": null});
        let created = json!({"response": {"id": "resp_1", "output": []}});
        let mut out = event("response.created", created);
        let base = if arguments {
            "response.function_call_arguments"
        } else {
            "response.output_text"
        };
        for piece in pieces {
            out += &event(&format!("{base}.delta"), with("delta", json!(piece)));
        }
        let name = if arguments { "arguments" } else { "text" };
        out += &event(&format!("{base}.done"), with(name, json!(whole)));
        if !arguments {
            out += &event("response.content_part.done", with("part", part));
        }
        let done = json!({"output_index": 0, "item": item});
        out += &event("response.output_item.done", done);
        out += &event("response.completed", json!({"response": response}));
        out.into_bytes()
    }
}

fn completions(pieces: &[&str]) -> Vec<u8> {
    let mut out = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let finish = (at + 1 == pieces.len()).then_some("stop");
        let choice = json!({"text": piece, "index": 0, "logprobs": null, "finish_reason": finish});
        let chunk = json!({"id": "cmpl-1", "object": "text_completion", "choices": [choice]});
        out += &format!("data: {chunk}\n\n");
    }
    out += "data: [DONE]\n\n";
    out.into_bytes()
}

fn chatgpt(pieces: &[&str]) -> Vec<u8> {
    let mut out = "event: delta_encoding\ndata: \"v1\"\n\n".to_owned();
    let mut event = |event: Value| out += &format!("event: delta\ndata: {event}\n\n");
    event(
        json!({"v": {"message": {"id": "a-1", "author": {"role": "assistant"},
        "content": {"content_type": "text", "parts": [""]}, "status": "in_progress"}}, "c": 1}),
    );
    for (at, piece) in pieces.iter().enumerate() {
        event(match at {
            0 => json!({"p": "/message/content/parts/0", "o": "append", "v": piece}),
            2 => json!({"v": [{"p": "/message/content/parts/0", "o": "append", "v": piece},
                {"p": "/message/metadata/n", "o": "append", "v": "s"}], "o": "patch"}),
            _ => json!({"v": piece}),
        });
    }
    event(json!({"p": "/message/status", "o": "replace", "v": "finished_successfully"}));
    event(json!({"type": "message_stream_complete", "conversation_id": "c-1"}));
    out += "data: [DONE]\n\n";
    out.into_bytes()
}

/// A field with a length, of fewer bytes than two digits of it can say.
fn field(number: u8, value: &[u8]) -> Vec<u8> {
    let mut out = vec![(number << 3) | 2];
    let low = u8::try_from(value.len() & 0x7f).unwrap();
    if value.len() < 0x80 {
        out.push(low);
    } else {
        out.extend([low | 0x80, u8::try_from(value.len() >> 7).unwrap()]);
    }
    out.extend_from_slice(value);
    out
}

fn cursor(pieces: &[&str]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        // A number beside the text, and an id that does not go on.
        let inner = [&field(1, piece.as_bytes()), &[0x10, 7][..]].concat();
        let message = field(2, &inner);
        let packed = at % 2 == 1;
        let message = if packed { gzip(&message) } else { message };
        out.push(u8::from(packed));
        out.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        out.extend(message);
    }
    out.extend(b"\x02\0\0\0\x02{}");
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// One message of an event stream.
pub(crate) fn message(kind: &str, payload: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    let pairs = [
        (":event-type", kind),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    for (name, value) in pairs {
        headers.push(u8::try_from(name.len()).unwrap());
        headers.extend_from_slice(name.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let payload = payload.to_string();
    let total = u32::try_from(16 + headers.len() + payload.len()).unwrap();
    let mut out = total.to_be_bytes().to_vec();
    out.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out.extend(headers);
    out.extend(payload.bytes());
    out.extend(crc32fast::hash(&out).to_be_bytes());
    out
}
