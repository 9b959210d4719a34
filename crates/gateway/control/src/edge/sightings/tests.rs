//! When what devices say is written, and that nothing of it is lost.

use super::*;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

/// What a device said before.
struct Before(Option<Timestamp>);

fn device(last_seen_at: Option<Timestamp>) -> Before {
    Before(last_seen_at)
}

impl Gathered {
    /// A check-in of a device that governed before; whether it is time to write.
    fn hears(&self, before: &Before, said: &CheckInRequest, now: Timestamp, mono: Mono) -> bool {
        let seen = sighting(DeviceId::from_parts(NOW, 1), said, false, now);
        let changed = !said.effective;
        self.add(seen, changed, before.0, mono) == Kept::Due
    }
}

fn said(effective: bool, relayed: &[(&str, u64)]) -> CheckInRequest {
    let app = |&(app, relayed): &(&str, u64)| AppSeen {
        app: app.parse().unwrap(),
        version: None,
        path: "/x".into(),
        relayed,
        denied: 0,
        pinned: 0,
    };
    CheckInRequest {
        revision: 4,
        wait_seconds: 0,
        agent_version: "1".into(),
        effective,
        problem: None,
        apps: relayed.iter().map(app).collect(),
        ..CheckInRequest::default()
    }
}

fn seconds(seconds: u64) -> Mono {
    Mono(seconds * 1_000_000_000)
}

#[test]
fn a_device_that_says_the_same_within_a_minute_is_not_noted() {
    let gathered = Gathered::default();
    let same = said(true, &[]);
    let almost = NOW.plus(CALM - Duration::from_micros(1));
    assert!(!gathered.hears(&device(Some(NOW)), &same, almost, seconds(9)));
    assert!(gathered.take(seconds(9)).is_empty());
    let later = NOW.plus(CALM);
    assert!(!gathered.hears(&device(Some(NOW)), &same, later, seconds(60)));
    assert!(gathered.hears(&device(Some(NOW)), &same, later, seconds(69)));
    assert_eq!(gathered.take(seconds(69)).len(), 1);
}

#[test]
fn a_change_waits_for_five_seconds_only() {
    let gathered = Gathered::default();
    let device = device(Some(NOW));
    assert!(
        gathered.hears(&device, &said(false, &[]), NOW, seconds(1)),
        "the first of all"
    );
    gathered.take(seconds(1));
    assert!(!gathered.hears(&device, &said(true, &[("codex", 1)]), NOW, seconds(7)));
    assert!(!gathered.hears(&device, &said(false, &[]), NOW, seconds(5)));
    assert!(gathered.hears(&device, &said(false, &[]), NOW, seconds(6)));
    let taken = gathered.take(seconds(6));
    assert_eq!((taken[0].effective, taken[0].apps.len()), (false, 1));
}

#[test]
fn counts_add_up_and_what_could_not_be_written_comes_back() {
    let gathered = Gathered::default();
    let device = device(Some(NOW));
    gathered.hears(
        &device,
        &said(true, &[("codex", 1), ("curl", 2)]),
        NOW,
        seconds(1),
    );
    let failed = gathered.take(seconds(1));
    let later = NOW.plus(Duration::from_secs(1));
    gathered.hears(&device, &said(false, &[("codex", 4)]), later, seconds(2));
    gathered.put_back(failed);
    let taken = gathered.take(seconds(3));
    let [seen] = &taken[..] else {
        panic!("{taken:?}")
    };
    assert_eq!(
        (seen.at, seen.effective),
        (later, false),
        "what is newer holds"
    );
    let counts: Vec<(&str, u32)> = seen
        .apps
        .iter()
        .map(|app| (app.app.as_str(), app.relayed))
        .collect();
    assert_eq!(counts, [("codex", 5), ("curl", 2)]);
}

#[test]
fn memory_is_bounded() {
    let gathered = Gathered::default();
    let names: Vec<String> = (0..MAX_APPS * 2).map(|n| format!("app{n}")).collect();
    for half in names.chunks(MAX_APPS) {
        let apps: Vec<(&str, u64)> = half.iter().map(|name| (&**name, u64::MAX)).collect();
        gathered.hears(&device(Some(NOW)), &said(true, &apps), NOW, seconds(1));
    }
    let taken = gathered.take(seconds(1));
    assert_eq!(taken[0].apps.len(), MAX_APPS);
    assert!(taken[0].apps.iter().all(|app| app.relayed == MAX_COUNT));
}
