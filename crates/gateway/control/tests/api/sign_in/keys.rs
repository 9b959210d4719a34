//! Keys come and go: new ones are found, old ones do not live on here.

use std::{sync::Arc, time::Duration};

use tidegate_identity::{Algorithm, testing::Signer};

use super::browser::{Scene, session};

fn asked(scene: &Scene, what: &str) -> usize {
    scene
        .idp
        .script()
        .asked
        .iter()
        .filter(|one| **one == what)
        .count()
}

#[tokio::test]
async fn a_rotated_key_is_fetched_and_the_old_one_is_refused_from_then_on() {
    let scene = Scene::start().await;
    let (_, ended) = scene.sign_in().await;
    assert!(session(&ended.headers).is_some());
    let old = {
        let new = Arc::new(Signer::new(Algorithm::EdDsa, "second"));
        let mut script = scene.idp.script();
        script.keys = vec![new.public()];
        std::mem::replace(&mut script.signer, new)
    };
    let (_, ended) = scene.sign_in().await;
    assert!(session(&ended.headers).is_some(), "the new key is found");
    assert_eq!(asked(&scene, "keys"), 2);
    assert_eq!(asked(&scene, "description"), 1);

    scene.idp.script().signer = old;
    let (_, ended) = scene.sign_in().await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=answer_invalid");
    assert!(
        scene
            .reason()
            .await
            .ends_with("the provider has no such key")
    );
}

#[tokio::test]
async fn tokens_do_not_make_the_gateway_ask_for_keys_again_and_again() {
    let scene = Scene::start().await;
    scene.sign_in().await;
    scene.idp.script().signer = Arc::new(Signer::new(Algorithm::Es256, "never published"));
    for _ in 0..5 {
        let (_, ended) = scene.sign_in().await;
        assert_eq!(ended.headers["location"], "/sign-in?problem=answer_invalid");
    }
    assert_eq!(asked(&scene, "keys"), 2, "once at first, and once more");
    scene.api.clock.advance(Duration::from_secs(31));
    scene.sign_in().await;
    assert_eq!(asked(&scene, "keys"), 3);
}

#[tokio::test]
async fn a_key_that_was_taken_back_is_believed_for_five_minutes_at_most() {
    let scene = Scene::start().await;
    scene.sign_in().await;
    let other = Signer::new(Algorithm::Es256, "other");
    scene.idp.script().keys = vec![other.public()];
    scene.api.clock.advance(Duration::from_secs(5 * 60));
    let (_, ended) = scene.sign_in().await;
    assert_eq!(ended.headers["location"], "/sign-in?problem=answer_invalid");
}

#[tokio::test]
async fn the_same_name_with_another_key_is_another_key() {
    let scene = Scene::start().await;
    scene.sign_in().await;
    scene.idp.script().signer = Arc::new(Signer::new(Algorithm::Es256, "first"));
    let (_, ended) = scene.sign_in().await;
    scene_refused_signature(&scene, &ended.headers).await;
}

async fn scene_refused_signature(scene: &Scene, headers: &http::HeaderMap) {
    assert_eq!(headers["location"], "/sign-in?problem=answer_invalid");
    assert!(session(headers).is_none());
    assert!(scene.reason().await.ends_with("its signature is wrong"));
}
