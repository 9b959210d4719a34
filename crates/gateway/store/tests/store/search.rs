//! Finding calls: whichever way a search takes, it finds what reading everything would find, and it never
//! reads everything.

use tidegate_governance::record::{EdgeRow, Outcome, Record};
use tidegate_store::{RecorderConfig, RequestFilter, StatusClass, Store};
use tidegate_types::{DeviceId, KeyId, RequestId, TeamId, UserId};

use crate::bed::{Bed, NOON, a_call, at, both};

both!(
    every_way_finds_what_is_there,
    a_search_that_finds_nothing_says_how_far_it_came
);

const HOUR: i64 = 3_600_000_000;

async fn commit(store: &Store, calls: Vec<Record>) {
    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    calls.into_iter().for_each(|call| recorder.record(call));
    handle.shutdown().await.unwrap();
}

/// Calls of several keys, users and teams over some days; each kind is rare in its own way.
fn calls() -> Vec<Record> {
    let keys: Vec<KeyId> = (0..5).map(|n| KeyId::from_parts(at(NOON), n)).collect();
    let users: Vec<UserId> = (0..3).map(|n| UserId::from_parts(at(NOON), n)).collect();
    let teams: Vec<TeamId> = (0..2).map(|n| TeamId::from_parts(at(NOON), n)).collect();
    let call = |index: usize| {
        let mut call = a_call(at(NOON + index as i64 * HOUR / 7), index as i64 * 100);
        let row = &mut call.row;
        row.key = Some(keys[index % 5]);
        // Two keys have one user; the others have none.
        row.user = users.get(index % 5 / 2).copied().filter(|_| index % 5 < 4);
        row.team = Some(teams[index % 2]);
        row.model = if index.is_multiple_of(17) {
            "rare"
        } else {
            "gpt-4o"
        }
        .parse()
        .ok();
        row.trace_id = Some((index as u128).to_be_bytes());
        row.usage.input = index as u64 * 10;
        if index.is_multiple_of(13) {
            (row.status, row.code, row.outcome) = (403, Some("app_denied"), Outcome::Refused);
        }
        if index.is_multiple_of(29) {
            (row.status, row.code, row.outcome) = (502, None, Outcome::UpstreamBroken);
        }
        if index % 5 == 3 {
            let device = DeviceId::from_parts(at(NOON), 3);
            let app = if index.is_multiple_of(2) {
                "codex"
            } else {
                "claude-code"
            };
            let edge = EdgeRow::new(device, app, "ada", "/usr/bin/claude", "api.openai.com");
            row.edge = Some(Box::new(edge));
        }
        call
    };
    (0..200).map(call).collect()
}

/// All pages of a search, a few calls at a time.
async fn found(store: &Store, filter: &RequestFilter) -> Vec<RequestId> {
    let (mut ids, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.requests(filter.clone(), cursor, 7).await.unwrap();
        assert!(page.items.len() <= 7);
        ids.extend(page.items.iter().map(|call| call.id));
        cursor = page.next;
        if cursor.is_none() {
            return ids;
        }
    }
}

type Narrow = fn(&mut RequestFilter, &Record);
type Fits = fn(&Record, &Record) -> bool;

/// Filters after a call, and which calls they let through.
fn cases() -> [(Narrow, Fits); 16] {
    [
        (|_, _| (), |_, _| true),
        (|f, c| f.key = c.row.key, |a, c| a.row.key == c.row.key),
        (|f, c| f.user = c.row.user, |a, c| a.row.user == c.row.user),
        (|f, c| f.team = c.row.team, |a, c| a.row.team == c.row.team),
        (
            |f, _| f.model = "rare".parse().ok(),
            |a, _| {
                a.row
                    .model
                    .as_ref()
                    .is_some_and(|model| model.as_str() == "rare")
            },
        ),
        (|f, _| f.model = "none".parse().ok(), |_, _| false),
        (
            |f, _| f.app = Some("codex".into()),
            |a, _| {
                a.row
                    .edge
                    .as_ref()
                    .is_some_and(|edge| edge.app() == "codex")
            },
        ),
        (
            |f, c| f.device = c.row.edge.as_ref().map(|edge| edge.device()),
            |a, _| a.row.edge.is_some(),
        ),
        (
            |f, _| f.code = Some("app_denied".into()),
            |a, _| a.row.code.is_some(),
        ),
        (
            |f, _| f.status = Some(StatusClass::ServerError),
            |a, _| a.row.status >= 500,
        ),
        (
            |f, _| f.status = Some(StatusClass::Success),
            |a, _| a.row.status < 300,
        ),
        (
            |f, _| f.outcome = Some(Outcome::Refused),
            |a, _| a.row.outcome == Outcome::Refused,
        ),
        (
            |f, c| f.min_cost = Some(c.row.cost),
            |a, c| a.row.cost >= c.row.cost,
        ),
        (
            |f, _| f.min_tokens = Some(1_500),
            |a, _| a.row.usage.input + 30 >= 1_500,
        ),
        (
            |f, c| (f.user, f.model) = (c.row.user, "rare".parse().ok()),
            |a, c| {
                let rare = a
                    .row
                    .model
                    .as_ref()
                    .is_some_and(|model| model.as_str() == "rare");
                a.row.user == c.row.user && rare
            },
        ),
        (
            |f, _| {
                f.team = Some(TeamId::from_parts(at(NOON), 1));
                (f.from, f.to) = (Some(at(NOON + 3 * HOUR)), Some(at(NOON + 9 * HOUR)));
            },
            |a, _| {
                let row = &a.row;
                let within = at(NOON + 3 * HOUR)..at(NOON + 9 * HOUR);
                row.team == Some(TeamId::from_parts(at(NOON), 1))
                    && within.contains(&row.started_at)
            },
        ),
    ]
}

async fn every_way_finds_what_is_there(bed: &Bed) {
    let store = &bed.store;
    let calls = calls();
    commit(store, calls.clone()).await;
    let like = &calls[118];
    assert!(like.row.edge.is_some() && like.row.user.is_some());
    for (number, (narrow, fits)) in cases().into_iter().enumerate() {
        let mut filter = RequestFilter::default();
        narrow(&mut filter, like);
        let mut expected: Vec<RequestId> = calls
            .iter()
            .filter(|call| fits(call, like))
            .map(|call| call.row.id)
            .collect();
        expected.reverse();
        assert_eq!(found(store, &filter).await, expected, "case {number}");
    }
    ids_and_text_find_calls(store, like).await;
}

async fn ids_and_text_find_calls(store: &Store, like: &Record) {
    let one = RequestFilter {
        id: Some(like.row.id),
        ..RequestFilter::default()
    };
    assert_eq!(found(store, &one).await, [like.row.id]);
    let traced = RequestFilter {
        trace_id: like.row.trace_id,
        ..RequestFilter::default()
    };
    assert_eq!(found(store, &traced).await, [like.row.id]);
    let text = |text: &str| RequestFilter {
        text: Some(text.into()),
        ..RequestFilter::default()
    };
    assert_eq!(found(store, &text("CLAUDE")).await.len(), 40);
    assert_eq!(found(store, &text("c%d")).await, []);
}

async fn a_search_that_finds_nothing_says_how_far_it_came(bed: &Bed) {
    let ms = NOON / 1_000;
    let (numbers, id) = if bed.is_sqlite() {
        (
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 45000)",
            format!("unhex(printf('%012x%020x', {ms} + i, i))"),
        )
    } else {
        (
            "WITH n AS (SELECT generate_series(1, 45000) AS i)",
            format!("(lpad(to_hex({ms} + i), 12, '0') || lpad(to_hex(i), 20, '0'))::uuid"),
        )
    };
    let (no, status) = if bed.is_sqlite() {
        ("0", "200")
    } else {
        ("false", "200::smallint")
    };
    bed.raw(&format!(
        "{numbers} INSERT INTO requests (id, started_at, duration_us, overhead_us, operation, status, \
         outcome, streamed, input, cached, cache_write_5m, cache_write_1h, input_audio, output, \
         reasoning, output_audio, output_image, web_searches, tier, source, cost, cost_basis, \
         request_bytes, response_bytes, has_content) SELECT {id}, {NOON} + i * 1000, 1, 1, 'messages', \
         {status}, 0, {no}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, CASE WHEN i = 3 THEN 77 ELSE 0 END, \
         0, 0, 0, {no} FROM n"
    ))
    .await;
    let dear = RequestFilter {
        min_cost: Some(crate::bed::usd(77)),
        ..RequestFilter::default()
    };
    let first = bed.store.requests(dear.clone(), None, 50).await.unwrap();
    assert_eq!(first.items, []);
    let cursor = first.next.expect("it did not look at everything");
    let second = bed.store.requests(dear, Some(cursor), 50).await.unwrap();
    assert_eq!((second.items.len(), second.next), (1, None));
    assert_eq!(second.items[0].started_at, at(NOON + 3_000));
}
