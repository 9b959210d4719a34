//! `ChatGPT`'s web page: one POST per turn to `/backend-api/conversation`, or `/backend-api/f/conversation`
//! of the newer page. The request is read here, the stream of its answer in [`answer`].
//!
//! The request holds the new messages only; the conversation is kept by the provider, so a
//! prompt's estimate is far below what the model reads. No usage is reported.

mod answer;

pub(super) use answer::Answer;

use super::{
    Channel, Prompt,
    fields::{array, decoded, object, piece, skip, string},
    is_json,
};
use crate::json::{Cursor, Fault};

const HOSTS: [&str; 2] = ["chatgpt.com", "chat.openai.com"];
const PATHS: [&str; 4] = [
    // Without an account.
    "/backend-anon/conversation",
    "/backend-anon/f/conversation",
    "/backend-api/conversation",
    "/backend-api/f/conversation",
];

pub(super) fn is_route(host: &str, path: &str) -> bool {
    HOSTS.contains(&host.strip_prefix("www.").unwrap_or(host)) && PATHS.contains(&path)
}

/// `{"action":…,"messages":[…],"model":…}`.
pub(super) fn request<'a>(content_type: &str, body: &'a [u8]) -> Option<Prompt<'a>> {
    if !is_json(content_type) {
        return None;
    }
    let mut prompt = Prompt::new(body);
    let mut cursor = Cursor::new(body);
    let mut known = false;
    let read = object(&mut cursor, |key, cursor| match key {
        "messages" => {
            known |= cursor.peek() == Some(b'[');
            array(cursor, |cursor| message(cursor, &mut prompt))
        }
        "model" => {
            if let Some(name) = string(cursor)? {
                prompt.name_model(&decoded(name));
            }
            Ok(())
        }
        // An answer that shall go on comes without messages.
        "action" => {
            known |= string(cursor)?.is_some();
            Ok(())
        }
        _ => skip(cursor),
    });
    read.ok()?;
    cursor.finish().ok()?;
    known.then_some(prompt)
}

/// `{"author":{"role":…},"content":{"content_type":…,"parts":[…]},…}`, members in any order.
fn message<'a>(cursor: &mut Cursor<'a>, prompt: &mut Prompt<'a>) -> Result<(), Fault> {
    let mut channel = Channel::User;
    let mut texts = Vec::new();
    object(cursor, |key, cursor| match key {
        "author" => object(cursor, |key, cursor| match key {
            "role" => {
                if let Some(role) = string(cursor)? {
                    channel = of_role(&decoded(role));
                }
                Ok(())
            }
            _ => skip(cursor),
        }),
        "content" => object(cursor, |key, cursor| match key {
            "parts" => array(cursor, |cursor| {
                if cursor.peek() == Some(b'"') {
                    texts.extend(string(cursor)?);
                    return Ok(());
                }
                // An image has no text; a dictation has.
                object(cursor, |key, cursor| match key {
                    "text" => {
                        texts.extend(string(cursor)?);
                        Ok(())
                    }
                    _ => skip(cursor),
                })
            }),
            "text" | "user_instructions" | "user_profile" => {
                texts.extend(string(cursor)?);
                Ok(())
            }
            _ => skip(cursor),
        }),
        _ => skip(cursor),
    })?;
    for text in texts {
        prompt.push(piece(channel.clone(), text));
    }
    Ok(())
}

fn of_role(role: &str) -> Channel {
    match role {
        "assistant" => Channel::Assistant,
        "system" | "developer" => Channel::System,
        "tool" => Channel::Tool,
        _ => Channel::User,
    }
}
