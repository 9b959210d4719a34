//! Many tasks on two replicas and a small budget, with a ledger that makes them wait.

use std::sync::atomic::{AtomicI64, Ordering};

use futures::future::BoxFuture;

use super::*;
use crate::ledger::{LeaseGrant, LeaseRef, LeaseRequest, LedgerError};

/// Lets other tasks run before and after each call.
#[derive(Debug)]
struct Yielding(Arc<MemoryLedger>);

impl Ledger for Yielding {
    fn lease(&self, request: LeaseRequest) -> BoxFuture<'_, Result<LeaseGrant, LedgerError>> {
        async move {
            tokio::task::yield_now().await;
            let answer = self.0.lease(request).await;
            tokio::task::yield_now().await;
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
        self.0.renew(node, leases, now, ttl)
    }

    fn give_back(
        &self,
        node: NodeId,
        lease: LeaseRef,
        amount: MicroUsd,
    ) -> BoxFuture<'_, Result<(), LedgerError>> {
        self.0.give_back(node, lease, amount)
    }
}

fn replicas() -> (Arc<MemoryLedger>, Budget, [Arc<Node>; 2]) {
    let shared = Arc::<MemoryLedger>::default();
    let clock = Arc::new(ManualClock::at(START));
    let small = budget(1_000, Window::Hour);
    let budgets = vec![small.clone(), budget(100_000, Window::Day)];
    let governed = Governed {
        keys: vec![key()],
        budgets,
        ..Governed::default()
    };
    let nodes = [(), ()].map(|()| {
        let mut node = Node::new(&clock, &shared, &governed);
        let settings = Settings {
            lease_ttl: TTL,
            when_ledger_fails: FailMode::Closed,
        };
        let ledger = Arc::new(Yielding(Arc::clone(&shared)));
        node.governor = Governor::new(ledger, Arc::clone(&clock) as _, node.id, settings);
        Arc::new(node)
    });
    (shared, small, nodes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_calls_at_once_never_pass_the_cap_by_more_than_their_surprise() {
    for round in 0..10 {
        let (ledger, small, nodes) = replicas();
        let (surprise, total, admitted) = (
            Arc::new(AtomicI64::new(0)),
            Arc::new(AtomicI64::new(0)),
            AtomicI64::new(0),
        );
        let calls = (0..200_i64).map(|i| {
            let node = Arc::clone(&nodes[usize::try_from(i).unwrap() % 2]);
            let (surprise, total) = (Arc::clone(&surprise), Arc::clone(&total));
            tokio::spawn(async move {
                let ask = Ask {
                    model: "m",
                    cost: usd(20),
                    tokens: TokenCount(0),
                };
                let Ok(call) = node.governor.admit(&node.permit(), ask).await else {
                    return 0;
                };
                tokio::task::yield_now().await;
                // From 5 to 29, every third client hangs up before anything was sent.
                let actual = 5 + (i * 7 + round) % 25;
                if i % 3 == 0 {
                    return 0;
                }
                surprise.fetch_add((actual - 20).max(0), Ordering::SeqCst);
                total.fetch_add(actual, Ordering::SeqCst);
                drop(node.settle(call, actual));
                1
            })
        });
        for call in calls.collect::<Vec<_>>() {
            admitted.fetch_add(call.await.unwrap(), Ordering::SeqCst);
        }
        let spent = ledger.spent(small.id, START).micros();
        assert_eq!(spent, total.load(Ordering::SeqCst));
        assert!(spent <= 1_000 + surprise.load(Ordering::SeqCst), "{spent}");
        assert!(
            admitted.load(Ordering::SeqCst) >= 15,
            "most of the budget is usable"
        );
        for node in &nodes {
            node.governor.give_back_all().await;
        }
        assert_eq!(ledger.leased(small.id, START), usd(0), "no hold leaks");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn clients_that_hang_up_at_any_point_leak_nothing() {
    let (ledger, small, nodes) = replicas();
    let calls = (0..300_usize).map(|i| {
        let node = Arc::clone(&nodes[i % 2]);
        tokio::spawn(async move {
            let permit = node.permit();
            let ask = Ask {
                model: "m",
                cost: usd(30),
                tokens: TokenCount(0),
            };
            let hang_up = async {
                for _ in 0..i % 7 {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! {
                biased;
                call = node.governor.admit(&permit, ask) => drop(call),
                () = hang_up => {}
            }
        })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap();
    }
    for node in &nodes {
        node.governor.give_back_all().await;
    }
    assert_eq!(ledger.leased(small.id, START), usd(0));
    let ask = Ask {
        model: "m",
        cost: usd(1_000),
        tokens: TokenCount(0),
    };
    assert!(
        nodes[0]
            .governor
            .admit(&nodes[0].permit(), ask)
            .await
            .is_ok()
    );
}
