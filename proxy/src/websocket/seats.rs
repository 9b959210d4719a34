//! How many governed WebSockets each key has open. What one says is held until it is whole, so they are
//! bounded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tidegate_pipeline::Refusal;
use tidegate_types::KeyId;

type Taken = Mutex<HashMap<KeyId, u64>>;

/// The seats of all keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seats(Arc<Taken>);

/// One taken seat; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Seat {
    taken: Arc<Taken>,
    key: KeyId,
}

impl Seats {
    /// Takes one of a key's `limit` seats.
    ///
    /// # Errors
    /// All are taken.
    pub(super) fn take(&self, key: KeyId, limit: u64) -> Result<Seat, Refusal> {
        let mut taken = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(key).or_default();
        if *count >= limit {
            return Err(Refusal::WebSockets(limit));
        }
        *count += 1;
        Ok(Seat {
            taken: Arc::clone(&self.0),
            key,
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tidegate_types::Timestamp;

    use super::*;

    #[test]
    fn a_key_has_so_many_and_gets_them_back() {
        let seats = Seats::default();
        let at = Timestamp::from_micros(1);
        let (one, other) = (KeyId::from_parts(at, 1), KeyId::from_parts(at, 2));
        let first = seats.take(one, 2).unwrap();
        let second = seats.take(one, 2).unwrap();
        assert!(matches!(seats.take(one, 2), Err(Refusal::WebSockets(2))));
        let third = seats.take(other, 2).unwrap();
        drop(first);
        let again = seats.take(one, 2).unwrap();
        drop((second, third, again));
        assert!(seats.0.lock().unwrap().is_empty());
    }
}
