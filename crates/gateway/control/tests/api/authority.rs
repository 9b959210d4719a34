//! The organisation's CA: shown, downloaded, replaced by its own, and never its key.

use std::sync::Arc;

use http::StatusCode;
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair};
use serde_json::{Value, json};
use tidegate_authority::SealKey;
use tidegate_control::{Edge, EdgeConfig, EdgeError};

use crate::{
    devices::{enrolled, text},
    harness::Api,
};

/// A CA of the organisation's own: certificate and key.
pub(crate) fn own() -> Value {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = params.self_signed(&key).unwrap().pem();
    json!({ "certificate_pem": certificate, "private_key_pem": key.serialize_pem() })
}

#[tokio::test]
async fn the_authority_is_shown_and_downloaded() {
    let api = Api::managing(10).await;
    let shown = api.get("/edge/authority").await;
    assert_eq!(shown["name"], "CN=Tidegate Acme CA");
    assert_eq!(text(&shown["fingerprint_sha256"]).len(), 64);
    assert!(text(&shown["expires_at"]).starts_with("2036-11-2"));
    let file = api.call("GET", "/edge/authority/certificate", None).await;
    assert_eq!(file.headers["content-type"], "application/x-pem-file");
    assert_eq!(file.text, text(&shown["certificate_pem"]));
    assert_eq!(
        enrolled(&api, "host").await["ca_pem"],
        shown["certificate_pem"]
    );
    let audit = api.get("/audit").await;
    let made = audit["items"].as_array().unwrap();
    let made = made
        .iter()
        .find(|entry| entry["action"] == "authority.create");
    assert_eq!(
        made.unwrap()["detail"]["fingerprint"],
        shown["fingerprint_sha256"]
    );

    let none = Api::start().await;
    for path in ["/edge/authority", "/edge/authority/certificate"] {
        let answer = none.call("GET", path, None).await;
        assert_eq!(answer.code(), "edge_not_configured");
    }
}

#[tokio::test]
async fn an_organisation_brings_its_own() {
    let api = Api::managing(10).await;
    let before = api.get("/edge/authority").await;
    let new = own();
    let answer = api.call("PUT", "/edge/authority", Some(new.clone())).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    let after = answer.json();
    assert_eq!(after, api.get("/edge/authority").await);
    assert_ne!(after["fingerprint_sha256"], before["fingerprint_sha256"]);
    assert_eq!(after["policy_key"], before["policy_key"]);
    let made = enrolled(&api, "host").await;
    assert_eq!(made["ca_pem"], after["certificate_pem"]);
    let audit = api.get("/audit").await.to_string();
    assert!(audit.contains("authority.replace"));
    let key: String = text(&new["private_key_pem"]).lines().nth(1).unwrap().into();
    let told: String = api
        .calls
        .lock()
        .unwrap()
        .iter()
        .map(|call| call.text.clone())
        .collect();
    assert!(!told.contains(&key));
    let database = api.database_bytes();
    assert!(
        !database
            .windows(key.len())
            .any(|part| part == key.as_bytes())
    );
}

#[tokio::test]
async fn what_cannot_sign_is_refused_by_field() {
    let api = Api::managing(10).await;
    let (one, other) = (own(), own());
    let with = |certificate: &Value, key: &Value| json!({ "certificate_pem": certificate, "private_key_pem": key });
    let (certificate, key) = (&one["certificate_pem"], &one["private_key_pem"]);
    for (body, places) in [
        (
            with(certificate, &other["private_key_pem"]),
            vec!["/private_key_pem"],
        ),
        (with(key, key), vec!["/certificate_pem"]),
        (
            with(&json!("x"), &json!(1)),
            vec!["/certificate_pem", "/private_key_pem"],
        ),
        (json!({}), vec!["/certificate_pem", "/private_key_pem"]),
    ] {
        let answer = api.call("PUT", "/edge/authority", Some(body)).await;
        assert_eq!(answer.places(), places);
        let secret = text(key).lines().nth(1).unwrap().to_owned();
        assert!(!answer.text.contains(&secret));
    }
}

#[tokio::test]
async fn nodes_share_one_authority_and_a_wrong_seal_key_opens_none() {
    let api = Api::managing(10).await;
    let node = |bytes: u8| {
        let seal = SealKey::from_bytes([bytes; 32]);
        let config = EdgeConfig::new("Other", "https://gw.example.com", seal);
        Edge::open(
            api.store.clone(),
            Arc::<tidegate_types::ManualClock>::clone(&api.clock),
            config,
        )
    };
    let other = node(7).await.unwrap();
    assert_eq!(other.policy().document, api.edge().policy().document);
    assert_eq!(
        other.policy().signed,
        api.edge().policy().signed,
        "one key signs for all"
    );
    let wrong = node(8).await;
    assert!(matches!(wrong, Err(EdgeError::Authority(_))), "{wrong:?}");

    api.clock_forward();
    api.call("PUT", "/edge/authority", Some(own())).await;
    other.refresh().await.unwrap();
    assert!(
        format!("{other:?}").contains("rcgen self signed cert"),
        "{other:?}"
    );
    assert!(!format!("{other:?}").contains("PRIVATE"));
}
