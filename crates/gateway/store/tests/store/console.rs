//! What the console reads: sorted devices and what there are of them, sums, the pulse, names, saved views,
//! and whether a caller may stay.

use std::{collections::BTreeMap, time::Duration};

use tidegate_governance::record::{EdgeRow, Outcome};
use tidegate_store::{
    Actor, AuditFilter, Beat, Bucket, DeviceFilter, DeviceSort, NewAccount, NewSession, NewTeam,
    NewView, Piece, Ranked, RecorderConfig, Sighting, SortedCursor, Store, StoreError,
    TrafficRange, UsageFilter, UsageGroup, UsageQuery,
};
use tidegate_types::{DeviceId, Grant, MicroUsd, PlainKey, Secret, UserId};

use crate::{
    bed::{Bed, NOON, a_call, at, both, usd},
    devices::enrol,
    enrolment::token,
    sightings::{seen, sighting},
};

both!(
    devices_come_in_any_order,
    small_sums_are_those_of_the_large_ones,
    the_pulse_tells_what_changed,
    the_audit_log_is_searched,
    ids_have_names,
    views_are_their_accounts_own,
    who_may_stay_is_known_without_a_use
);

async fn devices_come_in_any_order(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 9, None).await;
    let mut said: Vec<Sighting> = Vec::new();
    for (name, seen_at) in [
        ("b", 30),
        ("A", 20),
        ("c", 0),
        ("d", 10),
        ("a", 20),
        ("E", 0),
    ] {
        let id = enrol(store, &token, name).await.id;
        if seen_at > 0 {
            said.push(sighting(id, at(NOON + seen_at), true, Vec::new()));
        }
    }
    store.note_sightings(said).await.unwrap();
    for (sort, down, expected) in [
        (DeviceSort::Enrolled, false, "bAcdaE"),
        (DeviceSort::Enrolled, true, "EadcAb"),
        (DeviceSort::Hostname, false, "AabcdE"),
        (DeviceSort::Hostname, true, "EdcbaA"),
        (DeviceSort::LastSeen, false, "cEdAab"),
        (DeviceSort::LastSeen, true, "baAdEc"),
    ] {
        let (mut names, mut cursor) = (String::new(), None::<SortedCursor>);
        loop {
            let all = DeviceFilter::default();
            let page = store.devices_sorted(all, (sort, down), cursor, 2);
            let (devices, next) = page.await.unwrap();
            names.extend(devices.into_iter().map(|device| device.machine.hostname));
            cursor = next.map(|cursor| cursor.to_string().parse().unwrap());
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(names, expected, "{sort:?} {down}");
    }
    let by_name = (DeviceSort::Hostname, false);
    let all = DeviceFilter::default;
    let (_, cursor) = store.devices_sorted(all(), by_name, None, 2).await.unwrap();
    let other = (DeviceSort::Enrolled, false);
    let refused = store.devices_sorted(all(), other, cursor, 2).await;
    assert!(matches!(
        refused,
        Err(StoreError::Invalid {
            field: "cursor",
            ..
        })
    ));

    devices_are_searched_and_counted(store).await;
}

async fn devices_are_searched_and_counted(store: &Store) {
    let (all, by_name) = (DeviceFilter::default, (DeviceSort::Hostname, false));
    let text = |text: &str| DeviceFilter {
        text: Some(text.into()),
        ..all()
    };
    let (found, _) = store
        .devices_sorted(text("A"), by_name, None, 9)
        .await
        .unwrap();
    assert_eq!(found.len(), 2);
    let facets = store
        .device_facets(all(), at(NOON + 20), at(NOON + 10))
        .await
        .unwrap();
    let count = |of: fn(&tidegate_store::DeviceFacet) -> bool| -> u64 {
        facets
            .iter()
            .filter(|one| of(one))
            .map(|one| one.devices)
            .sum()
    };
    assert_eq!(
        (
            count(|_| true),
            count(|one| one.online),
            count(|one| one.late)
        ),
        (6, 3, 1)
    );
    assert_eq!(count(|one| one.effective.is_none()), 2);
}

const HOUR: i64 = 3_600_000_000;

/// Forty calls over some hours, half of them a user's; the user.
async fn some_traffic(bed: &Bed) -> UserId {
    let ada = UserId::generate(at(NOON));
    let calls: Vec<_> = (0..40)
        .map(|index| {
            let mut call = a_call(at(NOON + index * HOUR / 3), index * 10);
            let row = &mut call.row;
            row.user = (index % 2 == 0).then_some(ada);
            row.model = if index % 4 == 0 { "o3" } else { "gpt-4o" }.parse().ok();
            if index % 5 == 0 {
                (row.status, row.code, row.outcome) = (403, Some("app_denied"), Outcome::Refused);
            }
            let device = DeviceId::from_parts(at(NOON), 3);
            let edge = EdgeRow::new(device, "codex", "ada", "/usr/bin/codex", "api.openai.com");
            row.edge = (index % 3 == 0).then(|| Box::new(edge));
            call
        })
        .collect();
    let (recorder, handle) = bed.store.recorder(RecorderConfig::default()).await.unwrap();
    calls.into_iter().for_each(|call| recorder.record(call));
    handle.shutdown().await.unwrap();
    ada
}

async fn small_sums_are_those_of_the_large_ones(bed: &Bed) {
    let store = &bed.store;
    let ada = some_traffic(bed).await;
    let range = TrafficRange {
        from: at(NOON - HOUR),
        to: at(NOON + 23 * HOUR),
        team: None,
    };
    let series = store.traffic(range, 24).await.unwrap();
    assert_eq!(series.len(), 24);
    assert_eq!((series[0].requests, series[1].requests), (0, 3));
    let sum = |of: fn(&tidegate_store::Traffic) -> u64| -> u64 { series.iter().map(of).sum() };
    assert_eq!(sum(|one| one.requests), 40);
    assert_eq!((sum(|one| one.errors), sum(|one| one.denied)), (8, 8));
    assert_eq!(sum(|one| one.tokens), 40 * 150);
    let cost: i64 = series.iter().map(|one| one.cost.micros()).sum();
    assert_eq!(cost, (0..40).map(|index| index * 10).sum::<i64>());
    // By user and without are read from different sums, and agree.
    let usage = |filter| {
        let query = UsageQuery {
            from: range.from,
            to: range.to,
            bucket: Bucket::Day,
            group_by: UsageGroup::None,
            filter,
        };
        async move {
            let points = store.usage(query).await.unwrap();
            points
                .iter()
                .map(|point| (point.requests, point.cost))
                .collect::<Vec<_>>()
        }
    };
    let whole = usage(UsageFilter::default()).await;
    let requests: u64 = whole.iter().map(|(requests, _)| requests).sum();
    assert_eq!(requests, 40);
    let adas = usage(UsageFilter {
        user: Some(ada),
        ..UsageFilter::default()
    });
    assert_eq!(
        adas.await.iter().map(|(requests, _)| requests).sum::<u64>(),
        20
    );

    for group_by in [UsageGroup::None, UsageGroup::Model, UsageGroup::Operation] {
        usage_by_day_is_that_by_hour(store, group_by).await;
    }

    let top = |what| async move { store.ranking(range, what, 5).await.unwrap() };
    let models = top(Ranked::Model).await;
    assert_eq!(
        models.iter().map(|one| &*one.name).collect::<Vec<_>>(),
        ["gpt-4o", "o3"]
    );
    assert_eq!(models[0].requests, 30);
    let apps = top(Ranked::App).await;
    assert_eq!((apps.len(), apps[0].requests), (1, 14));
    // Of whole days, of days with hours at both ends, and of hours alone.
    for (from, to) in [(-12, 36), (-1, 40), (-30, 14), (0, 14)] {
        let other = TrafficRange {
            from: at(NOON + from * HOUR),
            to: at(NOON + to * HOUR),
            team: None,
        };
        for what in [Ranked::Model, Ranked::Provider, Ranked::App, Ranked::Code] {
            let found = store.ranking(other, what, 5).await.unwrap();
            assert_eq!(found, top(what).await, "{what:?} from {from} to {to}");
        }
    }
    pieces_add_up(store, range, ada).await;
    let codes = top(Ranked::Code).await;
    assert_eq!((&*codes[0].name, codes[0].requests), ("app_denied", 8));
    assert!(
        store.traffic(range, 7).await.is_err(),
        "24 hours are not 7 whole parts"
    );
}

/// What one user used, by the hour and by the day.
async fn pieces_add_up(store: &Store, range: TrafficRange, ada: UserId) {
    for piece in [Piece::Hour, Piece::Day] {
        let (mut calls, mut used) = (0, (0, 0, MicroUsd::ZERO));
        for (start, many) in store.pieces(piece, range.from, range.to).await.unwrap() {
            calls += many;
            for one in store.used(piece, start).await.unwrap() {
                assert_eq!((one.user, one.team), (ada, None));
                used.0 += one.requests;
                used.1 += one.errors;
                used.2 = used.2.saturating_add(one.cost);
            }
        }
        assert_eq!((calls, used), (40, (20, 4, usd(3_800))), "{piece:?}");
    }
}

/// Whole days and the hours of the last one are read from different tables.
async fn usage_by_day_is_that_by_hour(store: &Store, group_by: UsageGroup) {
    for to in [13, 14, 36] {
        let ask = |bucket| UsageQuery {
            from: at(NOON),
            to: at(NOON + to * HOUR),
            bucket,
            group_by,
            filter: UsageFilter::default(),
        };
        let sum = |points: Vec<tidegate_store::UsagePoint>| {
            let mut sums = BTreeMap::new();
            for point in points {
                let sum: &mut (u64, u64, u64, i64) = sums.entry(point.group).or_default();
                sum.0 += point.requests;
                sum.1 += point.errors;
                sum.2 += point.input + point.output;
                sum.3 += point.cost.micros();
            }
            sums
        };
        let days = sum(store.usage(ask(Bucket::Day)).await.unwrap());
        let hours = sum(store.usage(ask(Bucket::Hour)).await.unwrap());
        assert_eq!(days, hours, "{group_by:?} to {to}");
        let calls: u64 = days.values().map(|sum| sum.0).sum();
        assert_eq!(calls, if to == 13 { 39 } else { 40 });
    }
}

async fn the_pulse_tells_what_changed(bed: &Bed) {
    let store = &bed.store;
    let (token, _) = token(store, 1, None).await;
    let device = enrol(store, &token, "a").await.id;
    let before = store.pulse().await.unwrap();
    assert_eq!(store.pulse().await.unwrap(), before);
    let new = NewTeam {
        name: "Blue".into(),
    };
    store.create_team(Actor::Cli, new).await.unwrap();
    let changed = store.pulse().await.unwrap();
    assert_eq!(
        (changed.audit, changed.beats_since(&before)),
        (before.audit + 1, vec![])
    );
    let actions = store.audit_actions(before.audit).await.unwrap();
    assert_eq!(actions, Some(vec!["team.create".to_owned()]));

    let apps = vec![seen("codex", 1)];
    let said = vec![sighting(device, at(NOON + 5), true, apps)];
    store.note_sightings(said).await.unwrap();
    let heard = store.pulse().await.unwrap();
    assert_eq!(
        heard.beats_since(&changed),
        [Beat::Devices, Beat::Inventory]
    );
    assert_eq!(heard.audit, changed.audit);

    let (recorder, handle) = store.recorder(RecorderConfig::default()).await.unwrap();
    let call = a_call(at(NOON), 1);
    let id = call.row.id;
    recorder.record(call);
    handle.shutdown().await.unwrap();
    assert_eq!(store.pulse().await.unwrap().request, Some(id.uuid()));
}

async fn the_audit_log_is_searched(bed: &Bed) {
    let store = &bed.store;
    let token = tidegate_types::TokenId::generate(at(NOON));
    for (actor, action, target) in [
        (Actor::Cli, "key.create", "one"),
        (Actor::Token(token), "key.update", "one"),
        (Actor::Cli, "keyring.open", "two"),
        (Actor::System, "session.create", "one"),
    ] {
        let detail = serde_json::json!({ "colour": target });
        store
            .append_audit(actor, action, target, detail)
            .await
            .unwrap();
    }
    type Narrow = fn(&mut AuditFilter);
    let cases: [(Narrow, usize); 9] = [
        (|_| (), 4),
        (|f| f.action = Some("key.create".into()), 1),
        (|f| f.action = Some("key.".into()), 2),
        (|f| f.target = Some("one".into()), 3),
        (|f| f.actor = Some(Actor::Cli), 2),
        (
            |f| (f.actor, f.target) = (Some(Actor::System), Some("one".into())),
            1,
        ),
        (|f| f.text = Some("OUR\":\"TWO".into()), 1),
        (|f| f.changes_only = true, 3),
        (|f| f.from = Some(at(NOON + 1)), 0),
    ];
    for (number, (narrow, count)) in cases.into_iter().enumerate() {
        let mut filter = AuditFilter::default();
        narrow(&mut filter);
        let page = store.audit_matching(filter, None, 10).await.unwrap();
        assert_eq!(page.items.len(), count, "case {number}");
    }
    let by = AuditFilter {
        actor: Some(Actor::Token(token)),
        ..AuditFilter::default()
    };
    let page = store.audit_matching(by, None, 10).await.unwrap();
    assert_eq!(page.items[0].action, "key.update");
}

async fn ids_have_names(bed: &Bed) {
    let store = &bed.store;
    let new = NewTeam {
        name: "Blue".into(),
    };
    let team = store
        .create_team(Actor::Cli, new)
        .await
        .unwrap()
        .id
        .to_string();
    let (token, _) = token(store, 1, None).await;
    let device = enrol(store, &token, "ada-laptop").await;
    let gone = UserId::generate(at(NOON)).to_string();
    let ids = vec![
        team.clone(),
        device.id.to_string(),
        device.key.to_string(),
        gone,
    ];
    let ids: Vec<String> = ids
        .into_iter()
        .chain(["cli".into(), "team_".into()])
        .collect();
    let names = store.names(ids).await.unwrap();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(names[&team], "Blue");
    assert_eq!(names[&device.key.to_string()], "ada-laptop");
    store.delete_device(Actor::Cli, device.id).await.unwrap();
    let names = store.names(vec![device.id.to_string()]).await.unwrap();
    assert_eq!(
        names[&device.id.to_string()],
        "ada-laptop",
        "the log still names it"
    );
}

async fn account(bed: &Bed, email: &str) -> tidegate_types::AccountId {
    let new = NewAccount {
        email: email.into(),
        name: "Ada".into(),
        grant: Grant::Security,
        password_hash: Some(Secret::new("$argon2id$".into())),
    };
    bed.store.create_account(Actor::Cli, new).await.unwrap().id
}

async fn views_are_their_accounts_own(bed: &Bed) {
    let store = &bed.store;
    let (ada, bob) = (
        account(bed, "ada@example.com").await,
        account(bed, "bob@example.com").await,
    );
    let view = |name: &str, query: &str| NewView {
        account: ada,
        page: "devices".into(),
        name: name.into(),
        query: query.into(),
    };
    let first = store
        .save_view(view("Missing", "presence=missing"))
        .await
        .unwrap();
    let again = store
        .save_view(view("Missing", "presence=late"))
        .await
        .unwrap();
    assert_eq!((again.id, &*again.query), (first.id, "presence=late"));
    store.save_view(view("All", "")).await.unwrap();
    let names = |views: Vec<tidegate_store::View>| -> Vec<String> {
        views.into_iter().map(|view| view.name).collect()
    };
    assert_eq!(names(store.views(ada).await.unwrap()), ["All", "Missing"]);
    assert_eq!(store.views(bob).await.unwrap(), []);
    assert_eq!(
        store.delete_view(bob, first.id).await,
        Err(StoreError::NotFound("view"))
    );
    store.delete_view(ada, first.id).await.unwrap();
    assert_eq!(names(store.views(ada).await.unwrap()), ["All"]);
    for bad in [
        view("", "x"),
        view("x", &"y".repeat(2_049)),
        view("a\nb", "x"),
    ] {
        let refused = store.save_view(bad).await;
        assert!(
            matches!(refused, Err(StoreError::Invalid { .. })),
            "{refused:?}"
        );
    }
    for number in 1..100 {
        store
            .save_view(view(&number.to_string(), ""))
            .await
            .unwrap();
    }
    let full = store.save_view(view("one more", "")).await;
    assert!(matches!(full, Err(StoreError::Conflict { .. })));
    store.save_view(view("All", "os=linux")).await.unwrap();
}

async fn who_may_stay_is_known_without_a_use(bed: &Bed) {
    let store = &bed.store;
    let ada = account(bed, "ada@example.com").await;
    let (ttl, idle) = (Duration::from_secs(3_600), Duration::from_secs(600));
    let new = NewSession {
        account: ada,
        hash: PlainKey::generate(PlainKey::SESSION).unwrap().hash(),
        provider: None,
        address: String::new(),
        user_agent: String::new(),
        replaces: None,
    };
    let session = store.create_session(new, ttl).await.unwrap().id;
    let stands = || store.session_stands(session, idle);
    assert_eq!(stands().await, Ok(Some(Grant::Security)));
    bed.clock.advance(Duration::from_secs(599));
    assert_eq!(stands().await, Ok(Some(Grant::Security)));
    bed.clock.advance(Duration::from_secs(2));
    assert_eq!(stands().await, Ok(None), "asking is no use");
    let token = tidegate_types::TokenId::generate(at(NOON));
    assert_eq!(store.token_stands(token).await, Ok(None));
}
