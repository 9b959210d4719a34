//! Random schedules over one to three replicas that share a ledger, against plain sums.
//!
//! What must hold, for every window of every budget: what was settled in it stays within the cap
//! plus what calls cost beyond their reservation. A call whose replica lost its lease while the
//! call was in flight counts as reserved with nothing; without faults there is none.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{memory::Fault, window};

/// How long a failure of the ledger is remembered.
const MOMENT: Duration = Duration::from_millis(250);

#[derive(Debug, Clone)]
enum Step {
    Admit {
        node: usize,
        cost: i64,
    },
    Settle {
        call: usize,
        percent: i64,
    },
    Drop {
        call: usize,
    },
    /// In thirds of a lease's life, with upkeep after each.
    Pass {
        thirds: u32,
    },
    /// Time passes with no upkeep by this node, as if it hung.
    Hang {
        node: usize,
        seconds: u64,
    },
    Crash {
        node: usize,
    },
    Fault(Fault),
}

fn steps(faulty: bool) -> impl Strategy<Value = Vec<Step>> {
    let faults = if faulty { 1 } else { 0 };
    let fault = prop::sample::select(vec![Fault::AnswerLost, Fault::None, Fault::Unreachable]);
    let step = prop_oneof![
        40 => (0..3_usize, prop_oneof![1 => Just(0), 9 => 1..120_i64])
            .prop_map(|(node, cost)| Step::Admit { node, cost }),
        25 => (0..50_usize, 0..180_i64).prop_map(|(call, percent)| Step::Settle { call, percent }),
        8 => (0..50_usize).prop_map(|call| Step::Drop { call }),
        8 => (1..8_u32).prop_map(|thirds| Step::Pass { thirds }),
        2 => (0..3_usize).prop_map(|node| Step::Crash { node }),
        faults * 5 => (0..3_usize, 0..30_u64).prop_map(|(node, seconds)| Step::Hang { node, seconds }),
        faults * 10 => fault.prop_map(Step::Fault),
    ];
    prop::collection::vec(step, 1..120)
}

struct Call {
    node: usize,
    reservation: Reservation,
    reserved: i64,
    /// The store keeps its lease at least until then.
    covered_until: Timestamp,
    covered: bool,
}

/// The sums: by budget and window.
#[derive(Default)]
struct Sums {
    settled: BTreeMap<(BudgetId, Timestamp), i64>,
    surprise: BTreeMap<(BudgetId, Timestamp), i64>,
    /// Windows whose debt rose after they were opened, and may have been spent already.
    raised: BTreeSet<(BudgetId, Timestamp)>,
}

struct World {
    clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    nodes: Vec<Node>,
    calls: Vec<Call>,
    sums: Sums,
    /// When a call may last have met a fault.
    fault_seen: Option<Timestamp>,
    fault: Fault,
    crashed: bool,
    disturbed: bool,
}

impl World {
    fn new(nodes: usize, caps: (i64, i64), alignment: Alignment) -> Self {
        let hourly = Budget {
            alignment,
            ..budget(caps.0, Window::Minute)
        };
        let budgets = vec![hourly, budget(caps.1, Window::Hour)];
        let governed = Governed {
            keys: vec![key()],
            budgets,
            ..Governed::default()
        };
        let clock = Arc::new(ManualClock::at(START));
        let ledger = Arc::default();
        let nodes = (0..nodes)
            .map(|_| Node::new(&clock, &ledger, &governed))
            .collect();
        let (calls, sums) = (Vec::new(), Sums::default());
        let (fault, fault_seen) = (Fault::None, None);
        Self {
            clock,
            ledger,
            nodes,
            calls,
            sums,
            fault_seen,
            fault,
            crashed: false,
            disturbed: false,
        }
    }

    fn budgets(&self) -> Vec<Budget> {
        self.nodes[0].governed.budgets.clone()
    }

    fn run(&mut self, step: &Step) {
        if self.fault != Fault::None {
            self.fault_seen = Some(self.clock.now());
        }
        match *step {
            Step::Admit { node, cost } => self.admit(node % self.nodes.len(), cost),
            Step::Settle { call, percent } if !self.calls.is_empty() => {
                let call = self.calls.swap_remove(call % self.calls.len());
                self.settle(call, percent);
            }
            Step::Drop { call } if !self.calls.is_empty() => {
                drop(self.calls.swap_remove(call % self.calls.len()));
            }
            Step::Settle { .. } | Step::Drop { .. } => {}
            Step::Pass { thirds } => (0..thirds).for_each(|_| self.pass(TTL / 3, None)),
            Step::Hang { node, seconds } => {
                self.disturbed = true;
                let hung = Some(node % self.nodes.len());
                (0..seconds).for_each(|_| self.pass(Duration::from_secs(1), hung));
            }
            Step::Crash { node } => self.crash(node % self.nodes.len()),
            Step::Fault(fault) => {
                self.disturbed = true;
                self.fault = fault;
                self.ledger.set_fault(fault);
            }
        }
    }

    fn admit(&mut self, index: usize, cost: i64) {
        let node = &self.nodes[index];
        match node.admit(cost) {
            Ok(reservation) => self.calls.push(Call {
                node: index,
                reservation,
                reserved: cost,
                covered_until: self.clock.now().plus(TTL / 4),
                covered: true,
            }),
            Err(Denial::LedgerUnavailable) => {
                let failed = self.fault_seen.map(|at| at.until(self.clock.now()));
                assert!(
                    failed.is_some_and(|ago| ago < MOMENT),
                    "it failed a moment ago"
                );
            }
            Err(Denial::Budget { budget, .. }) => self.justify(budget, cost),
            Err(other) => panic!("{other}"),
        }
    }

    /// One replica alone knows all, and refuses only what does not fit; unless the ledger granted
    /// what the replica never heard of, or a lease ran out under calls in flight.
    fn justify(&self, budget: BudgetId, cost: i64) {
        if self.nodes.len() > 1 || self.crashed || self.disturbed {
            return;
        }
        let Some(&start) = self.ledger.windows(budget).last() else {
            panic!("refused unasked")
        };
        let index = usize::from(self.budgets()[1].id == budget);
        let holds = self.calls.iter().filter(|call| {
            call.reservation
                .budgets
                .iter()
                .any(|(i, stub)| *i == index && stub.window_start == start)
        });
        let held: i64 = if cost == 0 {
            0
        } else {
            holds.map(|call| call.reserved).sum()
        };
        let left =
            self.budgets()[index].cap.micros() - self.ledger.spent(budget, start).micros() - held;
        assert!(cost.max(1) > left, "refused {cost} with {left} left");
    }

    fn settle(&mut self, call: Call, percent: i64) {
        let actual = call.reserved * percent / 100;
        let reserved = if call.covered { call.reserved } else { 0 };
        for charge in self.nodes[call.node].settle(call.reservation, actual) {
            let window = (charge.budget, charge.window_start);
            *self.sums.settled.entry(window).or_default() += actual;
            *self.sums.surprise.entry(window).or_default() += (actual - reserved).max(0);
            let later = self.ledger.windows(charge.budget);
            let later = later
                .into_iter()
                .filter(|&start| start > charge.window_start);
            self.sums
                .raised
                .extend(later.map(|start| (charge.budget, start)));
        }
    }

    fn pass(&mut self, time: Duration, hung: Option<usize>) {
        self.clock.advance(time);
        let now = self.clock.now();
        for call in &mut self.calls {
            call.covered &= now < call.covered_until;
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if hung == Some(index) {
                continue;
            }
            node.maintain();
            if self.fault == Fault::None {
                let own = self.calls.iter_mut().filter(|call| call.node == index);
                own.for_each(|call| call.covered_until = now.plus(TTL));
            }
        }
    }

    /// The process is gone with its calls; another takes its place under another id. What it had
    /// settled was committed, what it had leased is the store's to reclaim.
    fn crash(&mut self, index: usize) {
        self.crashed = true;
        self.nodes[index] = Node::new(&self.clock, &self.ledger, &self.nodes[index].governed);
        self.calls.retain(|call| call.node != index);
    }

    /// The invariant, and the ledger against the sums.
    fn check(&self) {
        for budget in self.budgets() {
            let cap = budget.cap.micros();
            let mut before: Option<(Timestamp, i64)> = None;
            for start in self.ledger.windows(budget.id) {
                let key = (budget.id, start);
                let sum = |of: &BTreeMap<_, i64>| of.get(&key).copied().unwrap_or_default();
                let (settled, surprise) = (sum(&self.sums.settled), sum(&self.sums.surprise));
                let debt = before.map_or(0, |(end, spent)| {
                    let idle =
                        window::carried_debt(budget.window, usd(cap), usd(spent), end, start);
                    idle.micros()
                });
                assert_eq!(
                    self.ledger.debt(budget.id, start),
                    usd(debt),
                    "debt is carried"
                );
                assert_eq!(
                    self.ledger.spent(budget.id, start),
                    usd(debt + settled),
                    "all is kept"
                );
                assert!(settled <= cap + surprise, "{settled} of {cap} + {surprise}");
                if !self.sums.raised.contains(&key) {
                    assert!(
                        settled <= (cap - debt).max(0) + surprise,
                        "debt {debt} is withheld"
                    );
                }
                let (_, end) = window::bounds(budget.window, budget.alignment, Some(start), start);
                before = Some((end, debt + settled));
            }
        }
    }

    fn finish(&mut self, faulty: bool) {
        self.run(&Step::Fault(Fault::None));
        while let Some(call) = self.calls.pop() {
            self.settle(call, 100);
        }
        if faulty {
            // A call tells each node which window it is; what is in doubt goes back after a
            // period of rest.
            self.clock.advance(MOMENT);
            self.nodes.iter().for_each(|node| drop(node.admit(1)));
            self.pass(Duration::ZERO, None);
            self.pass(Duration::ZERO, None);
        }
        self.nodes.iter().for_each(Node::give_back_all);
        if self.crashed {
            self.clock.advance(TTL);
        }
        for budget in self.budgets() {
            assert_eq!(
                self.ledger.leased(budget.id, self.clock.now()),
                usd(0),
                "no lease leaks"
            );
        }
    }
}

fn play(nodes: usize, caps: (i64, i64), first_use: bool, steps: &[Step], faulty: bool) {
    let alignment = if first_use {
        Alignment::FirstUse
    } else {
        Alignment::Calendar
    };
    let mut world = World::new(nodes, caps, alignment);
    for step in steps {
        world.run(step);
        world.check();
    }
    world.finish(faulty);
    world.check();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn budgets_hold_while_the_ledger_works(
        nodes in 1..=3_usize,
        caps in (50..2_000_i64, 100..5_000_i64),
        first_use: bool,
        steps in steps(false),
    ) {
        play(nodes, caps, first_use, &steps, false);
    }

    #[test]
    fn budgets_hold_through_faults(
        nodes in 1..=3_usize,
        caps in (50..2_000_i64, 100..5_000_i64),
        first_use: bool,
        steps in steps(true),
    ) {
        play(nodes, caps, first_use, &steps, true);
    }
}
