//! The rules of the ledger, one by one.

use std::time::Duration;

use super::*;

const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const TTL: Duration = Duration::from_secs(10);

fn usd(micros: i64) -> MicroUsd {
    MicroUsd::from_micros(micros)
}

struct Scene {
    ledger: MemoryLedger,
    budget: BudgetId,
}

impl Scene {
    fn new() -> Self {
        Self {
            ledger: MemoryLedger::default(),
            budget: BudgetId::generate(START),
        }
    }

    fn lease(&self, node: NodeId, need: i64, want: i64, now: Timestamp) -> LeaseGrant {
        let request = LeaseRequest {
            budget: self.budget,
            cap: usd(100),
            window: Window::Hour,
            alignment: crate::entity::Alignment::Calendar,
            node,
            need: usd(need),
            want: usd(want),
            now,
            ttl: TTL,
        };
        self.ledger.lease(request).now_or_never().unwrap().unwrap()
    }

    fn charge(&self, node: NodeId, amount: i64) {
        let charge = Charge {
            budget: self.budget,
            window_start: START,
            amount: usd(amount),
        };
        self.ledger.commit(node, &[charge]);
    }

    fn named(&self) -> LeaseRef {
        LeaseRef {
            budget: self.budget,
            window_start: START,
        }
    }

    fn renew(&self, node: NodeId, now: Timestamp) -> bool {
        let named = vec![self.named()];
        let held = self
            .ledger
            .renew(node, named, now, TTL)
            .now_or_never()
            .unwrap();
        !held.unwrap().is_empty()
    }
}

#[test]
fn a_grant_is_need_and_as_much_of_want_as_is_left_or_nothing() {
    let (scene, one, two) = (
        Scene::new(),
        NodeId::generate(START),
        NodeId::generate(START),
    );
    let grant = scene.lease(one, 30, 20, START);
    assert_eq!(
        (grant.granted, grant.spent, grant.leased),
        (usd(50), usd(0), usd(50))
    );
    assert_eq!(
        grant.window_start.until(grant.window_end),
        Duration::from_secs(3_600)
    );
    assert_eq!(scene.lease(two, 40, 20, START).granted, usd(50));
    assert_eq!(scene.lease(two, 1, 0, START).granted, usd(0));
    scene.charge(one, 20);
    let grant = scene.lease(two, 1, 0, START);
    assert_eq!(
        (grant.granted, grant.spent, grant.leased),
        (usd(0), usd(20), usd(80))
    );
}

#[test]
fn a_lease_expires_unless_renewed_and_is_not_revived() {
    let (scene, one, two) = (
        Scene::new(),
        NodeId::generate(START),
        NodeId::generate(START),
    );
    scene.lease(one, 60, 0, START);
    let half = START.plus(TTL / 2);
    assert!(scene.renew(one, half));
    assert_eq!(scene.lease(two, 41, 0, START.plus(TTL)).granted, usd(0));
    let end = half.plus(TTL);
    assert!(!scene.renew(one, end) && !scene.renew(two, end));
    assert_eq!(scene.ledger.leased(scene.budget, end), usd(0));
    assert_eq!(scene.lease(two, 100, 0, end).granted, usd(100));
}

#[test]
fn a_row_may_be_negative_and_then_counts_as_nothing() {
    let (scene, one, two) = (
        Scene::new(),
        NodeId::generate(START),
        NodeId::generate(START),
    );
    scene.lease(one, 10, 0, START);
    scene.charge(one, 30);
    assert_eq!(scene.ledger.leased(scene.budget, START), usd(0));
    assert_eq!(scene.lease(two, 71, 0, START).granted, usd(0));
    // The shortfall is in `spent` already: covering it takes nothing from what is left.
    let grant = scene.lease(one, 20 + 70, 0, START);
    assert_eq!((grant.granted, grant.leased), (usd(90), usd(70)));
}

#[test]
fn a_return_never_takes_a_row_below_nothing() {
    let (scene, one) = (Scene::new(), NodeId::generate(START));
    scene.lease(one, 10, 0, START);
    let give = |amount| {
        scene
            .ledger
            .give_back(one, scene.named(), usd(amount))
            .now_or_never()
            .unwrap()
            .unwrap();
    };
    give(4);
    assert_eq!(scene.ledger.leased(scene.budget, START), usd(6));
    give(50);
    assert_eq!(scene.lease(one, 100, 0, START).granted, usd(100));
}

#[test]
fn a_charge_to_a_window_nobody_opened_counts_when_it_is() {
    let (scene, one) = (Scene::new(), NodeId::generate(START));
    scene.charge(one, 130);
    assert_eq!(scene.lease(one, 1, 0, START).spent, usd(130));
    let later = START.plus(Duration::from_secs(3_600));
    assert_eq!(scene.lease(one, 70, 0, later).granted, usd(70));
    assert_eq!(scene.ledger.debt(scene.budget, later), usd(30));
    // A late charge raises the debt of the window that follows.
    scene.charge(one, 5);
    assert_eq!(scene.ledger.debt(scene.budget, later), usd(35));
    assert_eq!(scene.ledger.windows(scene.budget), [START, later]);
}
