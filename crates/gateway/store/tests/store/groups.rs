//! Groups: their members, and the team that being in one gives.

use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use tidegate_governance::entity::Team;
use tidegate_store::{
    Actor, Group, GroupInput, GroupKey, MemberStep, NewTeam, Store, StoreError, UserPatch,
};
use tidegate_types::{GroupId, TeamId, UserId};

use crate::{
    bed::{Bed, both},
    provisioning::{activate, provision},
};

both!(
    a_group_comes_changes_and_goes,
    the_first_mapped_group_gives_the_team,
    a_team_stays_with_who_is_switched_off,
    members_are_a_set
);

fn named(name: &str) -> GroupInput {
    GroupInput {
        name: name.into(),
        external_id: None,
        resource: "{}".into(),
    }
}

async fn group(store: &Store, name: &str, members: &[UserId]) -> GroupId {
    let created = store
        .create_group(Actor::Cli, named(name), members.to_vec())
        .await;
    created.unwrap().id
}

async fn change(store: &Store, id: GroupId, steps: Vec<MemberStep>) -> Result<Group, StoreError> {
    let change = |group: &Group| Ok::<_, ()>((named(&group.name), steps));
    let changed = store.change_group(Actor::Cli, id, change).await;
    changed.map(|changed| changed.unwrap())
}

async fn members(store: &Store, id: GroupId) -> Vec<UserId> {
    store.group_members(id).await.unwrap()
}

async fn team(store: &Store, name: &str) -> Team {
    let new = NewTeam { name: name.into() };
    store.create_team(Actor::Cli, new).await.unwrap()
}

async fn a_group_comes_changes_and_goes(bed: &Bed) {
    let store = &bed.store;
    let (ada, bob) = (
        provision(store, "ada").await.user.id,
        provision(store, "bob").await.user.id,
    );
    let id = group(store, "Engineers", &[ada]).await;
    let taken = store
        .create_group(Actor::Cli, named("ENGINEERS"), vec![])
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict { .. })));
    let found = store
        .find_groups(GroupKey::Name("engineers".into()))
        .await
        .unwrap();
    assert_eq!(
        (found[0].id, found[0].members, found[0].version),
        (id, 1, 1)
    );
    assert_eq!(
        store.provisioned_user(ada).await.unwrap().groups,
        [(id, "Engineers".to_owned())]
    );

    let twice = change(store, id, vec![MemberStep::Add(vec![ada, bob, bob])])
        .await
        .unwrap();
    assert_eq!((twice.members, twice.version), (2, 2));
    let same = change(store, id, vec![MemberStep::Add(vec![bob])])
        .await
        .unwrap();
    assert_eq!(same.version, 2, "who is there is not added");
    let around = vec![MemberStep::Remove(vec![bob]), MemberStep::Add(vec![bob])];
    assert_eq!(change(store, id, around).await.unwrap().version, 2);
    let nobody = UserId::generate(bed.store.user(ada).await.unwrap().created_at);
    let refused = change(
        store,
        id,
        vec![MemberStep::Remove(vec![ada]), MemberStep::Add(vec![nobody])],
    )
    .await;
    assert!(matches!(
        refused,
        Err(StoreError::Invalid {
            field: "members",
            ..
        })
    ));
    assert_eq!(members(store, id).await, [ada, bob], "all or nothing");
    assert_eq!(
        store.groups_of_address("ADA@x.org").await.unwrap()[0].id,
        id
    );
    activate(store, ada, false).await;
    assert!(
        store
            .groups_of_address("ada@x.org")
            .await
            .unwrap()
            .is_empty()
    );

    let check = |_: &Group| Ok::<_, ()>(());
    store
        .delete_group(Actor::Cli, id, check)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(store.group(id).await, Err(StoreError::NotFound("group")));
    store.delete_user(Actor::Cli, ada).await.unwrap();
}

async fn the_first_mapped_group_gives_the_team(bed: &Bed) {
    let store = &bed.store;
    let ada = provision(store, "ada").await.user.id;
    let of = async || store.user(ada).await.unwrap().team;
    let (red, blue) = (team(store, "red").await.id, team(store, "blue").await.id);
    let (b, a) = (
        group(store, "b", &[ada]).await,
        group(store, "A", &[]).await,
    );
    group(store, "0", &[ada]).await;
    store.map_group(Actor::Cli, b, Some(blue)).await.unwrap();
    assert_eq!(of().await, Some(blue));
    store.map_group(Actor::Cli, a, Some(red)).await.unwrap();
    assert_eq!(of().await, Some(blue), "she is not in it");
    change(store, a, vec![MemberStep::Add(vec![ada])])
        .await
        .unwrap();
    assert_eq!(
        of().await,
        Some(red),
        "`a` comes before `b`, whatever its case"
    );
    let rename = |_: &Group| Ok::<_, ()>((named("z"), vec![]));
    store
        .change_group(Actor::Cli, a, rename)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(of().await, Some(blue), "now it comes last");
    change(store, b, vec![MemberStep::Replace(vec![])])
        .await
        .unwrap();
    assert_eq!(of().await, Some(red));
    store.map_group(Actor::Cli, a, None).await.unwrap();
    assert_eq!(of().await, None, "what came with a group goes with it");

    let chosen = |team: TeamId| UserPatch {
        team: Some(Some(team)),
        ..UserPatch::default()
    };
    store
        .patch_user(Actor::Cli, ada, chosen(red))
        .await
        .unwrap();
    change(store, a, vec![MemberStep::Remove(vec![ada])])
        .await
        .unwrap();
    assert_eq!(
        of().await,
        Some(red),
        "what an admin chose goes with no group"
    );
    let none = store
        .map_group(Actor::Cli, a, Some(TeamId::from_uuid(ada.uuid())))
        .await;
    assert!(matches!(
        none,
        Err(StoreError::Invalid { field: "team", .. })
    ));
    store
        .patch_user(Actor::Cli, ada, chosen(blue))
        .await
        .unwrap();
    store.map_group(Actor::Cli, a, Some(red)).await.unwrap();
    store.delete_team(Actor::Cli, red).await.unwrap();
    assert_eq!(store.group(a).await.unwrap().team, None);
}

async fn a_team_stays_with_who_is_switched_off(bed: &Bed) {
    let store = &bed.store;
    let ada = provision(store, "ada").await.user.id;
    let of = async || store.user(ada).await.unwrap().team;
    let blue = team(store, "blue").await.id;
    let id = group(store, "b", &[ada]).await;
    store.map_group(Actor::Cli, id, Some(blue)).await.unwrap();
    activate(store, ada, false).await;
    change(store, id, vec![MemberStep::Remove(vec![ada])])
        .await
        .unwrap();
    assert_eq!(
        of().await,
        Some(blue),
        "what is denied to her devices does not become less"
    );
    activate(store, ada, true).await;
    assert_eq!(of().await, None);
}

/// Steps over five users against a model.
async fn members_are_a_set(bed: &Bed) {
    let store = &bed.store;
    let mut users = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        users.push(provision(store, name).await.user.id);
    }
    let id = group(store, "g", &[]).await;
    let mut model = std::collections::BTreeSet::new();
    let mut runner = TestRunner::deterministic();
    let some = prop::collection::vec(0..users.len(), 0..4);
    let step = (0..3_u8, some);
    let steps = prop::collection::vec(step, 1..4);
    for _ in 0..60 {
        let drawn = steps.new_tree(&mut runner).unwrap().current();
        let mut steps = Vec::new();
        for (kind, places) in drawn {
            let who: Vec<UserId> = places.iter().map(|&place| users[place]).collect();
            match kind {
                0 => model.extend(who.iter().copied()),
                1 => model.retain(|user| !who.contains(user)),
                _ => model = who.iter().copied().collect(),
            }
            steps
                .push([MemberStep::Add, MemberStep::Remove, MemberStep::Replace]
                    [usize::from(kind)](who));
        }
        change(store, id, steps.clone()).await.unwrap();
        let expected: Vec<UserId> = model.iter().copied().collect();
        assert_eq!(members(store, id).await, expected, "{steps:?}");
    }
}
