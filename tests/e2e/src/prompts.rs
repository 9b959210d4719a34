//! Request bodies of the three dialects.

use serde_json::json;

/// A chat completion.
pub(crate) fn chat(prompt: &str, stream: bool) -> String {
    chat_with("gpt-4o-mini", prompt, stream)
}

/// A chat completion of some model.
pub(crate) fn chat_with(model: &str, prompt: &str, stream: bool) -> String {
    json!({
        "model": model, "max_tokens": 64, "stream": stream,
        "messages": [{ "role": "user", "content": prompt }],
    })
    .to_string()
}

/// A response.
pub(crate) fn response(prompt: &str, stream: bool) -> String {
    json!({ "model": "gpt-4o-mini", "max_output_tokens": 64, "stream": stream, "input": prompt })
        .to_string()
}

/// A message.
pub(crate) fn message(prompt: &str, stream: bool) -> String {
    json!({
        "model": "claude-sonnet-4-5", "max_tokens": 64, "stream": stream,
        "messages": [{ "role": "user", "content": prompt }],
    })
    .to_string()
}

/// A Gemini call; whether it streams is in its path.
pub(crate) fn contents(prompt: &str) -> String {
    json!({ "contents": [{ "role": "user", "parts": [{ "text": prompt }] }] }).to_string()
}
