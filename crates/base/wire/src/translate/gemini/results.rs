//! Which call a `functionResponse` answers, and what it says. Gemini knows calls by their names and their order;
//! ids are newer there, and many clients have none.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet, VecDeque},
};

use super::super::{
    Json, Refused,
    fields::Fields,
    talk::{Block, Outcome},
};
use super::{media, plain, proto};

/// The calls of a conversation so far.
#[derive(Debug, Default)]
pub(super) struct Ids<'a> {
    calls: usize,
    known: HashSet<Cow<'a, str>>,
    /// By name, in order; some may be answered by now.
    open: HashMap<Cow<'a, str>, VecDeque<Cow<'a, str>>>,
    answered: HashSet<Cow<'a, str>>,
}

impl<'a> Ids<'a> {
    /// The id of a call: its own, or one that is the same whenever the conversation is sent.
    pub(super) fn call(&mut self, id: Option<Cow<'a, str>>, name: &Cow<'a, str>) -> Cow<'a, str> {
        self.calls += 1;
        let id = match id {
            Some(id) if !id.is_empty() => id,
            _ => Cow::Owned(format!("call_{}_{}", self.calls, plain(name))),
        };
        self.known.insert(id.clone());
        // An id may come again: the later call is open then.
        self.answered.remove(&id);
        self.open
            .entry(name.clone())
            .or_default()
            .push_back(id.clone());
        id
    }

    /// The id of the call that a result answers: the first of its name that has no result yet, where it does
    /// not say it.
    fn result(&mut self, id: Option<Cow<'a, str>>, name: &str) -> Option<Cow<'a, str>> {
        if let Some(id) = id.as_ref().filter(|id| self.known.contains(*id)) {
            self.answered.insert(id.clone());
            return Some(id.clone());
        }
        if let Some(open) = self.open.get_mut(name) {
            while let Some(first) = open.pop_front() {
                if self.answered.insert(first.clone()) {
                    return Some(first);
                }
            }
        }
        id.filter(|id| !id.is_empty())
    }
}

/// Reads a `functionResponse`.
///
/// # Errors
/// It cannot be translated, or answers no call.
pub(super) fn read<'a>(mut fields: Fields<'a>, ids: &mut Ids<'a>) -> Result<Outcome<'a>, Refused> {
    let path = fields.path().clone();
    let id = fields.string("id")?;
    let name = fields.required("name")?;
    let response = fields.object("response")?;
    // No more responses to the same call follow: the usual case.
    fields.only("willContinue", &Json::Bool(false))?;
    let media = proto::take_messages(&mut fields, "parts")?;
    fields.close()?;
    let Some(id) = ids.result(id, &name) else {
        return Err(Refused::invalid(path, "answers no call before it"));
    };
    let (text, failed) = said(response.map(Fields::rest).unwrap_or_default());
    let mut blocks = Vec::with_capacity(1 + media.len());
    if !text.is_empty() {
        blocks.push(Block::Text { text, cache: None });
    }
    for mut part in media {
        let path = part.path().clone();
        let media = media::take(&mut part)?;
        part.close()?;
        let media = media.ok_or_else(|| Refused::invalid(path, "holds nothing"))?;
        blocks.push(Block::Media(media));
    }
    Ok(Outcome {
        id,
        name: Some(name),
        blocks,
        failed,
        cache: None,
    })
}

/// The text of a response, and whether it says an error. By Google's convention the result stands in `output`
/// (its SDKs write `result`) and a failure in `error`; any other object is the result itself.
fn said<'a>(mut members: Vec<(Cow<'a, str>, Json<'a>)>) -> (Cow<'a, str>, bool) {
    let failed = matches!(members.as_slice(), [(name, _)] if name == "error");
    let wrapped = failed
        || matches!(members.as_slice(), [(name, _)] if matches!(&**name, "output" | "result"));
    match members.pop() {
        None => (Cow::Borrowed(""), false),
        Some((_, Json::String(text))) if wrapped => (text, failed),
        Some((_, value)) if wrapped => (Cow::Owned(value.text()), failed),
        Some(last) => {
            members.push(last);
            (Cow::Owned(Json::Object(members).text()), false)
        }
    }
}
