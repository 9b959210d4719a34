//! The authority: made once, by whoever comes first; replaced as told.

use tidegate_store::{Actor, StoreError, StoredAuthority};

use crate::bed::{Bed, NOON, at, both, node};

both!(
    the_first_authority_stays,
    a_ca_is_replaced_and_policies_are_signed_as_before
);

fn authority(certificate: &str) -> StoredAuthority {
    StoredAuthority {
        certificate: certificate.into(),
        ca_key: vec![1, 2, 3],
        policy_key: vec![4, 5],
        updated_at: at(0),
    }
}

async fn the_first_authority_stays(bed: &Bed) {
    let store = &bed.store;
    assert_eq!(store.authority().await, Ok(None));
    assert_eq!(store.edge_state().await.unwrap().1, None);
    let other = bed.another(node()).await;
    let (first, second) = tokio::join!(
        store.create_authority(Actor::System, authority("one"), "f1".into()),
        other.create_authority(Actor::System, authority("two"), "f2".into()),
    );
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first, second, "nodes that start together agree");
    assert_eq!(first.updated_at, at(NOON));
    assert_eq!(store.authority().await, Ok(Some(first.clone())));
    assert_eq!(store.audit(None, 10).await.unwrap().items.len(), 1);
    let printed = format!("{first:?}");
    assert!(
        !printed.contains("[1, 2, 3]") && !printed.contains("[4, 5]"),
        "{printed}"
    );
}

async fn a_ca_is_replaced_and_policies_are_signed_as_before(bed: &Bed) {
    let store = &bed.store;
    let replace = |certificate: &str| {
        let (certificate, key) = (certificate.to_owned(), vec![9; 4]);
        store.replace_authority(Actor::Cli, certificate, key, "f".into())
    };
    assert_eq!(replace("x").await, Err(StoreError::NotFound("authority")));
    let made = store.create_authority(Actor::System, authority("one"), "f".into());
    let before = made.await.unwrap();
    let revision = store.revision().await.unwrap();
    bed.clock.advance(std::time::Duration::from_secs(1));
    let replaced = replace("two").await.unwrap();
    assert_eq!(replaced.policy_key, before.policy_key);
    assert_eq!(
        (replaced.certificate.as_str(), &replaced.ca_key),
        ("two", &vec![9; 4])
    );
    assert_eq!(store.authority().await, Ok(Some(replaced.clone())));
    assert_eq!(
        store.edge_state().await.unwrap().1,
        Some(replaced.updated_at)
    );
    assert_eq!(
        store.revision().await,
        Ok(revision + 1),
        "other nodes see it"
    );
    let long = replace(&"x".repeat(20_000)).await;
    assert!(matches!(long, Err(StoreError::Invalid { .. })), "{long:?}");
}
