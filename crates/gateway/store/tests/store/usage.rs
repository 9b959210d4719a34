//! Usage over time: sums, groups, buckets, filters.

use tidegate_governance::record::{CacheUse, Outcome, Record};
use tidegate_store::{
    Bucket, Ranked, RecorderConfig, StoreError, TrafficRange, UsageFilter, UsageGroup, UsagePoint,
    UsageQuery,
};
use tidegate_types::{KeyId, TeamId, Timestamp, Usage};

use crate::bed::{Bed, NOON, a_call, at, both, usd};

both!(
    sums_add_up,
    groups_part_them,
    filters_narrow,
    what_the_cache_saved_adds_up,
    questions_have_bounds
);

const HOUR: i64 = 3_600_000_000;

fn query(bucket: Bucket, group_by: UsageGroup) -> UsageQuery {
    let (from, to) = (at(NOON - 24 * HOUR), at(NOON + 48 * HOUR));
    UsageQuery {
        from,
        to,
        bucket,
        group_by,
        filter: UsageFilter::default(),
    }
}

async fn commit(bed: &Bed, calls: Vec<Record>) {
    let (recorder, handle) = bed.store.recorder(RecorderConfig::default()).await.unwrap();
    calls.into_iter().for_each(|call| recorder.record(call));
    handle.shutdown().await.unwrap();
}

async fn what_the_cache_saved_adds_up(bed: &Bed) {
    let red = TeamId::generate(at(NOON));
    let call = |started, team, cache| {
        let mut call = a_call(started, 11);
        (call.row.team, call.row.cache) = (team, cache);
        call
    };
    let calls = vec![
        call(at(NOON), Some(red), Some(CacheUse::Hit(usd(30)))),
        call(at(NOON + HOUR), Some(red), Some(CacheUse::Hit(usd(5)))),
        call(at(NOON), None, Some(CacheUse::Semantic(usd(2)))),
        call(at(NOON), Some(red), Some(CacheUse::Miss)),
        call(at(NOON), Some(red), None),
    ];
    commit(bed, calls).await;
    for (team, expected) in [
        (
            None,
            vec![("hit", 2, 35), ("semantic", 1, 2), ("miss", 1, 0)],
        ),
        (Some(red), vec![("hit", 2, 35), ("miss", 1, 0)]),
    ] {
        // Whole days and hours alone say the same.
        for days in [1, 3] {
            let range = TrafficRange {
                from: at(NOON - 12 * HOUR * (days - 1)),
                to: at(NOON + 12 * HOUR * days),
                team,
            };
            let ranks = bed.store.ranking(range, Ranked::Cache, 5).await.unwrap();
            let found: Vec<_> = ranks
                .iter()
                .map(|rank| (&*rank.name, rank.requests, rank.cost.micros()))
                .collect();
            assert_eq!(found, expected);
        }
    }
}

async fn sums_add_up(bed: &Bed) {
    let usage = Usage {
        input: 1,
        cached: 2,
        cache_write_5m: 3,
        cache_write_1h: 4,
        input_audio: 5,
        output: 60,
        reasoning: 7,
        output_audio: 8,
        output_image: 9,
        ..Usage::default()
    };
    let call = |started, status, outcome| {
        let mut call = a_call(started, 11);
        (call.row.usage, call.row.status, call.row.outcome) = (usage, status, outcome);
        call
    };
    let calls = [
        call(at(NOON), 200, Outcome::Completed),
        call(at(NOON + HOUR - 1), 429, Outcome::Refused),
        call(at(NOON + HOUR), 200, Outcome::UpstreamBroken),
        call(at(NOON + HOUR), 200, Outcome::ClientGone),
        call(at(NOON + 12 * HOUR), 200, Outcome::Completed),
    ];
    // In two batches: the second adds to what the first wrote.
    commit(bed, calls[..1].to_vec()).await;
    commit(bed, calls[1..].to_vec()).await;

    let point = |start: Timestamp, requests: u64, errors: u64| UsagePoint {
        start,
        group: None,
        requests,
        errors,
        input: requests,
        cached: 2 * requests,
        cache_write: 7 * requests,
        output: 60 * requests,
        reasoning: 7 * requests,
        audio: 13 * requests,
        image: 9 * requests,
        cost: usd(11 * requests as i64),
    };
    let hours = bed
        .store
        .usage(query(Bucket::Hour, UsageGroup::None))
        .await
        .unwrap();
    let midnight = at(NOON + 12 * HOUR);
    let expected = [
        point(at(NOON), 2, 1),
        point(at(NOON + HOUR), 2, 1),
        point(midnight, 1, 0),
    ];
    assert_eq!(hours, expected);
    let days = bed
        .store
        .usage(query(Bucket::Day, UsageGroup::None))
        .await
        .unwrap();
    assert_eq!(
        days,
        [point(at(NOON - 12 * HOUR), 4, 2), point(midnight, 1, 0)]
    );
}

/// Three calls: one of a key and its team, one of another model, one that was refused.
async fn three(bed: &Bed) -> (KeyId, TeamId) {
    let (key, team) = (KeyId::generate(at(NOON)), TeamId::generate(at(NOON)));
    let mut ours = a_call(at(NOON), 5);
    (ours.row.key, ours.row.team) = (Some(key), Some(team));
    let mut other = a_call(at(NOON), 7);
    other.row.model = Some("o3".parse().unwrap());
    other.row.operation = "responses";
    let mut refused = a_call(at(NOON), 0);
    (refused.row.model, refused.row.provider) = (None, None);
    commit(bed, vec![ours, other, refused]).await;
    (key, team)
}

async fn groups_part_them(bed: &Bed) {
    let (key, team) = three(bed).await;
    let (key, team) = (key.to_string(), team.to_string());
    for (group_by, expected) in [
        (UsageGroup::Model, vec![("", 0), ("gpt-4o", 5), ("o3", 7)]),
        (UsageGroup::Provider, vec![("", 0), ("openai", 12)]),
        (UsageGroup::Key, vec![("", 7), (&key, 5)]),
        (UsageGroup::Team, vec![("", 7), (&team, 5)]),
        (UsageGroup::User, vec![("", 12)]),
        (
            UsageGroup::Operation,
            vec![("chat.completions", 5), ("responses", 7)],
        ),
        (UsageGroup::None, vec![("", 12)]),
    ] {
        let points = bed.store.usage(query(Bucket::Day, group_by)).await.unwrap();
        let cost = |point: &UsagePoint| (point.group.clone().unwrap_or_default(), point.cost);
        let expected: Vec<_> = expected
            .iter()
            .map(|(g, cost)| (g.to_string(), usd(*cost)))
            .collect();
        assert_eq!(
            points.iter().map(cost).collect::<Vec<_>>(),
            expected,
            "{group_by:?}"
        );
    }
}

async fn filters_narrow(bed: &Bed) {
    let (key, team) = three(bed).await;
    let any = UsageFilter::default;
    for (filter, expected) in [
        (
            UsageFilter {
                key: Some(key),
                ..any()
            },
            5,
        ),
        (
            UsageFilter {
                team: Some(team),
                ..any()
            },
            5,
        ),
        (
            UsageFilter {
                model: "o3".parse().ok(),
                ..any()
            },
            7,
        ),
        (
            UsageFilter {
                provider: "openai".parse().ok(),
                ..any()
            },
            12,
        ),
        (
            UsageFilter {
                operation: Some("responses".into()),
                ..any()
            },
            7,
        ),
        (any(), 12),
    ] {
        let query = UsageQuery {
            filter,
            ..query(Bucket::Day, UsageGroup::None)
        };
        let points = bed.store.usage(query.clone()).await.unwrap();
        let cost: i64 = points.iter().map(|point| point.cost.micros()).sum();
        assert_eq!(cost, expected, "{query:?}");
    }
}

async fn questions_have_bounds(bed: &Bed) {
    let ask = async |from: i64, to: i64, bucket| {
        let (from, to) = (at(from), at(to));
        bed.store
            .usage(UsageQuery {
                from,
                to,
                ..query(bucket, UsageGroup::None)
            })
            .await
    };
    let long = NOON + 10_002 * HOUR;
    assert!(matches!(
        ask(NOON, long, Bucket::Hour).await,
        Err(StoreError::Invalid { .. })
    ));
    assert!(ask(NOON, long, Bucket::Day).await.is_ok());
    let backwards = ask(NOON, NOON - 24 * HOUR, Bucket::Day).await;
    assert!(matches!(backwards, Err(StoreError::Invalid { .. })));
}
