//! The request log: what comes back, what filters find, and what retention deletes.

use std::time::Duration;

use tidegate_governance::record::{CacheUse, Content, CostBasis, EdgeRow, Outcome, Record};
use tidegate_store::{
    LoggedRequest, RecorderConfig, RequestFilter, StatusClass, Store, StoreError, StoredContent,
};
use tidegate_types::{DeviceId, KeyId, RequestId, ServiceTier, TeamId, Usage, UsageSource, UserId};

use crate::bed::{Bed, NOON, a_call, at, both, usd};

both!(
    a_row_comes_back_whole,
    filters_narrow,
    pages_follow_time,
    old_rows_go_in_slices
);

async fn commit(store: &Store, calls: Vec<Record>) {
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    calls.into_iter().for_each(|call| recorder.record(call));
    handle.shutdown().await.unwrap();
}

fn full() -> Record {
    let mut call = a_call(at(NOON + 3), 123);
    call.row.key = Some(KeyId::generate(at(NOON)));
    call.row.team = Some(TeamId::generate(at(NOON)));
    call.row.user = Some(UserId::generate(at(NOON)));
    call.row.usage = Usage {
        input: 1,
        cached: 2,
        cache_write_5m: 3,
        cache_write_1h: 4,
        input_audio: 5,
        output: 6,
        reasoning: 7,
        output_audio: 8,
        output_image: 9,
        web_searches: u64::MAX,
        tier: ServiceTier::Batch,
        source: UsageSource::Partial,
    };
    let (prompt, answer) = (b"{\"a\":0}".to_vec(), vec![0, 255, 7]);
    call.row.content = Some(Box::new(Content { prompt, answer }));
    let device = DeviceId::from_parts(at(NOON), 1);
    let host = "api.anthropic.com";
    let edge = EdgeRow::new(device, "claude-code", "ada", "/usr/bin/claude", host);
    call.row.edge = Some(Box::new(edge));
    call.row.cache = Some(CacheUse::Hit(usd(9)));
    call.row.shadow_of = Some(call.row.id.shadow());
    call
}

fn refused() -> Record {
    let mut call = a_call(at(NOON + 2_000_000), 0);
    let row = &mut call.row;
    (row.status, row.code, row.outcome) = (429, Some("budget_exceeded"), Outcome::Refused);
    (row.cost_basis, row.streamed, row.ttft_us) = (CostBasis::Free, false, None);
    (row.provider, row.model, row.trace_id) = (None, None, None);
    row.operation = "messages";
    row.usage = Usage::default();
    call
}

async fn a_row_comes_back_whole(bed: &Bed) {
    let (full, refused) = (full(), refused());
    commit(&bed.store, vec![full.clone(), refused.clone()]).await;
    let (row, content) = bed.store.request(full.row.id).await.unwrap();
    let given = full.row;
    // What a column cannot hold is held at its end.
    let usage = Usage {
        web_searches: i64::MAX as u64,
        ..given.usage
    };
    let expected = LoggedRequest {
        id: given.id,
        started_at: given.started_at,
        duration_us: given.duration_us,
        overhead_us: given.overhead_us,
        ttft_us: given.ttft_us,
        key: given.key,
        team: given.team,
        user: given.user,
        operation: "chat.completions".into(),
        provider: given.provider,
        model: given.model,
        status: 200,
        code: None,
        outcome: Outcome::Completed,
        streamed: true,
        usage,
        cost: usd(123),
        cost_basis: CostBasis::Priced,
        request_bytes: 500,
        response_bytes: 900,
        trace_id: Some([7; 16]),
        has_content: true,
        edge: given.edge.map(|edge| *edge),
        cache: given.cache,
        shadow_of: Some(given.id.shadow()),
    };
    assert_eq!(row, expected);
    let kept = StoredContent {
        prompt: b"{\"a\":0}".to_vec(),
        answer: vec![0, 255, 7],
    };
    assert_eq!(content, Some(kept));
    let (row, content) = bed.store.request(refused.row.id).await.unwrap();
    assert_eq!(
        (row.status, row.code.as_deref()),
        (429, Some("budget_exceeded"))
    );
    assert_eq!(
        (row.outcome, row.provider, row.ttft_us),
        (Outcome::Refused, None, None)
    );
    assert_eq!((content, row.has_content, row.edge), (None, false, None));
    let unknown = bed.store.request(RequestId::generate(at(NOON))).await;
    assert_eq!(unknown, Err(StoreError::NotFound("request")));
}

async fn filters_narrow(bed: &Bed) {
    let (full, refused) = (full(), refused());
    let mut broken = a_call(at(NOON + 9_000_000), 4);
    (broken.row.status, broken.row.outcome) = (502, Outcome::UpstreamBroken);
    broken.row.provider = Some("azure".parse().unwrap());
    let names = [
        (full.row.id, 'f'),
        (refused.row.id, 'r'),
        (broken.row.id, 'b'),
    ];
    commit(&bed.store, vec![full.clone(), refused, broken]).await;
    let find = async |filter: RequestFilter| {
        let page = bed.store.requests(filter, None, 10).await.unwrap();
        let name = |id| names.iter().find(|(known, _)| *known == id).unwrap().1;
        page.items
            .iter()
            .map(|row| name(row.id))
            .collect::<String>()
    };
    for (narrow, found) in narrowings(&full) {
        let mut filter = RequestFilter::default();
        narrow(&mut filter);
        assert_eq!(find(filter.clone()).await, found, "{filter:?}");
    }
}

type Narrow = Box<dyn Fn(&mut RequestFilter)>;

/// Ways to narrow, and what of `full`, `refused` and `broken` they leave, newest first.
fn narrowings(full: &Record) -> Vec<(Narrow, &'static str)> {
    fn by(narrow: impl Fn(&mut RequestFilter) + 'static) -> Narrow {
        Box::new(narrow)
    }
    let (key, team, user) = (full.row.key, full.row.team, full.row.user);
    vec![
        (by(|_| ()), "brf"),
        (by(|f| f.from = Some(at(NOON + 2_000_000))), "br"),
        (by(|f| f.to = Some(at(NOON + 9_000_000))), "rf"),
        (by(move |f| f.key = key), "f"),
        (by(move |f| f.team = team), "f"),
        (by(move |f| f.user = user), "f"),
        (by(|f| f.provider = "azure".parse().ok()), "b"),
        (by(|f| f.model = "gpt-4o".parse().ok()), "bf"),
        (by(|f| f.operation = Some("messages".into())), "r"),
        (by(|f| f.status = Some(StatusClass::Success)), "f"),
        (by(|f| f.status = Some(StatusClass::ClientError)), "r"),
        (by(|f| f.status = Some(StatusClass::ServerError)), "b"),
        (by(|f| f.outcome = Some(Outcome::UpstreamBroken)), "b"),
        (by(|f| f.code = Some("budget_exceeded".into())), "r"),
        (by(|f| f.streamed = Some(false)), "r"),
        (
            by(|f| f.device = Some(DeviceId::from_parts(at(NOON), 1))),
            "f",
        ),
        (
            by(|f| f.device = Some(DeviceId::from_parts(at(NOON), 2))),
            "",
        ),
        (by(|f| f.app = Some("claude-code".into())), "f"),
        (
            by(|f| (f.streamed, f.to) = (Some(true), Some(at(NOON + 1_000_000)))),
            "f",
        ),
    ]
}

async fn pages_follow_time(bed: &Bed) {
    let calls: Vec<Record> = (0..25).map(|n| a_call(at(NOON + n * 1_000), n)).collect();
    let mut expected: Vec<RequestId> = calls.iter().map(|call| call.row.id).collect();
    expected.reverse();
    commit(&bed.store, calls).await;
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = bed
            .store
            .requests(RequestFilter::default(), cursor, 10)
            .await
            .unwrap();
        seen.extend(page.items.iter().map(|row| row.id));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, expected);
}

async fn old_rows_go_in_slices(bed: &Bed) {
    let mut calls: Vec<Record> = (0..10).map(|n| a_call(at(NOON + n * 1_000), n)).collect();
    let (prompt, answer) = (vec![1], vec![2]);
    calls[0].row.content = Some(Box::new(Content { prompt, answer }));
    commit(&bed.store, calls).await;
    let before = at(NOON + 7_000);
    let mut slices = Vec::new();
    for _ in 0..4 {
        slices.push(bed.store.delete_requests(before, 3).await.unwrap());
    }
    assert_eq!(slices, [3, 3, 1, 0]);
    let left = bed
        .store
        .requests(RequestFilter::default(), None, 50)
        .await
        .unwrap()
        .items;
    assert_eq!(left.len(), 3);
    assert!(left.iter().all(|row| row.started_at >= before));
    bed.clock.advance(Duration::from_secs(1));
}
