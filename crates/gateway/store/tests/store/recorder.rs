//! The recorder: what is recorded is committed once, and charges are never lost.

use std::{fs, sync::Arc, time::Duration};

use tidegate_governance::{
    entity::{Alignment, Window},
    ledger::{Charge, LeaseRequest, Ledger as _},
    record::Record,
};
use tidegate_store::{RecorderConfig, RequestFilter, Store, StoreConfig, StoreError};
use tidegate_types::{BudgetId, MicroUsd};

use crate::bed::{Bed, NOON, a_call, at, both, node, usd};

both!(
    a_call_counts_once,
    a_full_queue_waits_in_the_journal,
    without_a_journal_charges_still_count,
    an_unusable_segment_is_set_aside,
    a_journal_has_one_owner,
    late_calls_wait_for_the_next_start,
);

pub(crate) const CAP: i64 = 1_000_000_000;

pub(crate) async fn open_window(store: &Store, budget: BudgetId) -> MicroUsd {
    let request = LeaseRequest {
        budget,
        cap: usd(CAP),
        window: Window::Month,
        alignment: Alignment::Calendar,
        node: node(),
        need: usd(0),
        want: usd(0),
        now: at(NOON),
        ttl: Duration::from_secs(60),
    };
    store.lease(request).await.unwrap().spent
}

/// The first of the month of `NOON`.
pub(crate) const MONTH: i64 = 1_785_542_400_000_000;

pub(crate) fn charged(budget: BudgetId, cost: i64) -> Record {
    let mut call = a_call(at(NOON), cost);
    call.charges.push(Charge {
        budget,
        window_start: at(MONTH),
        amount: usd(cost),
    });
    call
}

pub(crate) async fn logged(store: &Store) -> usize {
    store
        .requests(RequestFilter::default(), None, 1_000)
        .await
        .unwrap()
        .items
        .len()
}

async fn a_call_counts_once(bed: &Bed) {
    let store = &bed.store;
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    let budget = BudgetId::generate(at(NOON));
    open_window(store, budget).await;
    let call = charged(budget, 25);
    recorder.record(call.clone());
    recorder.record(call.clone());
    handle.flush().await.unwrap();
    recorder.record(call);
    handle.flush().await.unwrap();
    assert_eq!(
        (logged(store).await, open_window(store, budget).await),
        (1, usd(25))
    );
    assert_eq!(
        (handle.depth(), handle.dropped(), handle.committed()),
        (0, 0, 3)
    );
    assert_eq!(handle.lag(), Duration::ZERO);
    handle.shutdown().await.unwrap();
    let left = fs::read_dir(bed.dir.path().join("journal"))
        .unwrap()
        .count();
    assert_eq!(left, 1, "nothing but the lock is left");
}

async fn a_full_queue_waits_in_the_journal(bed: &Bed) {
    let store = &bed.store;
    let config = RecorderConfig {
        queue: 8,
        max_batch: 4,
        ..RecorderConfig::default()
    };
    let (recorder, handle) = store.recorder(config).await.unwrap();
    let budget = BudgetId::generate(at(NOON));
    open_window(store, budget).await;
    for _ in 0..300 {
        recorder.record(charged(budget, 3));
    }
    handle.flush().await.unwrap();
    assert_eq!(
        (logged(store).await, open_window(store, budget).await),
        (300, usd(900))
    );
    assert_eq!((handle.dropped(), handle.committed()), (0, 300));
    handle.shutdown().await.unwrap();
}

async fn without_a_journal_charges_still_count(bed: &Bed) {
    let store = bed.another(node()).await;
    // Nothing is committed until it is asked for: the queue fills for certain.
    let config = RecorderConfig {
        queue: 8,
        max_batch: 100,
        flush_every: Duration::from_secs(3_600),
    };
    let (recorder, handle) = store.recorder(config).await.unwrap();
    let budget = BudgetId::generate(at(NOON));
    open_window(&store, budget).await;
    for _ in 0..20 {
        recorder.record(charged(budget, 3));
    }
    assert_eq!((handle.depth(), handle.dropped()), (8, 12));
    bed.clock.advance(Duration::from_secs(3));
    assert_eq!(handle.lag(), Duration::from_secs(3));
    handle.flush().await.unwrap();
    handle.shutdown().await.unwrap();
    assert_eq!(
        (logged(&store).await, open_window(&store, budget).await),
        (8, usd(60))
    );
}

async fn an_unusable_segment_is_set_aside(bed: &Bed) {
    let store = &bed.store;
    let budget = BudgetId::generate(at(NOON));
    open_window(store, budget).await;
    let journal = bed.dir.path().join("journal");
    // What a killed process leaves: two whole frames, and one that is cut.
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    handle.shutdown().await.unwrap();
    recorder.record(charged(budget, 5));
    recorder.record(charged(budget, 5));
    drop((recorder, handle));
    let segment = journal.join(format!("{:020}.journal", 0));
    let whole = fs::read(&segment).unwrap();
    let mut torn = whole.clone();
    torn.extend_from_slice(&whole[24..60]);
    fs::write(&segment, torn).unwrap();
    // Another one is damaged in its second frame, and a third is not ours at all.
    let mut damaged = whole.clone();
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    fs::write(journal.join(format!("{:020}.journal", 1)), damaged).unwrap();
    fs::write(journal.join(format!("{:020}.journal", 2)), [b'x'; 64]).unwrap();
    fs::write(journal.join(format!("{:020}.journal", 3)), b"tgj").unwrap();

    let next = bed.restarted().await;
    let (_, handle) = next.recorder(RecorderConfig::default()).await.unwrap();
    assert_eq!(
        (logged(store).await, open_window(store, budget).await),
        (2, usd(10))
    );
    handle.shutdown().await.unwrap();
    let mut left: Vec<String> = fs::read_dir(&journal)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort_unstable();
    let aside = |number: u32| format!("{number:020}.damaged");
    assert_eq!(left, [aside(1), aside(2), "lock".into()]);
}

async fn a_journal_has_one_owner(bed: &Bed) {
    let (_recorder, handle) = bed.store.recorder(RecorderConfig::default()).await.unwrap();
    let other = bed.restarted().await;
    let refused = other.recorder(RecorderConfig::default()).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))));
    handle.shutdown().await.unwrap();
}

async fn late_calls_wait_for_the_next_start(bed: &Bed) {
    let budget = BudgetId::generate(at(NOON));
    open_window(&bed.store, budget).await;
    let dir = bed.dir.path().join("late");
    let config = StoreConfig::new(&bed.url).with_journal(&dir);
    let store = Store::open(config.clone(), bed.clock.clone(), node())
        .await
        .unwrap();
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    recorder.record(charged(budget, 5));
    handle.shutdown().await.unwrap();
    recorder.record(charged(budget, 6));
    assert_eq!((logged(&store).await, handle.depth()), (1, 1));
    assert!(handle.flush().await.is_err(), "it has stopped");
    assert_eq!(Arc::strong_count(&recorder), 1);
    drop((recorder, handle, store));
    let next = Store::open(config, bed.clock.clone(), node())
        .await
        .unwrap();
    let (_, handle) = next.recorder(RecorderConfig::default()).await.unwrap();
    assert_eq!(handle.committed(), 1);
    assert_eq!(
        (logged(&next).await, open_window(&next, budget).await),
        (2, usd(11))
    );
    handle.shutdown().await.unwrap();
}
