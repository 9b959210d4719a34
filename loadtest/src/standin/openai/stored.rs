//! Files and batches, OpenAI's and Anthropic's: kept in memory, few and small, and a
//! batch is done the moment it is made, so that a test can follow one from end to end.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::chat::{self, CREATED};
use crate::standin::ask::text;
use crate::standin::failure::failure;
use crate::standin::knobs::Knobs;
use crate::standin::route::{Answer, Call, Dialect};
use crate::standin::turn::Turn;

/// Things remembered at once; the oldest go first.
const MOST: usize = 64;
/// A larger file is known but its content is not kept.
const LARGEST: usize = 1 << 20;

/// What was uploaded or made.
#[derive(Debug, Default)]
pub(in crate::standin) struct Stored {
    things: Mutex<VecDeque<Thing>>,
}

#[derive(Clone, Debug)]
struct Thing {
    object: Value,
    content: Bytes,
}

impl Stored {
    /// Keeps an object under its `id`, with the content that belongs to it.
    pub(in crate::standin) fn keep(&self, object: Value, content: Bytes) {
        let content = if content.len() > LARGEST {
            Bytes::new()
        } else {
            content
        };
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        if things.len() >= MOST {
            things.pop_front();
        }
        things.push_back(Thing { object, content });
    }

    /// The object of that id and its content.
    pub(in crate::standin) fn find(&self, id: &str) -> Option<(Value, Bytes)> {
        let things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        let thing = things
            .iter()
            .find(|thing| text(&thing.object, "id") == Some(id))?;
        Some((thing.object.clone(), thing.content.clone()))
    }

    /// Forgets it; whether it was known.
    pub(in crate::standin) fn remove(&self, id: &str) -> bool {
        let mut things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        let before = things.len();
        things.retain(|thing| text(&thing.object, "id") != Some(id));
        things.len() < before
    }

    fn list(&self, kind: &str) -> Value {
        let things = self.things.lock().unwrap_or_else(PoisonError::into_inner);
        let of_kind = things
            .iter()
            .filter(|thing| text(&thing.object, "object") == Some(kind));
        let data: Vec<_> = of_kind.map(|thing| thing.object.clone()).collect();
        json!({"object": "list", "data": data, "has_more": false,
               "first_id": data.first().map(|d| &d["id"]), "last_id": data.last().map(|d| &d["id"])})
    }

    pub(super) fn files(&self, call: &Call<'_>, rest: &str) -> Answer {
        let (id, verb) = rest.split_once('/').unwrap_or((rest, ""));
        match (call.method, id, verb) {
            (&Method::GET, "", _) => Answer::json(&self.list("file")),
            (&Method::POST, "", _) => {
                let content = upload(call.raw);
                let object = file(
                    &format!("file-standin-{}", call.serial),
                    content.len(),
                    "batch",
                );
                self.keep(object.clone(), content);
                Answer::json(&object)
            }
            (&Method::DELETE, id, "") => {
                let deleted = self.remove(id);
                Answer::json(&json!({"id": id, "object": "file", "deleted": deleted}))
            }
            (&Method::GET, id, _) => match self.find(id) {
                Some((_, content)) if verb == "content" => {
                    Answer::whole(content, "application/octet-stream")
                }
                Some((object, _)) => Answer::json(&object),
                None => failure(
                    Dialect::OpenAi,
                    404,
                    &format!("No such File object: {id}"),
                    None,
                ),
            },
            _ => failure(Dialect::OpenAi, 405, "no such method on files", None),
        }
    }

    pub(super) fn batches(&self, call: &Call<'_>, rest: &str) -> Answer {
        let (id, verb) = rest.split_once('/').unwrap_or((rest, ""));
        match (call.method, id, verb) {
            (&Method::GET, "", _) => Answer::json(&self.list("batch")),
            (&Method::POST, "", _) => {
                let batch = self.run(call);
                self.keep(batch.clone(), Bytes::new());
                Answer::json(&batch)
            }
            (_, id, verb) => match self.find(id) {
                Some((mut batch, _)) => {
                    if verb == "cancel" {
                        batch["status"] = "cancelled".into();
                    }
                    Answer::json(&batch)
                }
                None => failure(
                    Dialect::OpenAi,
                    404,
                    &format!("No batch found with id '{id}'."),
                    None,
                ),
            },
        }
    }

    /// Answers every line of the input file as the chat route would.
    fn run(&self, call: &Call<'_>) -> Value {
        let input = text(call.body, "input_file_id").unwrap_or_default();
        let lines = self
            .find(input)
            .map(|(_, content)| content)
            .unwrap_or_default();
        let mut output = String::new();
        let mut count = 0;
        for line in lines.split(|byte| *byte == b'\n') {
            let Ok(line) = serde_json::from_slice::<Value>(line) else {
                continue;
            };
            count += 1;
            let ask = chat::ask(line.get("body").unwrap_or(&Value::Null));
            let mut knobs = Knobs::default();
            knobs.text(&ask.prompt);
            let body = chat::completion(&Turn::plan(ask, &knobs, call.serial));
            let answer = json!({
                "id": format!("batch_req_{}_{count}", call.serial), "custom_id": line.get("custom_id"),
                "response": {"status_code": 200, "request_id": "req_standin", "body": body}, "error": null,
            });
            output.push_str(&answer.to_string());
            output.push('\n');
        }
        let result = format!("file-standin-out-{}", call.serial);
        self.keep(file(&result, output.len(), "batch_output"), output.into());
        json!({
            "id": format!("batch_standin_{}", call.serial), "object": "batch", "errors": null,
            "endpoint": text(call.body, "endpoint").unwrap_or("/v1/chat/completions"),
            "input_file_id": input, "completion_window": "24h", "status": "completed",
            "output_file_id": result, "error_file_id": null, "created_at": CREATED,
            "completed_at": CREATED + 1, "metadata": call.body.get("metadata"),
            "request_counts": {"total": count, "completed": count, "failed": 0},
        })
    }
}

fn file(id: &str, bytes: usize, purpose: &str) -> Value {
    json!({
        "id": id, "object": "file", "bytes": bytes, "created_at": CREATED,
        "filename": "upload.jsonl", "purpose": purpose, "status": "processed",
    })
}

/// The content of the `file` part of a multipart body; the whole body if it is none.
fn upload(raw: &Bytes) -> Bytes {
    let find =
        |from: usize, what: &[u8]| memchr::memmem::find(&raw[from..], what).map(|at| from + at);
    let part = || {
        let boundary = raw.slice(..find(0, b"\r\n")?);
        let named = find(0, b"filename=")?;
        let start = find(named, b"\r\n\r\n")? + 4;
        let end = find(start, &boundary)?;
        Some(raw.slice(start..end.saturating_sub(2).max(start)))
    };
    part().unwrap_or_else(|| raw.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_taken_out_of_its_form() {
        let form = "--b\r\ncontent-disposition: form-data; name=\"purpose\"\r\n\r\nbatch\r\n--b\r\n\
                    content-disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nline\n\r\n--b--\r\n";
        assert_eq!(upload(&Bytes::from(form)), Bytes::from("line\n"));
        assert_eq!(upload(&Bytes::from("no form")), Bytes::from("no form"));
    }
}
