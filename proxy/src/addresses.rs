//! What one address may do before anybody knows who it is: hold so many connections, open so many a second, and fail so
//! often to say who it is. An address is one of IPv4, or a /64 of IPv6, which is what one subscriber has.
//!
//! The table has one size, whatever comes: an address has a place in one of its sets, and where a set is full, the one
//! that did nothing for longest and holds no connection goes. Where all hold some, an address is let in uncounted:
//! `limits.connections` still holds. Its hash is keyed with chance, so nobody can aim at a set.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tidegate_telemetry::{AddressRefusal, Metrics};
use tidegate_types::Clock;

use crate::config::AddressLimits;

/// Sets, a power of two; and places in each: 32,768 addresses.
const SETS: usize = 4_096;
const PLACES: usize = 8;
/// The window of failures, and how often one address is logged.
const MINUTE: u64 = 60_000_000;
const SECOND: u64 = 1_000_000;

/// What is known of one address. Times are microseconds of the monotonic clock, and never 0.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// The address; 0: nobody's.
    address: u128,
    connections: u32,
    /// When it last did something.
    touched: u64,
    /// Connections opened in the second that began then.
    opened: (u32, u64),
    /// Failures in the minute that began then.
    failed: (u32, u64),
    logged: u64,
}

/// All addresses that were seen lately.
#[derive(Debug)]
pub(crate) struct Addresses {
    sets: Box<[Mutex<[Place; PLACES]>]>,
    hasher: RandomState,
    /// Until when some address has failed too often: before, nobody needs to be looked up.
    until: AtomicU64,
    clock: Arc<dyn Clock>,
    metrics: Arc<Metrics>,
}

/// A connection that is counted, until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    addresses: Arc<Addresses>,
    address: u128,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.addresses.at(self.address, |place, _| {
            place.connections = place.connections.saturating_sub(1);
        });
    }
}

impl Addresses {
    pub(crate) fn new(clock: Arc<dyn Clock>, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            sets: (0..SETS).map(|_| Mutex::default()).collect(),
            hasher: RandomState::new(),
            until: AtomicU64::new(0),
            clock,
            metrics,
        })
    }

    /// A connection from there. `Ok(None)` where it is not counted: it comes from this machine, or there is no place.
    ///
    /// # Errors
    /// It may not be: the address has too many, or opens too many.
    pub(crate) fn connect(
        self: &Arc<Self>,
        from: IpAddr,
        limits: &AddressLimits,
    ) -> Result<Option<Counted>, AddressRefusal> {
        let Some(address) = key(from) else {
            return Ok(None);
        };
        let decided = self.at(address, |place, now| {
            let (count, since) = place.opened;
            let (count, since) = if now.saturating_sub(since) < SECOND {
                (count, since)
            } else {
                (0, now)
            };
            place.opened = (count.saturating_add(1), since);
            let refused = if place.connections >= limits.connections {
                Some(AddressRefusal::Connections)
            } else if count >= limits.connection_rate {
                Some(AddressRefusal::ConnectionRate)
            } else {
                place.connections += 1;
                None
            };
            (refused, refused.is_some() && is_news(place, now))
        });
        match decided {
            None => Ok(None),
            Some((None, _)) => Ok(Some(Counted {
                addresses: Arc::clone(self),
                address,
            })),
            Some((Some(refused), news)) => {
                self.refused(from, refused, news);
                Err(refused)
            }
        }
    }

    /// Whether a call from there is to be refused before anything is done for it, and for how long.
    pub(crate) fn barred(&self, from: IpAddr, limits: &AddressLimits) -> Option<Duration> {
        // The common case: nobody failed too often of late.
        let until = self.until.load(Ordering::Relaxed);
        if until == 0 || until <= self.now() {
            return None;
        }
        let (left, news) = self.at(key(from)?, |place, now| {
            let (count, since) = place.failed;
            let left = (since + MINUTE).saturating_sub(now);
            let barred = count >= limits.failures && left > 0;
            (barred.then_some(left), barred && is_news(place, now))
        })?;
        let left = left?;
        self.refused(from, AddressRefusal::Failures, news);
        Some(Duration::from_micros(left))
    }

    /// A call from there had no key, or one that nobody knows.
    pub(crate) fn failed(&self, from: IpAddr, limits: &AddressLimits) {
        let Some(address) = key(from) else { return };
        let until = self.at(address, |place, now| {
            let (count, since) = place.failed;
            place.failed = if count > 0 && now.saturating_sub(since) < MINUTE {
                (count.saturating_add(1), since)
            } else {
                (1, now)
            };
            (place.failed.0 >= limits.failures).then_some(place.failed.1 + MINUTE)
        });
        if let Some(until) = until.flatten() {
            self.until.fetch_max(until, Ordering::Relaxed);
        }
    }

    fn refused(&self, from: IpAddr, why: AddressRefusal, news: bool) {
        self.metrics.address_refused(why);
        if news {
            tracing::warn!(address = %from, why = why.as_str(), "an address is over its limit");
        }
    }

    fn now(&self) -> u64 {
        (self.clock.mono().0 / 1_000).saturating_add(1)
    }

    /// Does something with an address's place; `None` where there is none to have.
    fn at<T>(&self, address: u128, act: impl FnOnce(&mut Place, u64) -> T) -> Option<T> {
        let now = self.now();
        let set = usize::try_from(self.hasher.hash_one(address) % SETS as u64).unwrap_or(0);
        let mut set = self
            .sets
            .get(set)?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let place = match set.iter().position(|place| place.address == address) {
            Some(known) => set.get_mut(known)?,
            None => {
                let free = set.iter_mut().filter(|place| place.connections == 0);
                let oldest = free.min_by_key(|place| place.touched)?;
                *oldest = Place {
                    address,
                    ..Place::default()
                };
                oldest
            }
        };
        place.touched = now;
        Some(act(place, now))
    }
}

/// Once for an address and a minute.
fn is_news(place: &mut Place, now: u64) -> bool {
    let news = place.logged == 0 || now.saturating_sub(place.logged) >= MINUTE;
    if news {
        place.logged = now;
    }
    news
}

/// What an address is counted by. This machine is not limited: what speaks for many here, a sidecar or a balancer, has
/// one address.
fn key(address: IpAddr) -> Option<u128> {
    match address.to_canonical() {
        address if address.is_loopback() => None,
        // No /64 of IPv6 is ever in use that ends in 1: its last half is 0 here.
        IpAddr::V4(address) => Some((u128::from(address.to_bits()) << 64) | 1),
        IpAddr::V6(address) => Some(address.to_bits() >> 64 << 64).filter(|&prefix| prefix != 0),
    }
}

#[cfg(test)]
mod tests;
