//! Look-up, refusals, allow-lists, and what applies to whom.

use std::time::Duration;

use tidegate_types::{DeviceGroupId, DeviceId, KeyId, ManualClock, MicroUsd};

use super::*;
use crate::entity::{Alignment, Allow, Budget, PreviousSecret, RateLimit, Window};

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_000_000);

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(NOW))
}

fn hash(byte: u8) -> KeyHash {
    KeyHash::from_bytes([byte; 32])
}

fn key(byte: u8) -> VirtualKey {
    VirtualKey {
        id: KeyId::generate(NOW),
        name: format!("key {byte}"),
        hash: hash(byte),
        hint: "sk-tg-…abcd".into(),
        team: None,
        user: None,
        device: None,
        allow: Allow::default(),
        log_content: false,
        created_at: NOW,
        expires_at: None,
        disabled: false,
        revoked_at: None,
        previous: None,
    }
}

fn team(disabled: bool) -> Team {
    Team {
        id: TeamId::generate(NOW),
        name: "t".into(),
        created_at: NOW,
        disabled,
    }
}

fn user(team: Option<TeamId>, disabled: bool) -> User {
    let id = UserId::generate(NOW);
    User {
        id,
        email: "a@b.c".into(),
        name: "A".into(),
        team,
        created_at: NOW,
        disabled,
    }
}

fn budget(scope: Scope, model: Option<&str>) -> Budget {
    Budget {
        id: BudgetId::generate(NOW),
        scope,
        model: model.map(|text| text.parse().unwrap()),
        cap: MicroUsd::from_micros(100),
        window: Window::Day,
        alignment: Alignment::Calendar,
        created_at: NOW,
    }
}

fn ring(governed: &Governed) -> Keyring {
    Keyring::compile(governed, None, &clock())
}

#[test]
fn a_key_is_found_by_its_hash_alone() {
    let keys: Vec<_> = (0..50).map(key).collect();
    let ring = ring(&Governed {
        revision: 7,
        keys: keys.clone(),
        ..Governed::default()
    });
    assert_eq!(
        (ring.revision(), ring.len(), ring.is_empty()),
        (7, 50, false)
    );
    for key in &keys {
        let permit = ring.authenticate(&key.hash, NOW).unwrap();
        assert_eq!(
            (permit.key_id(), permit.key_name()),
            (key.id, key.name.as_str())
        );
    }
    assert_eq!(
        ring.authenticate(&hash(200), NOW).unwrap_err(),
        AuthRefusal::Unknown
    );
    // The same place in the map is not the same key.
    let mut bytes = [3; 32];
    bytes[31] = 4;
    let near = KeyHash::from_bytes(bytes);
    assert_eq!(
        ring.authenticate(&near, NOW).unwrap_err(),
        AuthRefusal::Unknown
    );
}

#[test]
fn a_permit_names_the_device_whose_key_it_is_and_its_group() {
    let (grouped, other) = (DeviceId::generate(NOW), DeviceId::generate(NOW));
    let of = |device, byte| VirtualKey {
        device: Some(device),
        ..key(byte)
    };
    let keys = vec![of(grouped, 1), of(other, 2), key(3)];
    let group = DeviceGroupId::generate(NOW);
    let ring = ring(&Governed {
        keys,
        grouped: vec![(grouped, group)],
        ..Governed::default()
    });
    let named = |byte| {
        let permit = ring.authenticate(&hash(byte), NOW).unwrap();
        (permit.device(), permit.device_group())
    };
    assert_eq!(named(1), (Some(grouped), Some(group)));
    assert_eq!(named(2), (Some(other), None));
    assert_eq!(named(3), (None, None));
}

#[test]
fn expired_revoked_and_rotated_keys_are_refused_in_time() {
    let later = NOW.plus(Duration::from_secs(60));
    let just_before = Timestamp::from_micros(later.micros() - 1);
    let expiring = VirtualKey {
        expires_at: Some(later),
        ..key(1)
    };
    let revoked = VirtualKey {
        revoked_at: Some(NOW),
        ..key(2)
    };
    let previous = Some(PreviousSecret {
        hash: hash(30),
        valid_until: later,
    });
    let rotated = VirtualKey { previous, ..key(3) };
    let previous = Some(PreviousSecret {
        hash: hash(40),
        valid_until: NOW,
    });
    let graceless = VirtualKey { previous, ..key(4) };
    let keys = vec![expiring, revoked, rotated.clone(), graceless];
    let ring = ring(&Governed {
        keys,
        ..Governed::default()
    });
    assert!(ring.authenticate(&hash(1), just_before).is_ok());
    let expired = ring.authenticate(&hash(1), later).unwrap_err();
    assert_eq!(expired, AuthRefusal::Expired { at: later });
    assert_eq!(
        ring.authenticate(&hash(2), NOW).unwrap_err(),
        AuthRefusal::Unknown
    );
    assert_eq!(
        ring.authenticate(&hash(30), just_before).unwrap().key_id(),
        rotated.id
    );
    assert_eq!(
        ring.authenticate(&hash(30), later).unwrap_err(),
        AuthRefusal::Unknown
    );
    assert!(ring.authenticate(&hash(3), later).is_ok());
    assert_eq!(
        ring.authenticate(&hash(40), NOW).unwrap_err(),
        AuthRefusal::Unknown
    );
    assert_eq!(ring.len(), 3);
}

#[test]
fn a_disabled_holder_disables_its_keys() {
    let (on, off) = (team(false), team(true));
    let (user_on, user_off) = (user(Some(on.id), false), user(None, true));
    let user_of_off = user(Some(off.id), false);
    let with = |byte, team: Option<TeamId>, user: Option<UserId>| VirtualKey {
        team,
        user,
        ..key(byte)
    };
    let keys = vec![
        with(1, Some(on.id), Some(user_on.id)),
        VirtualKey {
            disabled: true,
            ..key(2)
        },
        with(3, Some(off.id), None),
        with(4, None, Some(user_off.id)),
        with(5, Some(on.id), Some(user_of_off.id)),
        with(6, Some(TeamId::generate(NOW)), None),
    ];
    let governed = Governed {
        teams: vec![on, off],
        users: vec![user_on, user_off, user_of_off],
        keys,
        ..Governed::default()
    };
    let ring = ring(&governed);
    let refusal = |byte| ring.authenticate(&hash(byte), NOW).err();
    let disabled = |what| Some(AuthRefusal::Disabled { what });
    assert_eq!(refusal(1), None);
    assert_eq!(refusal(2), disabled(Holder::Key));
    assert_eq!(refusal(3), disabled(Holder::Team));
    assert_eq!(refusal(4), disabled(Holder::User));
    assert_eq!(refusal(5), disabled(Holder::Team));
    assert_eq!(refusal(6), disabled(Holder::Team));
    let text = ring.authenticate(&hash(3), NOW).unwrap_err().to_string();
    assert_eq!(text, "this key may not be used: its team is disabled");
}

#[test]
fn an_empty_allow_list_allows_everything_a_full_one_only_what_it_names() {
    let allow = Allow {
        providers: vec!["openai".parse().unwrap()],
        models: vec!["gpt-*".parse().unwrap(), "o3".parse().unwrap()],
        routes: vec!["chat.completions".into()],
    };
    let keys = vec![
        key(1),
        VirtualKey {
            allow,
            log_content: true,
            ..key(2)
        },
    ];
    let ring = ring(&Governed {
        keys,
        ..Governed::default()
    });
    let open = ring.authenticate(&hash(1), NOW).unwrap();
    let narrow = ring.authenticate(&hash(2), NOW).unwrap();
    let (openai, anthropic) = ("openai".parse().unwrap(), "anthropic".parse().unwrap());
    assert!(open.allows_provider(&anthropic) && open.allows_model("x") && open.allows_route("y"));
    assert!(narrow.allows_provider(&openai) && !narrow.allows_provider(&anthropic));
    assert!(narrow.allows_model("gpt-5") && narrow.allows_model("o3"));
    assert!(!narrow.allows_model("o3-mini") && !narrow.allows_model(""));
    assert!(narrow.allows_route("chat.completions") && !narrow.allows_route("files"));
    assert!(narrow.log_content() && !open.log_content());
}

#[test]
fn every_scope_that_holds_the_key_counts_its_calls() {
    let (team_a, team_b) = (team(false), team(false));
    let owner = user(Some(team_b.id), false);
    let own = VirtualKey {
        team: Some(team_a.id),
        user: Some(owner.id),
        ..key(1)
    };
    let users = VirtualKey {
        user: Some(owner.id),
        ..key(2)
    };
    let scopes = [
        Scope::Organization,
        Scope::Team(team_a.id),
        Scope::Team(team_b.id),
        Scope::User(owner.id),
        Scope::Key(own.id),
    ];
    let mut budgets: Vec<_> = scopes
        .into_iter()
        .map(|scope| budget(scope, None))
        .collect();
    budgets.push(budget(Scope::Organization, Some("gpt-*")));
    let limits = scopes.map(|scope| RateLimit {
        id: LimitId::generate(NOW),
        scope,
        model: Some("gpt-*".parse().unwrap()),
        requests_per_minute: Some(1),
        tokens_per_minute: None,
        concurrency: None,
        created_at: NOW,
    });
    let governed = Governed {
        teams: vec![team_a.clone(), team_b.clone()],
        users: vec![owner],
        keys: vec![own, users],
        budgets,
        limits: limits.into(),
        ..Governed::default()
    };
    let ring = ring(&governed);
    let own = ring.authenticate(&hash(1), NOW).unwrap();
    assert_eq!(own.team(), Some(team_a.id));
    assert_eq!(
        (own.budgets("claude").count(), own.budgets("gpt-5").count()),
        (5, 6)
    );
    assert_eq!(
        (own.limits("claude").count(), own.limits("gpt-5").count()),
        (0, 5)
    );
    let users = ring.authenticate(&hash(2), NOW).unwrap();
    assert_eq!(users.team(), Some(team_b.id));
    let counted: Vec<_> = users.budgets("").map(|budget| budget.scope).collect();
    assert_eq!(counted, [scopes[0], scopes[2], scopes[3]]);
    assert!(users.has_budget(""));
}

#[test]
fn accounts_live_on_unless_the_windows_change() {
    let mut governed = Governed {
        budgets: vec![budget(Scope::Organization, None)],
        ..Governed::default()
    };
    let first = ring(&governed);
    let account = |ring: &Keyring| Arc::clone(&ring.meters.values().next().unwrap().account);
    governed.budgets[0].cap = MicroUsd::from_micros(7);
    let second = Keyring::compile(&governed, Some(&first), &clock());
    assert!(Arc::ptr_eq(&account(&first), &account(&second)));
    assert_eq!(
        second.meters.values().next().unwrap().config.cap.micros(),
        7
    );
    assert!(second.counts_in(&account(&first)));
    governed.budgets[0].window = Window::Hour;
    let third = Keyring::compile(&governed, Some(&second), &clock());
    assert!(!third.counts_in(&account(&first)));
}
