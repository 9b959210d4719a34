//! Families that a test makes up: clients, numbers that are used again, parents that are gone.

use std::{cell::Cell, collections::BTreeMap};

use proptest::prelude::*;

use super::*;

/// Processes that a test makes up: number, start, parent, client.
#[derive(Default)]
struct World {
    all: BTreeMap<u32, (u64, u32, Option<&'static str>)>,
    asked: Cell<usize>,
}

impl World {
    fn of(all: &[(u32, u64, u32, Option<&'static str>)]) -> Self {
        let all = all
            .iter()
            .map(|&(pid, start, parent, client)| (pid, (start, parent, client)));
        Self {
            all: all.collect(),
            asked: Cell::default(),
        }
    }

    /// A process executes something, as the kernel tells it.
    fn executed(&self, pid: u32) -> Executed {
        let (start, parent, _) = self.all[&pid];
        let above = self.all.get(&parent);
        Executed {
            pid,
            start: Some(StartTime(start)),
            parent: above.map(|(start, ..)| (parent, StartTime(*start))),
        }
    }
}

impl Processes for World {
    fn born(&self, pid: u32) -> Option<(StartTime, u32)> {
        self.asked.set(self.asked.get() + 1);
        let (start, parent, _) = self.all.get(&pid)?;
        Some((StartTime(*start), *parent))
    }

    fn client(&self, pid: u32) -> Option<AppId> {
        self.asked.set(self.asked.get() + 1);
        self.all.get(&pid)?.2.map(|name| name.parse().unwrap())
    }
}

fn client(kin: &mut Kin, world: &World, executed: Executed) -> Option<String> {
    let found = kin.executed(executed, world);
    found.map(|(client, _)| client.to_string())
}

const SHELL: (u32, u64, u32, Option<&str>) = (10, 1, 1, None);
const CODEX: (u32, u64, u32, Option<&str>) = (20, 2, 10, Some("codex"));

#[test]
fn what_a_client_starts_descends_from_it_however_far_down() {
    let world = World::of(&[
        (1, 0, 0, None),
        SHELL,
        CODEX,
        (30, 3, 20, None),
        (31, 4, 30, None),
        (40, 5, 10, None),
        (50, 6, 31, Some("claude-code")),
        (51, 7, 50, None),
    ]);
    let mut kin = Kin::default();
    let mut of = |pid| client(&mut kin, &world, world.executed(pid));
    assert_eq!(of(30).as_deref(), Some("codex"));
    assert_eq!(of(31).as_deref(), Some("codex"));
    assert_eq!(of(51).as_deref(), Some("claude-code"), "the nearest");
    assert_eq!(of(20), None, "who is one descends from none");
    assert_eq!(of(40), None);
    assert_eq!(of(10), None);
}

#[test]
fn another_child_of_a_known_parent_asks_nothing() {
    let world = World::of(&[SHELL, (11, 2, 10, None), (12, 3, 10, None)]);
    let mut kin = Kin::default();
    assert_eq!(client(&mut kin, &world, world.executed(11)), None);
    let before = world.asked.get();
    for _ in 0..100 {
        assert_eq!(client(&mut kin, &world, world.executed(12)), None);
    }
    assert_eq!(world.asked.get(), before);
}

#[test]
fn a_process_that_becomes_a_client_is_one_for_what_it_starts_then() {
    let mut world = World::of(&[SHELL, (30, 3, 10, None), (31, 4, 30, None)]);
    let mut kin = Kin::default();
    assert_eq!(client(&mut kin, &world, world.executed(31)), None);
    world.all.insert(30, (3, 10, Some("codex")));
    assert_eq!(client(&mut kin, &world, world.executed(30)), None);
    assert_eq!(
        client(&mut kin, &world, world.executed(31)).as_deref(),
        Some("codex")
    );
    // And what it becomes after that is none.
    world.all.insert(30, (3, 10, None));
    assert_eq!(client(&mut kin, &world, world.executed(30)), None);
    assert_eq!(client(&mut kin, &world, world.executed(31)), None);
}

/// The client ends, and the first process takes its children over: what is known of them stays.
#[test]
fn a_child_whose_client_has_ended_is_still_its_child() {
    let mut world = World::of(&[(1, 0, 0, None), SHELL, CODEX, (30, 3, 20, None)]);
    let mut kin = Kin::default();
    assert!(client(&mut kin, &world, world.executed(30)).is_some());
    world.all.remove(&20);
    world.all.insert(30, (3, 1, None));
    world.all.insert(31, (9, 30, None));
    assert_eq!(
        client(&mut kin, &world, world.executed(31)).as_deref(),
        Some("codex")
    );
}

#[test]
fn a_number_that_is_used_again_is_another_process() {
    let mut world = World::of(&[SHELL, CODEX, (30, 3, 20, None)]);
    let mut kin = Kin::default();
    assert!(client(&mut kin, &world, world.executed(30)).is_some());
    // Codex has ended, and a shell has its number.
    world.all.insert(20, (50, 10, None));
    world.all.insert(31, (51, 20, None));
    assert_eq!(client(&mut kin, &world, world.executed(31)), None);
    // Told with a parent whose number is another's by now.
    let late = Executed {
        pid: 32,
        start: Some(StartTime(4)),
        parent: Some((40, StartTime(3))),
    };
    world.all.insert(40, (60, 20, Some("codex")));
    assert_eq!(client(&mut kin, &world, late), None);
}

#[test]
fn where_the_kernel_does_not_know_proc_is_asked() {
    let world = World::of(&[SHELL, CODEX, (30, 3, 20, None)]);
    let mut kin = Kin::default();
    let bare = |pid, start: Option<u64>| Executed {
        pid,
        start: start.map(StartTime),
        parent: None,
    };
    assert!(client(&mut kin, &world, bare(30, None)).is_some());
    assert!(client(&mut kin, &world, bare(30, Some(3))).is_some());
    assert_eq!(client(&mut kin, &world, bare(30, Some(4))), None);
    assert_eq!(client(&mut kin, &world, bare(77, None)), None);
}

proptest! {
    /// Whatever is told, also of processes in circles: it ends, is bounded, and says no client that is
    /// nobody's.
    #[test]
    fn anything_may_be_told(
        all in proptest::collection::vec((0_u32..40, 0_u64..3, 0_u32..40, 0_u8..4), 0..60),
        told in proptest::collection::vec((0_u32..40, 0_u64..3, proptest::option::of((0_u32..40, 0_u64..3))), 0..200),
    ) {
        let all: Vec<_> = all
            .into_iter()
            .map(|(pid, start, parent, client)| (pid, start, parent, (client == 0).then_some("codex")))
            .collect();
        let world = World::of(&all);
        let any = world.all.values().any(|(_, _, client)| client.is_some());
        let mut kin = Kin::default();
        for (pid, start, parent) in told {
            let executed = Executed {
                pid,
                start: Some(StartTime(start)),
                parent: parent.map(|(pid, start)| (pid, StartTime(start))),
            };
            let found = client(&mut kin, &world, executed);
            prop_assert!(found.is_none() || any);
        }
    }
}

#[test]
fn what_is_kept_is_bounded() {
    let world = World::of(&[SHELL]);
    let mut kin = Kin::default();
    for pid in 0..3 * MOST as u32 {
        let executed = Executed {
            pid: pid + 100,
            start: Some(StartTime(5)),
            parent: Some((10, StartTime(1))),
        };
        kin.executed(executed, &world);
    }
    assert_eq!(kin.known.len(), MOST);
    kin.forget();
    assert_eq!(kin.known.len(), 0);
}
