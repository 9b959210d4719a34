//! Admission end to end on a ledger in memory: scenarios here, a model and races beside them.

mod faults;
mod model;
mod race;
mod scenes;

use futures::FutureExt as _;
use tidegate_types::{BudgetId, KeyHash, KeyId, LimitId, ManualClock, Timestamp};

use super::*;
use crate::{
    entity::{Alignment, Allow, Budget, Governed, RateLimit, Scope, VirtualKey, Window},
    ledger::Charge,
    memory::MemoryLedger,
};

/// 2027-01-15T08:00:00Z: the start of an hour.
const START: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);
const TTL: Duration = Duration::from_secs(12);

fn usd(micros: i64) -> MicroUsd {
    MicroUsd::from_micros(micros)
}

fn key() -> VirtualKey {
    VirtualKey {
        id: KeyId::generate(START),
        name: "k".into(),
        hash: KeyHash::from_bytes([1; 32]),
        hint: String::new(),
        team: None,
        user: None,
        device: None,
        allow: Allow::default(),
        log_content: false,
        created_at: START,
        expires_at: None,
        disabled: false,
        revoked_at: None,
        previous: None,
    }
}

fn budget(cap: i64, window: Window) -> Budget {
    Budget {
        id: BudgetId::generate(START),
        scope: Scope::Organization,
        model: None,
        cap: usd(cap),
        window,
        alignment: Alignment::Calendar,
        created_at: START,
    }
}

fn limit(rpm: Option<u64>, tpm: Option<u64>, concurrency: Option<u64>) -> RateLimit {
    RateLimit {
        id: LimitId::generate(START),
        scope: Scope::Organization,
        model: None,
        requests_per_minute: rpm,
        tokens_per_minute: tpm,
        concurrency,
        created_at: START,
    }
}

/// A replica: a governor, its keyring, and the charges it has not committed yet.
struct Node {
    id: NodeId,
    clock: Arc<ManualClock>,
    ledger: Arc<MemoryLedger>,
    governor: Governor,
    governed: Governed,
    ring: Keyring,
}

impl Node {
    fn new(clock: &Arc<ManualClock>, ledger: &Arc<MemoryLedger>, governed: &Governed) -> Self {
        Self::failing(clock, ledger, governed, FailMode::Closed)
    }

    fn failing(
        clock: &Arc<ManualClock>,
        ledger: &Arc<MemoryLedger>,
        governed: &Governed,
        when_ledger_fails: FailMode,
    ) -> Self {
        let id = NodeId::generate(START);
        let settings = Settings {
            lease_ttl: TTL,
            when_ledger_fails,
        };
        let governor = Governor::new(
            Arc::clone(ledger) as _,
            Arc::clone(clock) as _,
            id,
            settings,
        );
        let dyn_clock: Arc<dyn Clock> = Arc::clone(clock) as _;
        let ring = Keyring::compile(governed, None, &dyn_clock);
        let (clock, ledger) = (Arc::clone(clock), Arc::clone(ledger));
        Self {
            id,
            clock,
            ledger,
            governor,
            governed: governed.clone(),
            ring,
        }
    }

    /// One replica with these budgets and limits and one key.
    fn alone(budgets: Vec<Budget>, limits: Vec<RateLimit>) -> Self {
        let governed = Governed {
            keys: vec![key()],
            budgets,
            limits,
            ..Governed::default()
        };
        let clock = Arc::new(ManualClock::at(START));
        Self::new(&clock, &Arc::default(), &governed)
    }

    fn recompile(&mut self) {
        let clock: Arc<dyn Clock> = Arc::clone(&self.clock) as _;
        self.ring = Keyring::compile(&self.governed, Some(&self.ring), &clock);
    }

    fn permit(&self) -> Permit {
        self.ring
            .authenticate(&self.governed.keys[0].hash, self.clock.now())
            .unwrap()
    }

    /// The ledger in memory answers at once, so admission never waits.
    fn ask(&self, cost: i64, tokens: u64) -> Result<Reservation, Denial> {
        let ask = Ask {
            model: "m",
            cost: usd(cost),
            tokens: TokenCount(tokens),
        };
        self.governor
            .admit(&self.permit(), ask)
            .now_or_never()
            .unwrap()
    }

    fn admit(&self, cost: i64) -> Result<Reservation, Denial> {
        self.ask(cost, 0)
    }

    fn settle(&self, reservation: Reservation, cost: i64) -> SmallVec<[Charge; 4]> {
        let charges = reservation.settle(Actual {
            cost: usd(cost),
            tokens: TokenCount(0),
        });
        self.ledger.commit(self.id, &charges);
        charges
    }

    /// Admits and settles a call that costs what it may cost at most.
    fn spend(&self, cost: i64) {
        let reservation = self.admit(cost).unwrap();
        drop(self.settle(reservation, cost));
    }

    fn maintain(&self) {
        self.governor.maintain(&self.ring).now_or_never().unwrap();
    }

    fn give_back_all(&self) {
        self.governor.give_back_all().now_or_never().unwrap();
    }

    fn leased(&self) -> i64 {
        self.ledger
            .leased(self.governed.budgets[0].id, self.clock.now())
            .micros()
    }

    fn spent(&self, start: Timestamp) -> i64 {
        self.ledger
            .spent(self.governed.budgets[0].id, start)
            .micros()
    }
}

fn spent_in(denial: Result<Reservation, Denial>) -> i64 {
    match denial {
        Err(Denial::Budget { spent, .. }) => spent.micros(),
        other => panic!("{other:?}"),
    }
}
