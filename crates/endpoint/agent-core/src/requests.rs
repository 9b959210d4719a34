//! What people ask for: it waits until the gateway has heard it, is bounded, and nobody floods it.

use std::collections::BTreeMap;
use std::time::Duration;

use tidegate_device_api::{AccessRequest, LONGEST_NAME, LONGEST_REASON, Wanted};
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
/// Requests that are still shown when the gateway has heard them.
const MOST_HEARD: usize = 20;

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
    /// Heard since the agent started.
    heard: Vec<AccessRequest>,
    /// How many went along with the check-in that is on its way.
    sent: Vec<String>,
    /// When each person asked.
    asked: BTreeMap<String, Vec<Mono>>,
}

impl Requests {
    /// With what the last run left.
    pub(crate) fn kept(mut waiting: Vec<AccessRequest>) -> Self {
        waiting.truncate(MOST);
        Self {
            waiting,
            ..Self::default()
        }
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
        self.heard.extend(heard);
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

    pub(crate) fn heard(&self) -> &[AccessRequest] {
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
