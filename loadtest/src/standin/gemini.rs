//! Gemini: generateContent streamed and not, embeddings, token counts, models.

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::ask::{Ask, Force, Piece, Told, Tool, blocks, items, text};
use super::failure::failure;
use super::route::{Answer, Call, Dialect, sse};
use super::turn::Turn;

const MODELS: [&str; 2] = ["gemini-2.5-flash", "gemini-embedding-001"];

/// Reads a request; its model and whether it streams are in the path.
pub(super) fn ask(call: &Call<'_>, stream: bool) -> Ask {
    let body = call.body;
    let mut pieces = Vec::new();
    for content in items(body, "contents") {
        if items(content, "parts").any(|part| part.get("functionResponse").is_some()) {
            pieces.push(Piece::Result);
        } else if text(content, "role") != Some("model") {
            pieces.push(Piece::User(
                content.get("parts").map(blocks).unwrap_or_default(),
            ));
        }
    }
    let declared = items(body, "tools").flat_map(|tool| items(tool, "functionDeclarations"));
    let tools = declared.filter_map(|tool| {
        let schema = tool
            .get("parametersJsonSchema")
            .or_else(|| tool.get("parameters"));
        let schema = schema.cloned().unwrap_or_default();
        Some(Tool {
            name: text(tool, "name")?.to_owned(),
            custom: false,
            schema,
        })
    });
    let calling = body
        .pointer("/toolConfig/functionCallingConfig")
        .unwrap_or(&Value::Null);
    let allowed = items(calling, "allowedFunctionNames")
        .next()
        .and_then(Value::as_str);
    let told = Told {
        pieces,
        tools: tools.collect(),
        force: match (text(calling, "mode"), allowed) {
            (Some("ANY"), Some(name)) => Force::Named(name.to_owned()),
            (Some("ANY"), None) => Force::Any,
            _ => Force::No,
        },
        schema: schema(body.get("generationConfig").unwrap_or(&Value::Null)),
    };
    Ask::new(model(call.path), stream, body, told)
}

/// `models/NAME:verb` names its model.
fn model(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.split(':').next().unwrap_or_default()
}

fn schema(config: &Value) -> Option<Value> {
    let schema = config
        .get("responseJsonSchema")
        .or_else(|| config.get("responseSchema"));
    let json = text(config, "responseMimeType") == Some("application/json");
    schema.cloned().or_else(|| json.then_some(Value::Null))
}

fn response(turn: &Turn, parts: &Value, last: bool) -> Value {
    let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": parts}});
    if last {
        candidate["finishReason"] = "STOP".into();
    }
    let mut usage = turn.usage.gemini();
    if let Some(tier) = &turn.tier {
        usage["serviceTier"] = tier.as_str().into();
    }
    json!({
        "candidates": [candidate], "usageMetadata": usage, "modelVersion": turn.model,
        "responseId": format!("standin{}", turn.serial),
    })
}

fn calls(turn: &Turn) -> Value {
    let part = |call: &super::turn::Call| {
        let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!({}));
        json!({"functionCall": {"id": call.id, "name": call.name, "args": arguments}})
    };
    turn.calls.iter().map(part).collect()
}

/// The whole answer.
pub(super) fn whole(turn: &Turn) -> Value {
    let parts = if turn.calls.is_empty() {
        json!([{"text": turn.text}])
    } else {
        calls(turn)
    };
    response(turn, &parts, true)
}

/// The answer as a stream: events with `alt=sse`, else one JSON array sent bit by bit.
pub(super) fn stream(call: &Call<'_>, turn: &Turn) -> Answer {
    let mut chunks: Vec<_> = turn
        .pieces()
        .map(|piece| response(turn, &json!([{"text": piece}]), false))
        .collect();
    if turn.calls.is_empty() {
        chunks.push(response(turn, &json!([{"text": ""}]), true));
    } else {
        chunks.push(response(turn, &calls(turn), true));
    }
    if call.query.split('&').any(|pair| pair == "alt=sse") {
        return Answer::sse(chunks.iter().map(|chunk| sse(None, chunk)).collect());
    }
    let last = chunks.len() - 1;
    let piece = |(index, chunk): (usize, &Value)| {
        let before = if index == 0 { "[" } else { ",\r\n" };
        let after = if index == last { "]" } else { "" };
        Bytes::from(format!("{before}{chunk}{after}"))
    };
    Answer::streamed(
        chunks.iter().enumerate().map(piece).collect(),
        "application/json; charset=UTF-8",
    )
}

/// Everything that generates no text.
pub(super) fn other(call: &Call<'_>) -> Answer {
    let (name, verb) = call.path.rsplit_once(':').unwrap_or((call.path, ""));
    match (call.method, verb) {
        (&Method::POST, "countTokens") => {
            let inner = call.body.get("generateContentRequest").unwrap_or(call.body);
            let tokens = Ask::new("", false, inner, Told::default()).tokens;
            Answer::json(&json!({"totalTokens": tokens,
                                 "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]}))
        }
        (&Method::POST, "embedContent") => {
            Answer::json(&json!({"embedding": embedding(call.body)}))
        }
        (&Method::POST, "batchEmbedContents") => {
            let each: Vec<_> = items(call.body, "requests").map(embedding).collect();
            Answer::json(&json!({ "embeddings": each }))
        }
        (&Method::GET, "") if name == "models" => {
            Answer::json(&json!({"models": MODELS.map(described)}))
        }
        (&Method::GET, "") if name.starts_with("models/") => {
            Answer::json(&described(&name["models/".len()..]))
        }
        _ => failure(
            Dialect::Gemini,
            404,
            &format!("no route {} {}", call.method, call.path),
            None,
        ),
    }
}

fn embedding(body: &Value) -> Value {
    let size = body
        .get("outputDimensionality")
        .or_else(|| body.pointer("/embedContentConfig/outputDimensionality"));
    let size = usize::try_from(size.and_then(Value::as_u64).unwrap_or(16)).unwrap_or(16);
    json!({"values": vec![0.25; size.min(4096)]})
}

fn described(name: &str) -> Value {
    json!({
        "name": format!("models/{name}"), "baseModelId": name, "version": "001", "displayName": name,
        "description": "stand-in", "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    })
}
