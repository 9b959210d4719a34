//! Teams and users: names are unique, and who is in use does not go.

use tidegate_governance::entity::{Alignment, Scope, Window};
use tidegate_store::{Actor, NewBudget, NewTeam, NewUser, StoreError, UserPatch};

use crate::bed::{Bed, a_key, both, usd};

both!(a_team_in_use_stays, a_user_in_use_stays);

fn conflicts<T: std::fmt::Debug>(result: Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::Conflict { .. }))
}

async fn a_team_in_use_stays(bed: &Bed) {
    let store = &bed.store;
    let team = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "Blue".into(),
            },
        )
        .await
        .unwrap();
    assert_eq!(store.team_by_name("Blue").await, Ok(team.clone()));
    assert_eq!(
        store.team_by_name("Red").await,
        Err(StoreError::NotFound("team"))
    );
    let mut key = a_key("ci");
    key.team = Some(team.id);
    let key = store.create_key(Actor::Cli, key).await.unwrap();
    let (scope, cap, window) = (Scope::Team(team.id), usd(1), Window::Hour);
    let budget = NewBudget {
        scope,
        model: None,
        cap,
        window,
        alignment: Alignment::FirstUse,
    };
    let budget = store.create_budget(Actor::Cli, budget).await.unwrap();
    assert!(conflicts(store.delete_team(Actor::Cli, team.id).await));
    store.revoke_key(Actor::Cli, key.id).await.unwrap();
    store.delete_team(Actor::Cli, team.id).await.unwrap();
    assert_eq!(store.team(team.id).await, Err(StoreError::NotFound("team")));
    assert_eq!(
        store.budget(budget.id).await,
        Err(StoreError::NotFound("budget"))
    );
    assert_eq!(store.key(key.id).await.unwrap().team, None);
    let gone = store.delete_team(Actor::Cli, team.id).await;
    assert_eq!(gone, Err(StoreError::NotFound("team")));
}

async fn a_user_in_use_stays(bed: &Bed) {
    let store = &bed.store;
    let team = store
        .create_team(
            Actor::Cli,
            NewTeam {
                name: "Blue".into(),
            },
        )
        .await
        .unwrap();
    let new = NewUser {
        email: "Ada@X.org".into(),
        name: "Ada".into(),
        team: Some(team.id),
    };
    let user = store.create_user(Actor::Cli, new.clone()).await.unwrap();
    assert_eq!(user.email, "ada@x.org");
    assert!(conflicts(store.create_user(Actor::Cli, new).await));
    assert!(conflicts(store.delete_team(Actor::Cli, team.id).await));
    assert_eq!(
        store.users(Some(team.id), None, 5).await.unwrap().items,
        std::slice::from_ref(&user)
    );
    let patch = UserPatch {
        team: Some(None),
        disabled: Some(true),
        ..UserPatch::default()
    };
    let patched = store.patch_user(Actor::Cli, user.id, patch).await.unwrap();
    assert_eq!((patched.team, patched.disabled), (None, true));
    assert_eq!(store.user(user.id).await, Ok(patched));
    store.delete_team(Actor::Cli, team.id).await.unwrap();

    let mut key = a_key("ci");
    key.user = Some(user.id);
    let key = store.create_key(Actor::Cli, key).await.unwrap();
    assert!(conflicts(store.delete_user(Actor::Cli, user.id).await));
    store.revoke_key(Actor::Cli, key.id).await.unwrap();
    store.delete_user(Actor::Cli, user.id).await.unwrap();
    assert!(store.users(None, None, 5).await.unwrap().items.is_empty());
}
