//! What became of what people asked for, in memory: a device that says which of its requests are open is told, and
//! no check-in asks the database.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use tidegate_device_api::RequestAnswer;
use tidegate_types::DeviceId;

/// Open requests of one device that are looked up.
const MOST: usize = 20;

/// The newest answers.
#[derive(Debug, Default)]
pub(super) struct Answers(RwLock<HashMap<DeviceId, Vec<RequestAnswer>>>);

impl Answers {
    /// Takes over what is stored; the devices for which there is news.
    pub(super) fn replace(&self, stored: Vec<(DeviceId, RequestAnswer)>) -> Vec<DeviceId> {
        let mut next: HashMap<DeviceId, Vec<RequestAnswer>> = HashMap::new();
        for (device, answer) in stored {
            next.entry(device).or_default().push(answer);
        }
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_known = |device: &DeviceId, answer: &RequestAnswer| {
            let known = held.get(device).into_iter().flatten();
            known.into_iter().any(|known| known.id == answer.id)
        };
        let news = next.iter().filter(|(device, answers)| {
            let mut answers = answers.iter();
            answers.any(|answer| !is_known(device, answer))
        });
        let news = news.map(|(device, _)| *device).collect();
        *held = next;
        news
    }

    /// The answers to those of a device's requests that it says are open.
    pub(super) fn of(&self, device: DeviceId, open: &[String]) -> Vec<RequestAnswer> {
        if open.is_empty() {
            return Vec::new();
        }
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let answers = held.get(&device).into_iter().flatten();
        answers
            .filter(|answer| open.contains(&answer.id))
            .take(MOST)
            .cloned()
            .collect()
    }
}
