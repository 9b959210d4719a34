//! What people ask for: it waits until the gateway has heard it, and then for an answer; it is bounded, and nobody
//! floods it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidegate_device_api::{AccessRequest, LONGEST_NAME, LONGEST_REASON, RequestAnswer, Wanted};
use tidegate_types::Mono;

/// Requests that wait at once.
pub(crate) const MOST: usize = 100;
/// Requests of one person in an [`HOUR`].
pub(crate) const MOST_EACH: usize = 10;
const HOUR: Duration = Duration::from_secs(3600);
/// Requests of one check-in.
pub(crate) const MOST_SENT: usize = 20;
/// The longest user name, in bytes.
const LONGEST_USER: usize = 256;
/// People whose requests are counted.
const MOST_PEOPLE: usize = 256;
/// Requests that are still shown when the gateway has heard them; of more, the oldest gets no answer here.
pub(crate) const MOST_HEARD: usize = 20;

/// A request, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// It.
    #[serde(flatten)]
    pub request: AccessRequest,
    /// The gateway has heard it.
    #[serde(default)]
    pub heard: bool,
    /// Whether it was granted, and the answer in words; none before it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// It was granted, or else declined.
    pub granted: bool,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl From<AccessRequest> for Asked {
    fn from(request: AccessRequest) -> Self {
        Self {
            request,
            heard: false,
            answer: None,
        }
    }
}

/// Why a request is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It has no reason, or one that is too long.
    #[error("say why in 1 to {LONGEST_REASON} characters")]
    Reason,
    /// The name of the app has no length, or too much.
    #[error("name the app in 1 to {LONGEST_NAME} characters")]
    Name,
    /// This person asked for much lately.
    #[error("you asked for {MOST_EACH} things within an hour; try again later")]
    TooMany,
    /// Too much waits for the gateway.
    #[error("{MOST} requests wait for the gateway already; try again when it can be reached")]
    Full,
    /// The device is no more.
    #[error("this device was removed by an administrator; nobody hears what is asked here")]
    Removed,
}

#[derive(Debug, Default)]
pub(crate) struct Requests {
    /// Not heard yet, the oldest first.
    waiting: Vec<AccessRequest>,
    /// Heard, the oldest first.
    heard: Vec<Asked>,
    /// How many went along with the check-in that is on its way.
    sent: Vec<String>,
    /// When each person asked.
    asked: BTreeMap<String, Vec<Mono>>,
}

impl Requests {
    /// With what the last run left.
    pub(crate) fn kept(asked: Vec<Asked>) -> Self {
        let (mut heard, waiting): (Vec<Asked>, Vec<Asked>) =
            asked.into_iter().partition(|asked| asked.heard);
        heard.truncate(MOST_HEARD);
        let waiting = waiting.into_iter().map(|asked| asked.request);
        Self {
            waiting: waiting.take(MOST).collect(),
            heard,
            ..Self::default()
        }
    }

    /// What the next run begins with.
    pub(crate) fn keep(&self) -> Vec<Asked> {
        let waiting = self.waiting.iter().cloned().map(Asked::from);
        self.heard.iter().cloned().chain(waiting).collect()
    }

    /// What waits for an answer.
    pub(crate) fn open(&self) -> Vec<String> {
        let open = self.heard.iter().filter(|asked| asked.answer.is_none());
        open.map(|asked| asked.request.id.clone()).collect()
    }

    /// Takes answers; those that are news.
    pub(crate) fn take(&mut self, answers: Vec<RequestAnswer>) -> Vec<Asked> {
        let mut news = Vec::new();
        for answer in answers {
            let open = self
                .heard
                .iter_mut()
                .find(|asked| asked.request.id == answer.id && asked.answer.is_none());
            if let Some(asked) = open {
                asked.answer = Some(Answer {
                    granted: answer.granted,
                    note: answer.note.and_then(|note| plain(&note, LONGEST_REASON)),
                });
                news.push(asked.clone());
            }
        }
        news
    }

    /// Takes a request. Whether it is a new one: what waits already is not asked twice.
    pub(crate) fn ask(&mut self, request: AccessRequest, now: Mono) -> Result<bool, RequestError> {
        let request = AccessRequest {
            wanted: match request.wanted {
                Wanted::Support { name } => Wanted::Support {
                    name: plain(&name, LONGEST_NAME).ok_or(RequestError::Name)?,
                },
                wanted => wanted,
            },
            reason: plain(&request.reason, LONGEST_REASON).ok_or(RequestError::Reason)?,
            user: crate::statistics::cut(&request.user, LONGEST_USER),
            id: request.id,
        };
        let same =
            |held: &AccessRequest| held.wanted == request.wanted && held.user == request.user;
        if self.waiting.iter().any(same) {
            return Ok(false);
        }
        if self.waiting.len() >= MOST {
            return Err(RequestError::Full);
        }
        for times in self.asked.values_mut() {
            times.retain(|at| now.since(*at) < HOUR);
        }
        self.asked.retain(|_, times| !times.is_empty());
        let known = self.asked.contains_key(&request.user);
        if !known && self.asked.len() >= MOST_PEOPLE {
            return Err(RequestError::TooMany);
        }
        let times = self.asked.entry(request.user.clone()).or_default();
        if times.len() >= MOST_EACH {
            return Err(RequestError::TooMany);
        }
        times.push(now);
        self.waiting.push(request);
        Ok(true)
    }

    /// What the next check-in takes along.
    pub(crate) fn send(&mut self) -> Vec<AccessRequest> {
        let sent: Vec<_> = self.waiting.iter().take(MOST_SENT).cloned().collect();
        self.sent = sent.iter().map(|request| request.id.clone()).collect();
        sent
    }

    /// The check-in was answered. Whether anything waits no longer.
    pub(crate) fn answered(&mut self) -> bool {
        let sent = std::mem::take(&mut self.sent);
        let waiting = std::mem::take(&mut self.waiting);
        let (heard, waiting): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|request| sent.contains(&request.id));
        self.waiting = waiting;
        let changed = !heard.is_empty();
        self.heard.extend(heard.into_iter().map(|request| Asked {
            heard: true,
            ..request.into()
        }));
        let over = self.heard.len().saturating_sub(MOST_HEARD);
        self.heard.drain(..over);
        changed
    }

    pub(crate) fn unanswered(&mut self) {
        self.sent.clear();
    }

    pub(crate) fn waiting(&self) -> &[AccessRequest] {
        &self.waiting
    }

    #[cfg(test)]
    pub(crate) fn heard(&self) -> &[Asked] {
        &self.heard
    }
}

/// In one line, without what a terminal obeys; none where it is empty or too long.
fn plain(text: &str, most: usize) -> Option<String> {
    let plain: String = text
        .chars()
        .take(most * 2)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let plain = plain.trim();
    (1..=most)
        .contains(&plain.chars().count())
        .then(|| plain.to_owned())
}

#[cfg(test)]
mod tests;
