//! The ledger against its reference: the same random calls to both, the same answers from both.

use std::time::Duration;

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use tidegate_governance::{
    entity::{Alignment, Window},
    ledger::{Charge, LeaseRef, LeaseRequest, Ledger as _},
    memory::MemoryLedger,
    record::SharedRecorder,
};
use tidegate_store::{RecorderConfig, RecorderHandle, Store};
use tidegate_types::{BudgetId, Clock as _, NodeId, Timestamp};
use uuid::Uuid;

use crate::bed::{Bed, NOON, a_call, at, both, node, usd};

both!(the_store_agrees_with_its_reference);

#[derive(Debug, Clone)]
enum Step {
    Lease {
        budget: usize,
        node: usize,
        cap: i64,
        need: i64,
        want: i64,
        ttl: u64,
    },
    Renew {
        node: usize,
        ttl: u64,
    },
    GiveBack {
        budget: usize,
        node: usize,
        window: prop::sample::Index,
        amount: i64,
    },
    Settle {
        node: usize,
        charges: Vec<(usize, prop::sample::Index, i64)>,
    },
    Wait {
        seconds: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let any_window = any::<prop::sample::Index>;
    let cap = prop_oneof![4 => Just(1_000_i64), 1 => 0..2_000_i64];
    prop_oneof![
        4 => (0..3_usize, 0..2_usize, cap, 0..400_i64, 0..300_i64, 1..90_u64).prop_map(
            |(budget, node, cap, need, want, ttl)| Step::Lease { budget, node, cap, need, want, ttl }
        ),
        1 => (0..2_usize, 1..90_u64).prop_map(|(node, ttl)| Step::Renew { node, ttl }),
        1 => (0..3_usize, 0..2_usize, any_window(), 0..500_i64).prop_map(
            |(budget, node, window, amount)| Step::GiveBack { budget, node, window, amount }
        ),
        3 => (0..2_usize, prop::collection::vec((0..3_usize, any_window(), 0..900_i64), 1..4))
            .prop_map(|(node, charges)| Step::Settle { node, charges }),
        2 => (0..50_u64).prop_map(|seconds| Step::Wait { seconds }),
    ]
}

/// A budget of each alignment, and one with a window so long that it never ends here.
const KINDS: [(Window, Alignment); 3] = [
    (Window::Minute, Alignment::Calendar),
    (Window::Minute, Alignment::FirstUse),
    (Window::Month, Alignment::Calendar),
];

struct Node {
    id: NodeId,
    store: Store,
    recorder: SharedRecorder,
    handle: RecorderHandle,
}

struct Trial<'a> {
    bed: &'a Bed,
    model: MemoryLedger,
    nodes: Vec<Node>,
    budgets: [BudgetId; 3],
    /// Windows seen so far.
    windows: [Vec<Timestamp>; 3],
}

impl Trial<'_> {
    fn window(&self, budget: usize, which: &prop::sample::Index) -> Option<Timestamp> {
        let windows = &self.windows[budget];
        (!windows.is_empty()).then(|| windows[which.index(windows.len())])
    }

    async fn take(&mut self, step: Step) {
        let now = self.bed.clock.now();
        match step {
            Step::Lease {
                budget,
                node,
                cap,
                need,
                want,
                ttl,
            } => {
                let (window, alignment) = KINDS[budget];
                let request = LeaseRequest {
                    budget: self.budgets[budget],
                    cap: usd(cap),
                    window,
                    alignment,
                    node: self.nodes[node].id,
                    need: usd(need),
                    want: usd(want),
                    now,
                    ttl: Duration::from_secs(ttl),
                };
                let expected = self.model.lease(request).await.unwrap();
                let answer = self.nodes[node].store.lease(request).await.unwrap();
                assert_eq!(answer, expected, "{request:?}");
                if !self.windows[budget].contains(&answer.window_start) {
                    self.windows[budget].push(answer.window_start);
                }
            }
            Step::Renew { node, ttl } => {
                let Node { id, store, .. } = &self.nodes[node];
                let leases: Vec<LeaseRef> = (0..3)
                    .flat_map(|budget| {
                        self.windows[budget]
                            .iter()
                            .map(move |start| (budget, *start))
                    })
                    .map(|(at, window_start)| LeaseRef {
                        budget: self.budgets[at],
                        window_start,
                    })
                    .collect();
                let ttl = Duration::from_secs(ttl);
                let mut expected = self
                    .model
                    .renew(*id, leases.clone(), now, ttl)
                    .await
                    .unwrap();
                expected.sort_unstable_by_key(|lease| (lease.budget, lease.window_start));
                assert_eq!(store.renew(*id, leases, now, ttl).await.unwrap(), expected);
            }
            Step::GiveBack {
                budget,
                node,
                window,
                amount,
            } => {
                let Some(window_start) = self.window(budget, &window) else {
                    return;
                };
                let lease = LeaseRef {
                    budget: self.budgets[budget],
                    window_start,
                };
                let Node { id, store, .. } = &self.nodes[node];
                self.model.give_back(*id, lease, usd(amount)).await.unwrap();
                store.give_back(*id, lease, usd(amount)).await.unwrap();
            }
            Step::Settle { node, charges } => self.settle(now, node, charges).await,
            Step::Wait { seconds } => self.bed.clock.advance(Duration::from_secs(seconds)),
        }
    }

    async fn settle(
        &self,
        now: Timestamp,
        node: usize,
        charges: Vec<(usize, prop::sample::Index, i64)>,
    ) {
        let mut call = a_call(now, 0);
        for (budget, window, amount) in charges {
            if let Some(window_start) = self.window(budget, &window) {
                let (budget, amount) = (self.budgets[budget], usd(amount));
                call.charges.push(Charge {
                    budget,
                    window_start,
                    amount,
                });
            }
        }
        let Node {
            id,
            recorder,
            handle,
            ..
        } = &self.nodes[node];
        self.model.commit(*id, &call.charges);
        recorder.record(call);
        handle.flush().await.unwrap();
    }
}

async fn the_store_agrees_with_its_reference(bed: &Bed) {
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let id = node();
        let store = bed.another(id).await;
        let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
        nodes.push(Node {
            id,
            store,
            recorder,
            handle,
        });
    }
    let mut trial = Trial {
        bed,
        model: MemoryLedger::default(),
        nodes,
        budgets: [BudgetId::generate(at(NOON)); 3],
        windows: Default::default(),
    };
    let mut runner = TestRunner::deterministic();
    for case in 0..8_u128 {
        let fresh = |at: u128| BudgetId::from_uuid(Uuid::from_u128(case << 64 | at));
        trial.budgets = [fresh(1), fresh(2), fresh(3)];
        trial.windows = Default::default();
        let steps = prop::collection::vec(step(), 50)
            .new_tree(&mut runner)
            .unwrap()
            .current();
        for step in steps {
            trial.take(step).await;
        }
    }
    let seen = trial.model.windows(trial.budgets[0]).len();
    assert!(seen > 2, "the steps cross windows");
    for node in &trial.nodes {
        node.handle.shutdown().await.unwrap();
    }
}
