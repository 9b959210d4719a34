//! What the client says: calls of denied tools do not pass.

use serde_json::{Value, value::RawValue};

use crate::{
    answer,
    client::ToClient,
    lines::{Fate, Judge},
    message::{Content, Message, Params, content},
    pending::{Asked, readable},
    session::Session,
};

/// Judges the client's lines.
pub(crate) struct Calls<'a> {
    pub(crate) session: &'a Session,
    pub(crate) client: &'a ToClient,
}

/// A message that does not pass, and what its sender is told; notifications are told nothing.
struct Refused(Option<String>);

impl Judge for Calls<'_> {
    fn holds(&self) -> bool {
        self.session.restricts()
    }

    /// A list that is asked for must be expected before it is.
    fn looks_on(&self) -> bool {
        false
    }

    fn line(&mut self, line: &[u8]) -> Fate {
        let strict = self.session.restricts();
        // Some servers end a line at a carriage return too, and would see other messages than we do.
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let body = body.strip_suffix(b"\r").unwrap_or(body);
        let text = str::from_utf8(body).ok();
        let text = text.filter(|_| !(strict && body.contains(&b'\r')));
        if body.trim_ascii().is_empty() {
            return Fate::Pass;
        }
        match text.map_or(Content::Unreadable, content) {
            Content::One(one) => match self.message(one, strict) {
                Ok(()) => Fate::Pass,
                Err(Refused(answer)) => {
                    if let Some(answer) = answer {
                        self.client.answer(&answer);
                    }
                    Fate::Drop
                }
            },
            Content::Batch(all) => self.batch(&all, strict),
            Content::Unreadable if strict => {
                let sentence =
                    "A message that cannot be read does not pass while tools are denied.";
                self.client.answer(&answer::unreadable(sentence));
                Fate::Drop
            }
            Content::Unreadable => Fate::Pass,
        }
    }

    fn long(&mut self) -> bool {
        if !self.session.restricts() {
            return true;
        }
        let sentence = "A message of more than 16 MiB does not pass while tools are denied.";
        self.client.answer(&answer::unreadable(sentence));
        false
    }
}

impl Calls<'_> {
    fn batch(&self, all: &[&RawValue], strict: bool) -> Fate {
        let mut kept = Vec::with_capacity(all.len());
        let mut answers = Vec::new();
        for one in all {
            match self.message(one.get(), strict) {
                Ok(()) => kept.push(one.get()),
                Err(Refused(answer)) => answers.extend(answer),
            }
        }
        if !answers.is_empty() {
            self.client.answer(&format!("[{}]", answers.join(",")));
        }
        match kept.len() {
            count if count == all.len() => Fate::Pass,
            0 => Fate::Drop,
            _ => Fate::Replace(format!("[{}]\n", kept.join(",")).into_bytes()),
        }
    }

    fn message(&self, text: &str, strict: bool) -> Result<(), Refused> {
        let message: Message<'_> = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(_) if strict => {
                let sentence = "Only messages pass while tools are denied.";
                return Err(Refused(Some(answer::unreadable(sentence))));
            }
            Err(_) => return Ok(()),
        };
        let refuse = |sentence: &str| {
            let id = message.id.map(|id| readable(id).unwrap_or(Value::Null));
            Err(Refused(id.map(|id| answer::denied(&id, sentence))))
        };
        if let Some(sentence) = self.session.ended() {
            return refuse(&sentence);
        }
        if message.is("tools/call") {
            let params = message
                .params
                .map(|params| serde_json::from_str(params.get()));
            let params: Option<Params> = params.and_then(Result::ok);
            let names = params.map(|params| params.names).unwrap_or_default();
            if message.doubled || names.len() > 1 {
                return refuse("A call that says twice what it calls is refused as an attack.");
            }
            match names.first() {
                Some(tool) if !self.session.allows(tool) => {
                    return refuse(&self.session.refusal(tool));
                }
                None if strict => return refuse("A call that names no tool is refused."),
                _ => {}
            }
        }
        if let Some(id) = message.id
            && !message.methods.is_empty()
        {
            self.session.pending().ask(id, asked(&message));
        }
        Ok(())
    }
}

fn asked(message: &Message<'_>) -> Asked {
    if !message.is("tools/list") {
        return Asked::Other;
    }
    let params = message
        .params
        .map(|params| serde_json::from_str::<Params>(params.get()));
    let later = params
        .and_then(Result::ok)
        .is_some_and(|params| params.cursor);
    Asked::Tools { first: !later }
}

#[cfg(test)]
mod tests;
