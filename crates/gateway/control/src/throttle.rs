//! How often a password or an enrolment token may be tried, per account and per address, and a
//! certificate renewed, per device; in bounded memory.
//!
//! Each is a leaky bucket kept as one number: the time at which it will be empty again. An attempt
//! is counted before the password is checked, so attempts made at once cannot slip past.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tidegate_store::Actor;
use tidegate_types::{DeviceId, Mono, ScimTokenId};

use crate::guard::noise;

/// Whose attempts are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// An e-mail address, whether or not an account has it.
    Account(String),
    /// A client's address; IPv6 by its /64, which is what one customer gets.
    Address(IpAddr),
    /// A device, whose certificates are counted.
    Device(DeviceId),
    /// A device, whose inventories are counted.
    Inventory(DeviceId),
    /// An identity provider that sends users: a synchronisation is thousands of calls.
    Scim(ScimTokenId),
    /// A client's address, whose sign-ins on devices are counted.
    SignIn(IpAddr),
    /// All wrong codes that people type together.
    UserCodes,
    /// A caller whose role may not do what they ask for.
    Refused(Actor),
    /// All failed sign-ins, which are written to the audit log.
    SignIns,
    /// A caller whose refused calls are written to the audit log.
    Told(Actor),
}

impl Who {
    pub(crate) fn address(ip: IpAddr) -> Self {
        Self::Address(client(ip))
    }

    /// A client's address, whose sign-ins on devices are counted.
    pub(crate) fn sign_in(ip: IpAddr) -> Self {
        Self::SignIn(client(ip))
    }

    /// How many attempts at once, and how long until one more.
    const fn rate(&self) -> (u32, Duration) {
        match self {
            Self::Account(_) => (5, Duration::from_secs(60)),
            Self::Address(_) => (20, Duration::from_secs(15)),
            Self::Device(_) => (10, Duration::from_secs(60)),
            Self::Inventory(_) | Self::SignIn(_) => (30, Duration::from_secs(10)),
            Self::Scim(_) => (1_000, Duration::from_millis(2)),
            Self::UserCodes => (100, Duration::from_secs(1)),
            Self::Refused(_) => noise::REFUSALS,
            Self::SignIns => noise::SIGN_INS,
            Self::Told(_) => noise::TOLD,
        }
    }
}

/// Who a client is: IPv6 by its /64.
fn client(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// The buckets.
#[derive(Debug)]
pub(crate) struct Throttle {
    empty_at: Mutex<HashMap<Who, Mono>>,
    capacity: usize,
}

impl Throttle {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            empty_at: Mutex::new(HashMap::new()),
            capacity,
        }
    }

    /// Counts an attempt.
    ///
    /// # Errors
    /// There were too many; the next is allowed after this long.
    pub(crate) fn attempt(&self, who: &Who, now: Mono) -> Result<(), Duration> {
        let (burst, interval) = who.rate();
        let mut buckets = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        let empty_at = buckets.get(who).copied().unwrap_or_default().max(now);
        let room = interval * (burst - 1);
        let ahead = empty_at.since(now);
        if ahead > room {
            return Err(ahead - room);
        }
        if buckets.len() >= self.capacity && !buckets.contains_key(who) {
            make_room(&mut buckets, now);
        }
        buckets.insert(who.clone(), later(empty_at, interval));
        Ok(())
    }

    /// How long the next attempt has to wait, if it has to; counts none.
    pub(crate) fn blocked(&self, who: &Who, now: Mono) -> Option<Duration> {
        let (burst, interval) = who.rate();
        let buckets = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        let ahead = buckets.get(who)?.since(now);
        let room = interval * (burst - 1);
        (ahead > room).then(|| ahead - room)
    }

    /// Takes an attempt back: the password was right.
    pub(crate) fn forgive(&self, who: &Who) {
        let (_, interval) = who.rate();
        let mut buckets = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(empty_at) = buckets.get_mut(who) {
            empty_at.0 = empty_at.0.saturating_sub(nanos(interval));
        }
    }

    /// Forgets all attempts on an account, once its owner proved to be its owner.
    pub(crate) fn forget(&self, who: &Who) {
        self.empty_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(who);
    }
}

/// Drops what is empty; if nothing is, the bucket closest to it: the one that protects least.
fn make_room(buckets: &mut HashMap<Who, Mono>, now: Mono) {
    let before = buckets.len();
    buckets.retain(|_, empty_at| *empty_at > now);
    if buckets.len() == before {
        let least = buckets
            .iter()
            .min_by_key(|(_, at)| **at)
            .map(|(who, _)| who.clone());
        if let Some(who) = least {
            buckets.remove(&who);
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

fn later(at: Mono, by: Duration) -> Mono {
    Mono(at.0.saturating_add(nanos(by)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str) -> Who {
        Who::Account(name.to_owned())
    }

    #[test]
    fn five_at_once_then_one_a_minute() {
        let throttle = Throttle::new(10);
        let now = Mono(1);
        for _ in 0..5 {
            assert_eq!(throttle.attempt(&account("a"), now), Ok(()));
        }
        assert_eq!(
            throttle.attempt(&account("a"), now),
            Err(Duration::from_secs(60))
        );
        assert_eq!(
            throttle.attempt(&account("b"), now),
            Ok(()),
            "others are not touched"
        );
        let next = later(now, Duration::from_secs(60));
        assert_eq!(throttle.attempt(&account("a"), next), Ok(()));
        assert!(throttle.attempt(&account("a"), next).is_err());
        throttle.forget(&account("a"));
        assert_eq!(throttle.attempt(&account("a"), next), Ok(()));
    }

    #[test]
    fn a_forgiven_attempt_does_not_count() {
        let throttle = Throttle::new(10);
        let who = Who::address("2001:db8::1".parse().unwrap());
        for _ in 0..100 {
            assert_eq!(throttle.attempt(&who, Mono(1)), Ok(()));
            throttle.forgive(&who);
        }
        assert_eq!(
            who,
            Who::address("2001:db8::ffff".parse().unwrap()),
            "one /64 is one client"
        );
    }

    #[test]
    fn memory_is_bounded_and_the_fullest_buckets_stay() {
        let throttle = Throttle::new(100);
        for _ in 0..5 {
            throttle.attempt(&account("victim"), Mono(1)).unwrap();
        }
        for n in 0..10_000 {
            throttle
                .attempt(&account(&format!("spray{n}")), Mono(1))
                .unwrap();
        }
        assert!(throttle.empty_at.lock().unwrap().len() <= 100);
        assert!(throttle.attempt(&account("victim"), Mono(1)).is_err());
    }
}
