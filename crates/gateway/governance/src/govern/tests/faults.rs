//! Scenes in which the ledger fails, answers get lost, leases run out and clients go away.

use std::{future::poll_fn, pin::pin, task::Poll};

use futures::{channel::oneshot, future::BoxFuture};

use super::*;
use crate::{
    ledger::{LeaseGrant, LeaseRef, LeaseRequest, LedgerError},
    memory::Fault,
};

#[test]
fn closed_leases_serve_until_their_deadline_and_not_after() {
    let node = Node::alone(vec![budget(1_000, Window::Hour)], vec![]);
    drop(node.admit(100).unwrap());
    node.ledger.set_fault(Fault::Unreachable);
    node.spend(50);
    node.clock.advance(TTL / 4 * 3 - Duration::from_millis(1));
    node.spend(50);
    node.clock.advance(Duration::from_millis(1));
    assert_eq!(node.admit(1).unwrap_err(), Denial::LedgerUnavailable);
    let calls = node.ledger.calls();
    assert_eq!(node.admit(1).unwrap_err(), Denial::LedgerUnavailable);
    assert_eq!(
        node.ledger.calls(),
        calls,
        "a failure is remembered for a moment"
    );
    node.ledger.set_fault(Fault::None);
    node.clock.advance(Duration::from_millis(250));
    node.spend(900);
    assert_eq!(node.spent(START), 1_000);
}

#[test]
fn open_calls_pass_and_are_charged_past_the_cap() {
    let governed = Governed {
        keys: vec![key()],
        budgets: vec![budget(100, Window::Hour)],
        ..Governed::default()
    };
    let clock = Arc::new(ManualClock::at(START));
    let node = Node::failing(&clock, &Arc::default(), &governed, FailMode::Open);
    node.ledger.set_fault(Fault::Unreachable);
    for _ in 0..3 {
        node.spend(60);
    }
    node.ledger.set_fault(Fault::None);
    clock.advance(Duration::from_millis(250));
    assert_eq!(spent_in(node.admit(1)), 180);
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(spent_in(node.admit(21)), 80);
    assert!(node.admit(20).is_ok());
}

#[test]
fn a_lease_that_ran_out_is_not_spent_and_its_calls_are_covered_anew() {
    let governed = Governed {
        keys: vec![key()],
        budgets: vec![budget(100, Window::Hour)],
        ..Governed::default()
    };
    let (clock, ledger) = (Arc::new(ManualClock::at(START)), Arc::default());
    let [one, two] = [(), ()].map(|()| Node::new(&clock, &ledger, &governed));
    let call = one.admit(30).unwrap();
    clock.advance(TTL);
    // The store has forgotten the lease. The call in flight must be covered before a new one.
    assert!(one.admit(71).is_err());
    clock.advance(Duration::from_millis(250));
    let next = one.admit(70).unwrap();
    assert!(two.admit(1).is_err());
    drop(one.settle(call, 30));
    drop(one.settle(next, 70));
    assert_eq!(one.spent(START), 100);
    assert!(one.admit(1).is_err());
}

#[test]
fn a_grant_whose_answer_was_lost_goes_back_when_the_budget_rests() {
    let node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
    node.ledger.set_fault(Fault::AnswerLost);
    assert_eq!(node.admit(40).unwrap_err(), Denial::LedgerUnavailable);
    assert!(node.leased() >= 40);
    node.ledger.set_fault(Fault::None);
    node.clock.advance(Duration::from_millis(250));
    drop(node.admit(10).unwrap());
    node.maintain();
    assert!(node.leased() >= 40, "not while the budget is in use");
    node.maintain();
    assert_eq!(node.leased(), 0);
    // A return whose answer was lost is not made twice while money is in use.
    node.clock.advance(Duration::from_millis(250));
    drop(node.admit(10).unwrap());
    node.ledger.set_fault(Fault::AnswerLost);
    node.give_back_all();
    node.ledger.set_fault(Fault::None);
    node.clock.advance(Duration::from_millis(250));
    let call = node.admit(100).unwrap();
    node.maintain();
    assert_eq!(node.leased(), 100);
    drop(node.settle(call, 100));
}

#[test]
fn debt_is_covered_whether_its_charge_comes_before_the_next_lease_or_after() {
    for charge_first in [true, false] {
        let node = Node::alone(vec![budget(100, Window::Hour)], vec![]);
        let call = node.admit(10).unwrap();
        node.give_back_all();
        let charges = call.settle(Actual {
            cost: usd(35),
            tokens: TokenCount(0),
        });
        if charge_first {
            node.ledger.commit(node.id, &charges);
        }
        assert!(node.admit(66).is_err());
        let next = node.admit(65).unwrap();
        if !charge_first {
            node.ledger.commit(node.id, &charges);
        }
        assert_eq!((node.spent(START), node.leased()), (35, 65));
        drop(node.settle(next, 65));
        node.give_back_all();
        assert_eq!((node.spent(START), node.leased()), (100, 0));
    }
}

/// A ledger whose leases wait until a test lets them through.
#[derive(Debug)]
struct Gate {
    inner: Arc<MemoryLedger>,
    gates: std::sync::Mutex<Vec<oneshot::Receiver<()>>>,
}

impl Ledger for Gate {
    fn lease(&self, request: LeaseRequest) -> BoxFuture<'_, Result<LeaseGrant, LedgerError>> {
        let gate = self.gates.lock().unwrap().pop();
        async move {
            let answer = self.inner.lease(request).await;
            if let Some(gate) = gate {
                gate.await.unwrap();
            }
            answer
        }
        .boxed()
    }

    fn renew(
        &self,
        node: NodeId,
        leases: Vec<LeaseRef>,
        now: Timestamp,
        ttl: Duration,
    ) -> BoxFuture<'_, Result<Vec<LeaseRef>, LedgerError>> {
        self.inner.renew(node, leases, now, ttl)
    }

    fn give_back(
        &self,
        node: NodeId,
        lease: LeaseRef,
        amount: MicroUsd,
    ) -> BoxFuture<'_, Result<(), LedgerError>> {
        self.inner.give_back(node, lease, amount)
    }
}

#[tokio::test]
async fn a_client_that_goes_away_during_a_trip_leaks_nothing() {
    let (open, gate) = oneshot::channel();
    let mut node = Node::alone(
        vec![budget(100, Window::Hour)],
        vec![limit(None, None, Some(1))],
    );
    let inner = Arc::clone(&node.ledger);
    let ledger = Gate {
        inner,
        gates: std::sync::Mutex::new(vec![gate]),
    };
    let settings = Settings {
        lease_ttl: TTL,
        when_ledger_fails: FailMode::Closed,
    };
    let clock = Arc::clone(&node.clock);
    node.governor = Governor::new(Arc::new(ledger), clock, node.id, settings);
    {
        let permit = node.permit();
        let ask = Ask {
            model: "",
            cost: usd(60),
            tokens: TokenCount(0),
        };
        let mut call = pin!(node.governor.admit(&permit, ask));
        poll_fn(|cx| {
            assert!(call.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        // The store has granted, the answer is on its way, and the client hangs up.
    }
    assert!(node.leased() >= 60);
    open.send(()).unwrap();
    node.maintain();
    assert_eq!(node.leased(), 0);
    // The concurrency slot is free again, and so is the money.
    drop(node.admit(100).unwrap());
}
