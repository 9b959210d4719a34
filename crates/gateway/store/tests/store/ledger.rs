//! The ledger under concurrency: whatever order leases arrive in, they fit the cap.

use std::time::Duration;

use tidegate_governance::{
    entity::{Alignment, Window},
    ledger::{LeaseRef, LeaseRequest, Ledger as _},
};
use tidegate_types::{BudgetId, NodeId};

use crate::bed::{Bed, NOON, at, both, node, usd};

both!(
    a_race_never_passes_the_cap,
    first_use_windows_open_once,
    the_dead_hold_nothing_after_a_restart
);

fn request(budget: BudgetId, node: NodeId) -> LeaseRequest {
    LeaseRequest {
        budget,
        cap: usd(1_000),
        window: Window::Day,
        alignment: Alignment::Calendar,
        node,
        need: usd(7),
        want: usd(5),
        now: at(NOON),
        ttl: Duration::from_secs(60),
    }
}

async fn a_race_never_passes_the_cap(bed: &Bed) {
    let budget = BudgetId::generate(at(NOON));
    let mut racers = Vec::new();
    for racer in 0..4 {
        let store = bed.another(node()).await;
        racers.push(tokio::spawn(async move {
            let node = node();
            let mut granted = 0;
            for turn in 0..40 {
                let grant = store.lease(request(budget, node)).await.unwrap();
                assert!(grant.leased <= usd(1_000));
                granted += grant.granted.micros();
                if (turn + racer) % 5 == 0 && granted >= 3 {
                    let lease = LeaseRef {
                        budget,
                        window_start: grant.window_start,
                    };
                    store.give_back(node, lease, usd(3)).await.unwrap();
                    granted -= 3;
                }
            }
            granted
        }));
    }
    let mut total = 0;
    for racer in racers {
        total += racer.await.unwrap();
    }
    // 160 turns ask for far more than there is: nothing is left that is worth a call, and the
    // store's sum is that of what the racers were told.
    let last = bed.store.lease(LeaseRequest {
        want: usd(0),
        ..request(budget, node())
    });
    let last = last.await.unwrap();
    assert_eq!(last.leased.micros(), total + last.granted.micros());
    assert!((993..=1_000).contains(&last.leased.micros()), "{last:?}");
}

async fn first_use_windows_open_once(bed: &Bed) {
    let budget = BudgetId::generate(at(NOON));
    let mut racers = Vec::new();
    for racer in 0..4 {
        let store = bed.another(node()).await;
        let now = at(NOON + racer);
        let request = LeaseRequest {
            now,
            alignment: Alignment::FirstUse,
            ..request(budget, node())
        };
        racers.push(tokio::spawn(
            async move { store.lease(request).await.unwrap() },
        ));
    }
    let mut starts = Vec::new();
    for racer in racers {
        starts.push(racer.await.unwrap().window_start);
    }
    starts.dedup();
    assert_eq!(starts.len(), 1, "{starts:?}");
}

async fn the_dead_hold_nothing_after_a_restart(bed: &Bed) {
    let budget = BudgetId::generate(at(NOON));
    bed.store.lease(request(budget, node())).await.unwrap();
    // The command line opens the store while the gateway serves: that takes nobody's lease.
    let tool = bed.another(node()).await;
    let held = tool.lease(request(budget, node())).await.unwrap().leased;
    assert_eq!(held, usd(24));

    let next = bed.restarted().await;
    let (_, handle) = next.recorder(Default::default()).await.unwrap();
    let leased = next.lease(request(budget, node())).await.unwrap().leased;
    // On PostgreSQL the leases may be another node's.
    assert_eq!(leased, if bed.is_sqlite() { usd(12) } else { usd(36) });
    handle.shutdown().await.unwrap();
}
