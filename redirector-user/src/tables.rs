//! Putting new tables in force: additions first, then the switches, then removals, so that what is in
//! both is governed all the time; when an addition fails, what was added is taken back.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use aya::maps::{MapError, lpm_trie::Key};
use tidegate_redirect::{FailMode, RedirectError, Tables};
use tidegate_redirect_abi::{CANARY, Config, NameKey, name_key};

use crate::{
    bpf_error, descent, linux::Options, maps::TableMaps, own, record::Record, sock_diag::Governed,
};

/// The value of an entry that only has to be there.
const THERE: u32 = 1;
/// How often what runs is looked at for descendants; a process that starts others faster is judged by
/// what it connects to.
const ROUNDS: u32 = 4;

/// The tables as keys. Names that cannot be on the wire are refused before anything is touched.
struct Wanted {
    v4: BTreeSet<[u8; 4]>,
    v6: BTreeSet<[u8; 16]>,
    names: BTreeSet<(usize, Box<NameKey>)>,
    denied: BTreeSet<u32>,
}

impl Wanted {
    fn new(tables: &Tables) -> Result<Self, RedirectError> {
        let mut wanted = Self {
            v4: BTreeSet::from([CANARY]),
            v6: BTreeSet::new(),
            names: BTreeSet::new(),
            denied: tables.denied.iter().copied().collect(),
        };
        for address in &tables.addresses {
            match address.to_canonical() {
                IpAddr::V4(v4) => wanted.v4.insert(v4.octets()),
                IpAddr::V6(v6) => wanted.v6.insert(v6.octets()),
            };
        }
        for name in &tables.names {
            let (key, length) = name_key(name).map_err(|_| {
                RedirectError::Unsupported(format!("`{name}` is not a name that DNS can hold"))
            })?;
            wanted.names.insert((length, Box::new(key)));
        }
        Ok(wanted)
    }
}

/// One addition, so that it can be taken back.
enum Added {
    V4([u8; 4]),
    V6([u8; 16]),
    Name(usize, Box<NameKey>, u32),
    Denied(u32),
}

impl TableMaps {
    /// Puts tables in force.
    pub(crate) fn apply(
        &mut self,
        tables: &Tables,
        options: &Options,
    ) -> Result<(), RedirectError> {
        let wanted = Wanted::new(tables)?;
        let present = self.present().map_err(bpf_error("reading the tables"))?;
        let mut added = Vec::new();
        let result = self
            .add(&wanted, &present, &mut added)
            .and_then(|()| self.switch(tables, options));
        if let Err(error) = result {
            self.take_back(&added);
            return Err(bpf_error("writing the tables")(error));
        }
        let changed = self.decision.replace(tables.decision) != Some(tables.decision);
        self.remove(&wanted, &present)
            .and_then(|()| self.disinherit(&wanted, &present, changed))
            .and_then(|()| self.bequeath(&wanted, &present))
            .map_err(bpf_error("removing what is no longer governed or denied"))
    }

    fn present(&self) -> Result<Present, MapError> {
        let mut names = BTreeMap::new();
        for entry in self.names.iter() {
            let (key, rule) = entry?;
            let bytes = usize::try_from(key.prefix_len() / 8).unwrap_or(0);
            names.insert((bytes, Box::new(key.data())), rule);
        }
        Ok(Present {
            v4: self
                .v4
                .keys()
                .map(|key| Ok(key?.data()))
                .collect::<Result<_, MapError>>()?,
            v6: self
                .v6
                .keys()
                .map(|key| Ok(key?.data()))
                .collect::<Result<_, MapError>>()?,
            names,
            denied: self.denied.keys().collect::<Result<_, _>>()?,
        })
    }

    fn add(
        &mut self,
        wanted: &Wanted,
        present: &Present,
        added: &mut Vec<Added>,
    ) -> Result<(), MapError> {
        for address in wanted.v4.difference(&present.v4) {
            self.v4.insert(&Key::new(32, *address), THERE, 0)?;
            added.push(Added::V4(*address));
        }
        for address in wanted.v6.difference(&present.v6) {
            self.v6.insert(&Key::new(128, *address), THERE, 0)?;
            added.push(Added::V6(*address));
        }
        // A rule's number is never used again while an address may still carry it.
        let mut rule = present.names.values().copied().max().unwrap_or(0);
        for name in &wanted.names {
            if present.names.contains_key(name) {
                continue;
            }
            rule = rule.wrapping_add(1);
            let (length, key) = name;
            self.names
                .insert(&Key::new(bits(*length), **key), rule, 0)?;
            added.push(Added::Name(*length, key.clone(), rule));
        }
        for process in wanted.denied.difference(&present.denied) {
            self.denied.insert(process, THERE, 0)?;
            added.push(Added::Denied(*process));
        }
        Ok(())
    }

    fn switch(&mut self, tables: &Tables, options: &Options) -> Result<(), MapError> {
        let closed = tables.fail == FailMode::Closed;
        let config = Config {
            answer_limit_ns: u64::try_from(options.answer_limit.as_nanos()).unwrap_or(u64::MAX),
            fail_closed: u32::from(closed),
            refuse_quic: u32::from(tables.refuse_quic),
            learn_private: u32::from(options.learn_private),
            backstop: u32::from(closed && tables.backstop),
        };
        self.config.set(0, Record(config), 0)
    }

    /// The addresses that are governed now: the tables' own, and those learned and not expired.
    pub(crate) fn governed(&self) -> Result<Governed, RedirectError> {
        let read = |error| bpf_error("reading the tables")(error);
        let present = self.present().map_err(read)?;
        let mut all: BTreeSet<IpAddr> = present.v4.into_iter().map(IpAddr::from).collect();
        all.extend(present.v6.into_iter().map(IpAddr::from));
        let now = own::boot_ns();
        for entry in self.learned.iter() {
            let (words, learned) = entry.map_err(read)?;
            if learned.0.expires_ns > now {
                let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
                let octets = <[u8; 16]>::try_from(bytes).unwrap_or_default();
                all.insert(IpAddr::from(octets).to_canonical());
            }
        }
        Ok(Governed(all))
    }

    fn take_back(&mut self, added: &[Added]) {
        let mut rules = BTreeSet::new();
        for entry in added {
            let result = match entry {
                Added::V4(address) => self.v4.remove(&Key::new(32, *address)),
                Added::V6(address) => self.v6.remove(&Key::new(128, *address)),
                Added::Name(length, key, rule) => {
                    rules.insert(*rule);
                    self.names.remove(&Key::new(bits(*length), **key))
                }
                Added::Denied(process) => gone_is_fine(self.denied.remove(process)),
            };
            if let Err(error) = result {
                tracing::error!(%error, "an entry of refused tables stays in force");
            }
        }
        if let Err(error) = self.unlearn(&rules) {
            tracing::error!(%error, "addresses of refused tables stay governed until they expire");
        }
    }

    fn remove(&mut self, wanted: &Wanted, present: &Present) -> Result<(), MapError> {
        for address in present.v4.difference(&wanted.v4) {
            self.v4.remove(&Key::new(32, *address))?;
        }
        for address in present.v6.difference(&wanted.v6) {
            self.v6.remove(&Key::new(128, *address))?;
        }
        let mut gone = BTreeSet::new();
        for (name, rule) in &present.names {
            if !wanted.names.contains(name) {
                self.names.remove(&Key::new(bits(name.0), *name.1))?;
                gone.insert(*rule);
            }
        }
        for process in present.denied.difference(&wanted.denied) {
            gone_is_fine(self.denied.remove(process))?;
        }
        self.unlearn(&gone)
    }

    /// Forgets what was denied for its origin's sake only. A root that was there until now and is not
    /// wanted any more was taken off the list, and takes along what it started. One that was not there has
    /// ended by itself, so that what it started stays, as long as the decision does.
    fn disinherit(
        &mut self,
        wanted: &Wanted,
        present: &Present,
        changed: bool,
    ) -> Result<(), MapError> {
        let mut free = Vec::new();
        for entry in self.inherited.iter() {
            let (process, root) = entry?;
            let lifted = changed || present.denied.contains(&root);
            if lifted && !wanted.denied.contains(&root) {
                free.push(process);
            }
        }
        for process in free {
            gone_is_fine(self.inherited.remove(&process))?;
        }
        Ok(())
    }

    /// Denies what newly denied processes have started before. Looked for again until nothing new is
    /// found, since what is not denied yet may start more meanwhile.
    fn bequeath(&mut self, wanted: &Wanted, present: &Present) -> Result<(), MapError> {
        let new: BTreeSet<u32> = wanted.denied.difference(&present.denied).copied().collect();
        // Without the programs nobody would take the entries away again.
        if new.is_empty() || !self.watched {
            return Ok(());
        }
        let mut done = BTreeSet::new();
        for _ in 0..ROUNDS {
            let before = done.len();
            for (process, root) in descent::descendants(&new) {
                if done.insert(process) {
                    if let Err(error) = self.inherited.insert(process.0, root, 0) {
                        // Full: the tables hold all the same, and what does not fit is judged by what it
                        // connects to.
                        tracing::warn!(%error, "not all that a denied process started is denied");
                        return Ok(());
                    }
                    // It may have ended before it was in the table, and its number may be another's.
                    if !descent::runs(process) {
                        gone_is_fine(self.inherited.remove(&process.0))?;
                    }
                }
            }
            if done.len() == before {
                break;
            }
        }
        Ok(())
    }

    /// Forgets the addresses of names that are governed no longer.
    fn unlearn(&mut self, rules: &BTreeSet<u32>) -> Result<(), MapError> {
        if rules.is_empty() {
            return Ok(());
        }
        let mut stale = Vec::new();
        for entry in self.learned.iter() {
            let (address, learned) = entry?;
            if rules.contains(&learned.0.rule) {
                stale.push(address);
            }
        }
        for address in stale {
            // It may have been evicted meanwhile.
            gone_is_fine(self.learned.remove(&address))?;
        }
        Ok(())
    }
}

/// The kernel removes entries too.
fn gone_is_fine(removed: Result<(), MapError>) -> Result<(), MapError> {
    match removed {
        Err(MapError::SyscallError(error))
            if error.io_error.raw_os_error() == Some(libc::ENOENT) =>
        {
            Ok(())
        }
        Err(MapError::KeyNotFound) => Ok(()),
        other => other,
    }
}

/// The tables in force, read back from the maps: they may be another agent's, pinned.
struct Present {
    v4: BTreeSet<[u8; 4]>,
    v6: BTreeSet<[u8; 16]>,
    names: BTreeMap<(usize, Box<NameKey>), u32>,
    denied: BTreeSet<u32>,
}

fn bits(bytes: usize) -> u32 {
    u32::try_from(bytes * 8).unwrap_or(u32::MAX)
}
