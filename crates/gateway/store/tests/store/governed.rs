//! The snapshot, its revision, and that every change raises it and is audited.

use tidegate_governance::entity::{Alignment, Scope, Window};
use tidegate_store::{
    Actor, KeyPatch, NewBudget, NewLimit, NewTeam, NewUser, StoreError, TeamPatch,
};

use crate::bed::{Bed, a_key, both, usd};

both!(
    everything_is_in_one_snapshot,
    each_change_counts_once,
    a_revoked_key_leaves_nothing_behind
);

fn budget(scope: Scope) -> NewBudget {
    let (window, alignment) = (Window::Day, Alignment::Calendar);
    NewBudget {
        scope,
        model: None,
        cap: usd(5_000_000),
        window,
        alignment,
    }
}

fn limit(scope: Scope) -> NewLimit {
    NewLimit {
        scope,
        model: Some("gpt-*".parse().unwrap()),
        requests_per_minute: Some(60),
        tokens_per_minute: None,
        concurrency: Some(4),
    }
}

async fn everything_is_in_one_snapshot(bed: &Bed) {
    let store = &bed.store;
    let empty = store.governed().await.unwrap();
    assert_eq!((empty.revision, empty.keys.len()), (0, 0));
    let team = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "Blue".into(),
            },
        )
        .await
        .unwrap();
    let user = NewUser {
        email: "Ada@X.org".into(),
        name: "Ada".into(),
        team: Some(team.id),
    };
    let user = store.create_user(Actor::Cli, user).await.unwrap();
    let mut key = a_key("ci");
    (key.team, key.user, key.log_content) = (Some(team.id), Some(user.id), true);
    key.allow.models = vec!["gpt-*".parse().unwrap()];
    key.allow.providers = vec!["openai".parse().unwrap()];
    let key = store.create_key(Actor::Cli, key).await.unwrap();
    let budget = store
        .create_budget(Actor::Cli, budget(Scope::Key(key.id)))
        .await
        .unwrap();
    let limit = store
        .create_limit(Actor::Cli, limit(Scope::Team(team.id)))
        .await
        .unwrap();
    let row = r#"{"provider":"openai","model":"x"}"#;
    store.put_price(Actor::Cli, "openai/x", row).await.unwrap();

    let governed = store.governed().await.unwrap();
    assert_eq!(governed.revision, 6);
    assert_eq!(governed.teams, [team]);
    assert_eq!(governed.users, [user]);
    assert_eq!(governed.keys, [key]);
    assert_eq!(governed.budgets, [budget]);
    assert_eq!(governed.limits, [limit]);
    assert_eq!(governed.price_overrides, [row]);
}

async fn each_change_counts_once(bed: &Bed) {
    let store = &bed.store;
    let other = bed.another(crate::bed::node()).await;
    let team = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "Blue".into(),
            },
        )
        .await
        .unwrap();
    assert_eq!(other.revision().await, Ok(1), "another process sees it");

    let same = TeamPatch {
        name: Some("Blue".into()),
        disabled: Some(false),
    };
    store.patch_team(Actor::Cli, team.id, same).await.unwrap();
    let taken = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "Blue".into(),
            },
        )
        .await;
    assert!(
        matches!(taken, Err(StoreError::Conflict { .. })),
        "{taken:?}"
    );
    assert_eq!(
        other.revision().await,
        Ok(1),
        "nothing changed, so nothing is new"
    );
    assert_eq!(store.audit(None, 10).await.unwrap().items.len(), 1);

    let off = TeamPatch {
        disabled: Some(true),
        ..TeamPatch::default()
    };
    assert!(
        other
            .patch_team(Actor::Cli, team.id, off)
            .await
            .unwrap()
            .disabled
    );
    assert_eq!(store.revision().await, Ok(2));
    let audit = store.audit(None, 10).await.unwrap().items;
    let actions: Vec<&str> = audit.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions, ["team.update", "team.create"]);
    assert_eq!(audit[0].target, team.id.to_string());
}

async fn a_revoked_key_leaves_nothing_behind(bed: &Bed) {
    let store = &bed.store;
    let key = store.create_key(Actor::Cli, a_key("ci")).await.unwrap();
    store
        .create_budget(Actor::Cli, budget(Scope::Key(key.id)))
        .await
        .unwrap();
    store
        .create_limit(Actor::Cli, limit(Scope::Key(key.id)))
        .await
        .unwrap();
    let kept = store
        .create_budget(Actor::Cli, budget(Scope::Organization))
        .await
        .unwrap();
    let revoked = store.revoke_key(Actor::Cli, key.id).await.unwrap();
    assert_eq!(
        store.revoke_key(Actor::Cli, key.id).await.as_ref(),
        Ok(&revoked)
    );

    let governed = store.governed().await.unwrap();
    assert_eq!(governed.revision, 5);
    assert!(governed.keys.is_empty() && governed.limits.is_empty());
    assert_eq!(governed.budgets, [kept]);
    let again = store
        .patch_key(Actor::Cli, key.id, KeyPatch::default())
        .await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
    let budget = store
        .create_budget(Actor::Cli, budget(Scope::Key(key.id)))
        .await;
    assert!(matches!(
        budget,
        Err(StoreError::Invalid { field: "scope", .. })
    ));
}
