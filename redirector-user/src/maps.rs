//! Typed handles to the maps of the loaded object.

use std::{
    os::fd::{AsFd, OwnedFd},
    sync::{Mutex, MutexGuard, PoisonError},
};

use aya::{
    Ebpf,
    maps::{Array, HashMap, LpmTrie, Map, MapData, RingBuf, SkStorage},
};
use tidegate_redirect::RedirectError;
use tidegate_redirect_abi::{
    COUNTERS, Config, Learned, Moment, NameKey, Original, Own, PortKey, Served,
};

use crate::{bpf_error, os, record::Record};

type Table<K, V> = HashMap<MapData, K, V>;

/// What `apply` writes.
pub(crate) struct TableMaps {
    pub(crate) config: Array<MapData, Record<Config>>,
    pub(crate) v4: LpmTrie<MapData, [u8; 4], u32>,
    pub(crate) v6: LpmTrie<MapData, [u8; 16], u32>,
    pub(crate) names: LpmTrie<MapData, NameKey, u32>,
    pub(crate) learned: Table<[u32; 4], Record<Learned>>,
    pub(crate) denied: Table<u32, u32>,
    /// Processes that descend from denied ones, with that one; the kernel programs write it too.
    pub(crate) inherited: Table<u32, u32>,
    /// Which decision the denied processes come from; none before the first tables.
    pub(crate) decision: Option<u64>,
    /// Whether the kernel programs watch processes start and end.
    pub(crate) watched: bool,
}

/// All maps. Each lock is held for a system call or two, never across an await.
pub(crate) struct Maps {
    pub(crate) tables: Mutex<TableMaps>,
    own: Mutex<SkStorage<MapData, u32>>,
    own_fd: OwnedFd,
    ports: Mutex<Table<Record<PortKey>, Record<Original>>>,
    served: Mutex<Table<u64, Record<Served>>>,
    moments: Mutex<Array<MapData, u64>>,
    counters: Array<MapData, u64>,
}

pub(crate) fn take<M: TryFrom<Map, Error = aya::maps::MapError>>(
    object: &mut Ebpf,
    name: &'static str,
) -> Result<M, RedirectError> {
    let map = object.take_map(name).ok_or_else(|| {
        RedirectError::Unsupported(format!("the embedded object has no map {name}"))
    })?;
    M::try_from(map).map_err(bpf_error(format!("the map {name}")))
}

/// Another handle to the map of our sockets; the library lends none of the typed one.
fn own_fd(object: &Ebpf) -> Result<OwnedFd, RedirectError> {
    let Some(Map::SkStorage(map)) = object.map("OWN") else {
        return Err(RedirectError::Unsupported(
            "the embedded object has no map OWN".into(),
        ));
    };
    map.fd()
        .as_fd()
        .try_clone_to_owned()
        .map_err(os("the map of our sockets"))
}

impl Maps {
    /// Takes the maps out of the object; the ring buffer goes to who reads it.
    pub(crate) fn take(object: &mut Ebpf) -> Result<(Self, RingBuf<MapData>), RedirectError> {
        let own_fd = own_fd(object)?;
        let maps = Self {
            own_fd,
            tables: Mutex::new(TableMaps {
                config: take(object, "CONFIG")?,
                v4: take(object, "V4")?,
                v6: take(object, "V6")?,
                names: take(object, "NAMES")?,
                learned: take(object, "LEARNED")?,
                denied: take(object, "DENIED")?,
                inherited: take(object, "INHERITED")?,
                decision: None,
                watched: false,
            }),
            own: Mutex::new(take(object, "OWN")?),
            ports: Mutex::new(take(object, "PORTS")?),
            served: Mutex::new(take(object, "SERVED")?),
            moments: Mutex::new(take(object, "MOMENTS")?),
            counters: take(object, "COUNTERS")?,
        };
        Ok((maps, take(object, "EVENTS")?))
    }

    /// Says what a socket of ours is.
    pub(crate) fn set_own(
        &self,
        socket: &impl std::os::fd::AsRawFd,
        own: Own,
    ) -> Result<(), RedirectError> {
        lock(&self.own)
            .insert(socket, own as u32, 0)
            .map_err(bpf_error("exempting a socket"))
    }

    /// Where a connection was going, asked once: the entry is gone afterwards.
    pub(crate) fn take_original(&self, key: PortKey) -> Option<Original> {
        let mut ports = lock(&self.ports);
        let key = Record(key);
        let original = ports.get(&key, 0).ok()?;
        // Gone already means evicted between the two calls; the copy is good.
        if let Err(error) = ports.remove(&key) {
            tracing::debug!(%error, "an original destination was evicted while it was read");
        }
        Some(original.0)
    }

    /// The map that says which sockets are ours, for other ways to ask about it.
    pub(crate) fn own_map(&self) -> Result<OwnedFd, RedirectError> {
        self.own_fd
            .try_clone()
            .map_err(os("the map of our sockets"))
    }

    pub(crate) fn serve(&self, netns: u64, served: Served) -> Result<(), RedirectError> {
        lock(&self.served)
            .insert(netns, Record(served), 0)
            .map_err(bpf_error("announcing a listener"))
    }

    /// Forgets a namespace, unless somebody else (the agent's next version) serves it by now.
    pub(crate) fn unserve(&self, netns: u64, served: Served) {
        let mut map = lock(&self.served);
        if map.get(&netns, 0).is_ok_and(|now| now.0 == served)
            && let Err(error) = map.remove(&netns)
        {
            tracing::debug!(%error, "a namespace was not forgotten");
        }
    }

    /// Answers the kernel programs' question whether the agent is there; nothing if there is none.
    pub(crate) fn answer(&self) -> Result<(), RedirectError> {
        lock(&self.moments)
            .set(Moment::Asked as u32, 0, 0)
            .map_err(bpf_error("answering the kernel programs"))
    }

    /// All counters, by name; one that cannot be read is left out.
    pub(crate) fn counters(&self) -> Vec<(&'static str, u64)> {
        COUNTERS
            .iter()
            .filter_map(|(counter, name)| {
                Some((*name, self.counters.get(&(*counter as u32), 0).ok()?))
            })
            .collect()
    }
}

/// A panic elsewhere leaves the map itself whole.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
