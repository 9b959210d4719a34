//! `kill -9` in the middle of recording: after the restart nothing that was recorded is missing,
//! and the ledger is the sum of the log.

use std::{
    collections::BTreeMap,
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
    sync::Arc,
};

use tidegate_governance::ledger::Charge;
use tidegate_store::{
    Bucket, RecorderConfig, RequestFilter, Store, StoreConfig, UsageFilter, UsageGroup, UsageQuery,
};
use tidegate_types::{BudgetId, ManualClock, RequestId};
use uuid::Uuid;

use crate::{
    bed::{Bed, NOON, a_call, at, both, node, usd},
    recorder::{MONTH, open_window},
};

both!(a_killed_process_loses_nothing);

/// Tells the child where to record; without it the child's test does nothing.
const CHILD: &str = "TIDEGATE_TEST_RECORD_TO";

fn budget() -> BudgetId {
    BudgetId::from_uuid(Uuid::from_u128(77))
}

/// Not a test of its own: what the child process runs until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child_records_until_it_is_killed() {
    let Ok(place) = std::env::var(CHILD) else {
        return;
    };
    let (url, dir) = place.split_once('|').unwrap();
    let clock = Arc::new(ManualClock::at(at(NOON)));
    let config = StoreConfig::new(url).with_journal(dir);
    let store = Store::open(config, clock, node()).await.unwrap();
    // Small, so that memory, the journal and deleted segments all take part.
    let config = RecorderConfig {
        queue: 64,
        max_batch: 16,
        ..RecorderConfig::default()
    };
    let (recorder, _handle) = store.recorder(config).await.unwrap();
    let mut out = std::io::stdout();
    for cost in 1.. {
        let mut call = a_call(at(NOON), cost);
        let amount = usd(cost);
        call.charges.push(Charge {
            budget: budget(),
            window_start: at(MONTH),
            amount,
        });
        let id = call.row.id;
        recorder.record(call);
        // Said only now: from here on it must not be lost.
        writeln!(out, "recorded {id} {cost}").unwrap();
    }
}

/// Runs the child until it has recorded `calls`, kills it, and tells what it said.
fn run_child(bed: &Bed, calls: usize) -> BTreeMap<RequestId, i64> {
    let dir = bed.dir.path().join("killed");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "kill::child_records_until_it_is_killed",
            "--nocapture",
        ])
        .env(CHILD, format!("{}|{}", bed.url, dir.display()))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BTreeMap::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let mut words = line
            .split_whitespace()
            .skip_while(|word| *word != "recorded")
            .skip(1);
        // The line that the kill cuts is not said.
        if let (Some(Ok(id)), Some(Ok(cost))) =
            (words.next().map(str::parse), words.next().map(str::parse))
        {
            said.insert(id, cost);
        }
        if said.len() == calls {
            child.kill().unwrap();
            break;
        }
    }
    assert_eq!(said.len(), calls);
    assert!(!child.wait().unwrap().success());
    said
}

async fn log(store: &Store) -> BTreeMap<RequestId, i64> {
    let (mut log, mut cursor) = (BTreeMap::new(), None);
    loop {
        let page = store
            .requests(RequestFilter::default(), cursor, 1_000)
            .await
            .unwrap();
        log.extend(page.items.iter().map(|row| (row.id, row.cost.micros())));
        cursor = page.next;
        if cursor.is_none() {
            return log;
        }
    }
}

async fn a_killed_process_loses_nothing(bed: &Bed) {
    open_window(&bed.store, budget()).await;
    let mut said = BTreeMap::new();
    // Killed early, in the middle, and after segments were deleted; each start replays.
    for calls in [1, 700, 30_000] {
        said.extend(run_child(bed, calls));
    }
    let config = StoreConfig::new(&bed.url).with_journal(bed.dir.path().join("killed"));
    let store = Store::open(config, bed.clock.clone(), node())
        .await
        .unwrap();
    let (_, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    assert_eq!(handle.depth(), 0, "replayed before anything is served");
    let log = log(&store).await;
    let missing = said.keys().filter(|id| !log.contains_key(id)).count();
    assert_eq!(missing, 0, "of {} said", said.len());
    assert!(said.iter().all(|(id, cost)| log[id] == *cost));
    let sum: i64 = log.values().sum();
    assert_eq!(
        open_window(&store, budget()).await,
        usd(sum),
        "the ledger is the sum of the log"
    );
    let (from, to, bucket) = (at(NOON), at(NOON + 1), Bucket::Day);
    let (group_by, filter) = (UsageGroup::None, UsageFilter::default());
    let usage = store
        .usage(UsageQuery {
            from,
            to,
            bucket,
            group_by,
            filter,
        })
        .await
        .unwrap();
    assert_eq!(
        (usage[0].requests, usage[0].cost),
        (log.len() as u64, usd(sum))
    );
    handle.shutdown().await.unwrap();
}
