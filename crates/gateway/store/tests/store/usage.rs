//! Usage over time: sums, groups, buckets, filters.

use tidegate_governance::record::{Outcome, Record};
use tidegate_store::{
    Bucket, RecorderConfig, StoreError, UsageFilter, UsageGroup, UsagePoint, UsageQuery,
};
use tidegate_types::{KeyId, TeamId, Timestamp, Usage};

use crate::bed::{Bed, NOON, a_call, at, both, usd};

both!(
    sums_add_up,
    groups_and_filters_part_them,
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
    let calls = vec![
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

async fn groups_and_filters_part_them(bed: &Bed) {
    let (key, team) = (KeyId::generate(at(NOON)), TeamId::generate(at(NOON)));
    let mut ours = a_call(at(NOON), 5);
    (ours.row.key, ours.row.team) = (Some(key), Some(team));
    let mut other = a_call(at(NOON), 7);
    other.row.model = Some("o3".parse().unwrap());
    other.row.operation = "responses";
    let mut refused = a_call(at(NOON), 0);
    (refused.row.model, refused.row.provider) = (None, None);
    commit(bed, vec![ours, other, refused]).await;

    let groups = async |group_by| {
        let points = bed.store.usage(query(Bucket::Day, group_by)).await.unwrap();
        let cost = |point: UsagePoint| (point.group.unwrap_or_default(), point.cost.micros());
        points.into_iter().map(cost).collect::<Vec<_>>()
    };
    let named = |group: &str, cost| (group.to_owned(), cost);
    let models = [named("", 0), named("gpt-4o", 5), named("o3", 7)];
    assert_eq!(groups(UsageGroup::Model).await, models);
    assert_eq!(
        groups(UsageGroup::Provider).await,
        [named("", 0), named("openai", 12)]
    );
    assert_eq!(
        groups(UsageGroup::Key).await,
        [named("", 7), named(&key.to_string(), 5)]
    );
    assert_eq!(
        groups(UsageGroup::Team).await,
        [named("", 7), named(&team.to_string(), 5)]
    );
    assert_eq!(groups(UsageGroup::User).await, [named("", 12)]);
    let operations = [named("chat.completions", 5), named("responses", 7)];
    assert_eq!(groups(UsageGroup::Operation).await, operations);

    let cost = async |filter: UsageFilter| {
        let query = UsageQuery {
            filter,
            ..query(Bucket::Day, UsageGroup::None)
        };
        bed.store
            .usage(query)
            .await
            .unwrap()
            .iter()
            .map(|point| point.cost.micros())
            .sum::<i64>()
    };
    let any = UsageFilter::default;
    assert_eq!(
        cost(UsageFilter {
            key: Some(key),
            ..any()
        })
        .await,
        5
    );
    assert_eq!(
        cost(UsageFilter {
            team: Some(team),
            ..any()
        })
        .await,
        5
    );
    assert_eq!(
        cost(UsageFilter {
            model: Some("o3".parse().unwrap()),
            ..any()
        })
        .await,
        7
    );
    assert_eq!(
        cost(UsageFilter {
            provider: Some("openai".parse().unwrap()),
            ..any()
        })
        .await,
        12
    );
    assert_eq!(
        cost(UsageFilter {
            operation: Some("responses".into()),
            ..any()
        })
        .await,
        7
    );
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
