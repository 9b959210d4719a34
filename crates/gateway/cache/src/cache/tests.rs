//! What is kept is given while it is fresh, and memory has an end.

use tidegate_types::{KeyId, TeamId, Usage};

use super::*;
use crate::{Bill, key::Hasher};

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn team(n: u128) -> Tenant {
    Tenant::Team(TeamId::from_parts(at(1), n))
}

fn asking(tenant: Tenant, question: &str, shape: Shape) -> Asking {
    let key = Hasher::new(tenant).part(question.as_bytes()).key();
    Asking { key, tenant, shape }
}

fn bill(model: &str) -> Bill {
    Bill {
        provider: "p".parse().unwrap(),
        model: model.parse().ok(),
        served: None,
        usage: Usage::default(),
    }
}

fn keep(cache: &Arc<Cache>, asking: Asking, body: &[u8], second: i64) {
    let mut recording = cache.record(asking);
    recording.push(body);
    recording.end();
    recording.settle(bill("m"), at(second));
}

fn cache(settings: Settings) -> Arc<Cache> {
    Arc::new(Cache::new(settings))
}

fn find(cache: &Cache, asking: &Asking, second: i64) -> Option<Found> {
    cache.find(asking, &Directives::default(), at(second), |_| true)
}

#[test]
fn an_answer_is_given_until_it_is_too_old() {
    let cache = cache(Settings {
        ttl: Duration::from_secs(60),
        ..Settings::default()
    });
    let asked = asking(team(1), "x", Shape::Whole);
    keep(&cache, asked, b"{}", 100);
    let found = find(&cache, &asked, 130).unwrap();
    assert_eq!(
        (&*found.answer.body, found.age),
        (&b"{}"[..], Duration::from_secs(30))
    );
    assert!(find(&cache, &asking(team(2), "x", Shape::Whole), 130).is_none());
    assert!(find(&cache, &asking(team(1), "y", Shape::Whole), 130).is_none());
    assert!(
        cache
            .find(&asked, &Directives::default(), at(130), |_| false)
            .is_none()
    );
    assert!(find(&cache, &asked, 161).is_none());
    assert!(
        cache.is_empty(),
        "what is too old makes room when it is seen"
    );
}

#[test]
fn the_shape_that_is_wanted_comes_first_and_another_one_will_do() {
    let cache = cache(Settings::default());
    let asked = asking(team(1), "x", Shape::Whole);
    keep(
        &cache,
        Asking {
            shape: Shape::Stream,
            ..asked
        },
        b"data: {}\n\n",
        1,
    );
    assert_eq!(find(&cache, &asked, 2).unwrap().answer.shape, Shape::Stream);
    keep(&cache, asked, b"{}", 1);
    assert_eq!(find(&cache, &asked, 2).unwrap().answer.shape, Shape::Whole);
}

#[test]
fn nothing_is_kept_of_what_has_no_end_no_bill_or_no_room() {
    let cache = cache(Settings {
        largest: 8,
        ..Settings::default()
    });
    let asked = asking(team(1), "x", Shape::Stream);
    let mut cut = cache.record(asked);
    cut.push(b"abc");
    cut.settle(bill("m"), at(1));
    drop(cut);
    let mut stopped = cache.record(asked);
    stopped.push(b"abc");
    stopped.end();
    drop(stopped);
    keep(&cache, asked, b"123456789", 1);
    assert!(cache.is_empty());
    // The bill may come first: the terminal event is seen before the stream's last byte.
    let mut early = cache.record(asked);
    early.push(b"1234");
    early.settle(bill("m"), at(1));
    early.push(b"5678");
    early.end();
    assert_eq!(&*find(&cache, &asked, 1).unwrap().answer.body, b"12345678");
    assert_eq!(cache.counts().kept(), 1);
}

#[test]
fn memory_is_bounded_and_evictions_are_counted() {
    let settings = Settings {
        memory: 256 << 10,
        largest: 8 << 10,
        ..Settings::default()
    };
    let cache = cache(settings);
    for n in 0..200 {
        let asked = asking(team(1), &n.to_string(), Shape::Whole);
        keep(&cache, asked, &[b' '; 8 << 10], 1);
        assert!(cache.bytes() <= 256 << 10);
    }
    assert!(cache.len() >= 16, "{}", cache.len());
    let counts = cache.counts();
    assert_eq!(counts.evictions() + cache.len() as u64, counts.kept());
}

#[test]
fn answers_of_the_largest_size_find_room_in_the_least_memory() {
    let cache = cache(Settings {
        memory: 1 << 20,
        largest: 200 << 10,
        ..Settings::default()
    });
    let asked = asking(team(1), "x", Shape::Whole);
    keep(&cache, asked, &vec![b' '; 200 << 10], 1);
    assert_eq!(cache.len(), 1);
}

#[test]
fn a_purge_takes_what_it_names() {
    let cache = cache(Settings::default());
    let key = Tenant::Key(KeyId::from_parts(at(1), 1));
    let all = [team(1), team(2), key].map(|tenant| asking(tenant, "x", Shape::Whole));
    let fill = || all.iter().for_each(|asked| keep(&cache, *asked, b"{}", 1));
    let purge = |which: Purge| cache.purge(&which);
    fill();
    let tenant = Some(team(2));
    assert_eq!(
        purge(Purge {
            tenant,
            ..Purge::default()
        }),
        1
    );
    assert!(find(&cache, &all[1], 1).is_none() && find(&cache, &all[0], 1).is_some());
    let model = Some("other".to_owned());
    assert_eq!(
        purge(Purge {
            model,
            ..Purge::default()
        }),
        0
    );
    let model = Some("m".to_owned());
    assert_eq!(
        purge(Purge {
            model,
            ..Purge::default()
        }),
        2
    );
    fill();
    assert_eq!(purge(Purge::default()), 3);
    assert!(cache.is_empty());
}

#[test]
fn what_is_on_its_way_when_answers_are_let_go_is_not_kept() {
    let cache = cache(Settings::default());
    let asked = asking(team(1), "x", Shape::Whole);
    let mut recording = cache.record(asked);
    recording.push(b"{}");
    assert_eq!(cache.purge(&Purge::default()), 0);
    recording.end();
    recording.settle(bill("m"), at(1));
    assert!(cache.is_empty());
    keep(&cache, asked, b"{}", 1);
    assert_eq!(cache.len(), 1);
}

#[test]
fn all_that_is_taken_down_at_once_is_bounded_too() {
    let cache = cache(Settings {
        memory: 4_000,
        largest: 1_000,
        ..Settings::default()
    });
    let asked = |name| asking(team(1), name, Shape::Whole);
    let (mut one, mut other) = (cache.record(asked("1")), cache.record(asked("2")));
    one.push(&[b' '; 600]);
    other.push(&[b' '; 600]);
    for recording in [&mut one, &mut other] {
        recording.end();
        recording.settle(bill("m"), at(1));
    }
    assert!(find(&cache, &asked("1"), 1).is_some());
    assert!(
        find(&cache, &asked("2"), 1).is_none(),
        "there was no room for it"
    );
    // What was held is given back, however it ended.
    let mut left = cache.record(asked("3"));
    left.push(&[b' '; 900]);
    drop(left);
    keep(&cache, asked("4"), &[b' '; 900], 1);
    assert!(find(&cache, &asked("4"), 1).is_some());
}

#[test]
fn what_means_the_same_is_found_while_its_answer_is_kept() {
    let semantic = Some(crate::Semantic::default());
    let cache = cache(Settings {
        semantic,
        ..Settings::default()
    });
    let meaning = |name: &str| Meaning {
        partition: Hasher::new(team(1)).part(name.as_bytes()).key(),
        text: "t".to_owned(),
    };
    let vector = |y: f32| Vector::new(vec![1.0, y]).unwrap();
    let asked = asking(team(1), "high?", Shape::Whole);
    let mut recording = cache.record(asked);
    recording.mean(meaning("p"), vector(0.0));
    recording.push(b"{}");
    recording.end();
    recording.settle(bill("m"), at(1));
    let other = asking(team(1), "height?", Shape::Stream);
    let find = |name, y: f32, second| {
        let by = (&meaning(name), &vector(y));
        cache.find_semantic(&other, by, &Directives::default(), at(second), |_| true)
    };
    assert_eq!(&*find("p", 0.1, 2).unwrap().answer.body, b"{}");
    assert!(find("p", 0.9, 2).is_none() && find("q", 0.1, 2).is_none());
    assert!(find("p", 0.1, 4_000).is_none(), "it is too old");
    assert_eq!(cache.purge(&Purge::default()), 0, "and gone");
    assert!(find("p", 0.1, 2).is_none());
}
