//! Enrolment, from a token to a certificate that a client accepts.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::StatusCode;
use rcgen::KeyPair;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tidegate_authority::verify;
use tidegate_device_api::{SignedPolicy, ca_statement};
use tidegate_types::Clock;
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::{
    devices::{call, call_from, csr, enrolled, machine, text, token},
    harness::Api,
};

/// Whether a client that trusts `ca_pem` accepts the leaf for a host now.
pub(crate) fn accepts(api: &Api, ca_pem: &str, chain_pem: &str, host: &str) -> bool {
    let ders = |pem: &str| -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_slice_iter(pem.as_bytes())
            .map(Result::unwrap)
            .collect()
    };
    let (ca, chain) = (ders(ca_pem), ders(chain_pem));
    let anchors = [anchor_from_trusted_cert(&ca[0]).unwrap()];
    let leaf = EndEntityCert::try_from(&chain[0]).unwrap();
    let seconds = u64::try_from(api.clock.now().seconds()).unwrap();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
    let usage = KeyUsage::server_auth();
    let chains = leaf.verify_for_usage(
        ALL_VERIFICATION_ALGS,
        &anchors,
        &chain[1..],
        time,
        usage,
        None,
        None,
    );
    let name = ServerName::try_from(host.to_owned()).unwrap();
    chains.is_ok() && leaf.verify_is_valid_for_subject_name(&name).is_ok()
}

/// Whether an answer's CA is signed with the key of the policies.
fn is_vouched_for(answer: &Value, key: &str) -> bool {
    let ca = CertificateDer::from_pem_slice(text(&answer["ca_pem"]).as_bytes()).unwrap();
    let mark = STANDARD.decode(text(&answer["ca_signature"])).unwrap();
    verify(key, &ca_statement(&Sha256::digest(ca).into()), &mark)
}

#[tokio::test]
async fn a_token_becomes_a_device_with_a_certificate_and_a_policy() {
    let api = Api::managing(10).await;
    let made = enrolled(&api, "ada-laptop").await;
    let id = text(&made["device_id"]);
    assert!(id.starts_with("dev_") && text(&made["device_key"]).starts_with("tg-device-"));
    assert_eq!(made["relay_url"], "https://gw.example.com");
    let (ca, chain) = (text(&made["ca_pem"]), text(&made["certificate_pem"]));
    assert!(accepts(&api, &ca, &chain, "api.anthropic.com"));
    assert!(!accepts(&api, &ca, &chain, "evil.example"));
    let policy: SignedPolicy = serde_json::from_value(made["policy"].clone()).unwrap();
    let key = text(&made["policy_key"]);
    assert!(is_vouched_for(&made, &key));
    let document = policy.open(|text, mark| verify(&key, text, mark)).unwrap();
    assert_eq!(document, *api.edge().policy().document);
    assert_eq!(document.never_block, ["gw.example.com".parse().unwrap()]);

    let shown = api.get(&format!("/devices/{id}")).await;
    assert_eq!(
        (&shown["name"], &shown["hostname"]),
        (&json!("ada-laptop"), &json!("ada-laptop"))
    );
    assert_eq!(
        (&shown["effective"], &shown["last_seen_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(shown["platform"]["arch"], "x86_64");
    assert_eq!(
        shown["certificate"]["expires_at"],
        "2026-12-02T12:00:00.000000Z"
    );
    let key = api.get(&format!("/keys/{}", text(&shown["key"]))).await;
    assert_eq!(
        (&key["device"], &key["name"]),
        (&json!(id), &json!("ada-laptop"))
    );
    assert!(
        api.get("/keys").await["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let all = api.get("/keys?devices=true").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 1);
    assert!(api.plane.changes.load(std::sync::atomic::Ordering::SeqCst) >= 2);
    let audit = api.get("/audit?limit=1").await["items"][0].clone();
    assert_eq!(
        (&audit["action"], &audit["target"]),
        (&json!("device.enrol"), &json!(id))
    );
    let secret = text(&made["device_key"]);
    let bytes = api.database_bytes();
    assert!(
        !bytes
            .windows(secret.len())
            .any(|part| part == secret.as_bytes())
    );
}

#[tokio::test]
async fn what_is_no_enrolment_is_refused() {
    let api = Api::managing(10).await;
    let token = token(&api, 1).await;
    let refuse = |body: Value| {
        let api = &api;
        async move { call(api, "enrol", "", &body).await }
    };
    let mut wrong = machine(&token, "host");
    wrong["csr_pem"] = json!("nonsense");
    assert_eq!(refuse(wrong).await.places(), ["/csr_pem"]);
    let mut wrong = machine(&token, "host");
    wrong["hostname"] = json!("");
    assert_eq!(refuse(wrong).await.places(), ["/hostname"]);
    assert_eq!(refuse(json!({ "token": token })).await.places(), [""]);
    let api_token = machine(&api.token, "host");
    assert_eq!(refuse(api_token).await.code(), "unauthenticated");
    let large = json!({ "token": "x".repeat(300 * 1024) });
    assert_eq!(refuse(large).await.code(), "body_too_large");
    let fine = refuse(machine(&token, "host")).await;
    assert_eq!(
        fine.status,
        StatusCode::CREATED,
        "failures used nothing up: {}",
        fine.text
    );
    assert_eq!(
        refuse(machine(&token, "again")).await.code(),
        "unauthenticated"
    );

    let none = Api::start().await;
    let answer = call(&none, "enrol", "", &machine(&token, "host")).await;
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, "edge_not_configured")
    );
}

#[tokio::test]
async fn guessing_tokens_is_slow_and_enrolling_is_not() {
    let api = Api::managing(10).await;
    let good = token(&api, 50).await;
    for n in 0..30 {
        let answer = call(&api, "enrol", "", &machine(&good, &format!("host{n}"))).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{n}: {}", answer.text);
    }
    let guess = format!("tg-enrol-{}", "A".repeat(43));
    let mut body = machine(&guess, "host");
    body["csr_pem"] = json!("nonsense");
    for _ in 0..20 {
        let answer = call(&api, "enrol", "", &body).await;
        assert_eq!(
            answer.code(),
            "unauthenticated",
            "nothing is read for who has no token"
        );
    }
    let answer = call(&api, "enrol", "", &machine(&good, "late")).await;
    assert_eq!(answer.code(), "too_many_attempts");
    assert!(answer.headers.contains_key("retry-after"));
    let other = call_from(&api, "10.0.0.9:1", "enrol", "", &machine(&good, "other")).await;
    assert_eq!(other.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_certificate_is_renewed_for_what_is_governed_now() {
    let api = Api::managing(10).await;
    let made = enrolled(&api, "host").await;
    let (key, ca) = (text(&made["device_key"]), text(&made["ca_pem"]));
    let rule = json!({ "treatment": "governed" });
    let set = api
        .call("PUT", "/edge/hosts/llm.example.com", Some(rule))
        .await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text);
    let renew = || {
        let body = json!({ "csr_pem": csr(&KeyPair::generate().unwrap()) });
        let (api, key) = (&api, &key);
        async move { call(api, "certificate", key, &body).await }
    };
    let renewed = renew().await;
    assert_eq!(renewed.status, StatusCode::OK, "{}", renewed.text);
    assert_eq!(renewed.json()["ca_pem"], ca);
    assert!(is_vouched_for(&renewed.json(), &text(&made["policy_key"])));
    let chain = text(&renewed.json()["certificate_pem"]);
    assert!(accepts(&api, &ca, &chain, "llm.example.com"));
    let first = text(&made["certificate_pem"]);
    assert!(!accepts(&api, &ca, &first, "llm.example.com"));
    let shown = api
        .get(&format!("/devices/{}", text(&made["device_id"])))
        .await;
    let serial = text(&shown["certificate"]["serial"]);
    let audit = api.get("/audit?limit=1").await["items"][0].clone();
    assert_eq!(audit["action"], "device.certificate");
    assert_eq!(audit["detail"]["serial"], serial);
    for _ in 0..9 {
        assert_eq!(renew().await.status, StatusCode::OK);
    }
    assert_eq!(renew().await.code(), "too_many_attempts");
    api.clock.advance(Duration::from_secs(60));
    assert_eq!(renew().await.status, StatusCode::OK);
}
