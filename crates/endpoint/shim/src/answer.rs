//! What the shim itself says to a client: JSON-RPC errors.

use serde_json::{Value, json};

/// JSON-RPC leaves -32000 to -32099 to servers; this one says that an organisation's decision holds.
const DENIED: i32 = -32001;
/// JSON-RPC 2.0 §5.1.
const PARSE_ERROR: i32 = -32700;

/// An error in place of an answer, as one message without its line's end.
pub(crate) fn denied(id: &Value, sentence: &str) -> String {
    error(id, DENIED, sentence)
}

/// An error for what cannot be read, and so has no id.
pub(crate) fn unreadable(sentence: &str) -> String {
    error(&Value::Null, PARSE_ERROR, sentence)
}

fn error(id: &Value, code: i32, sentence: &str) -> String {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": sentence}}).to_string()
}
