//! Every message, byte for byte as it is on the wire: a device two versions older reads what the
//! gateway writes, and the other way round. A change here is a change of the protocol.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Result;
use tidegate_device_api::{
    AppSeen, BASE, CERTIFICATE, CHECK_IN, CertificateRequest, CertificateResponse, CheckInRequest,
    CheckInResponse, DEVICE_PAGE, ENROL, EnrolRequest, EnrolResponse, INVENTORY, LOOPBACK_PATH,
    Platform, ROUTE_PREFIX, SIGN_IN, SIGN_IN_CODE, SIGN_IN_LINK, SIGN_IN_POLL, SIGN_IN_REDEEM,
    SIGN_IN_UNLINK, SignedPolicy, headers, refusal,
};

#[cfg(test)]
mod fleet;
#[cfg(test)]
mod older;
#[cfg(test)]
mod sign_in;

const SIGNED: &[u8] = br#"{"revision":7,"check_in_seconds":60,"hosts":[],"apps":[]}"#;

fn policy() -> SignedPolicy {
    SignedPolicy::new(SIGNED, &[7; 64])
}

/// The value is written as the file says, the file is read as the value, and so is one to which a newer
/// version added something.
#[track_caller]
fn is<T>(value: &T, golden: &str) -> Result<()>
where
    T: Serialize + DeserializeOwned + PartialEq + Debug,
{
    let golden = golden.trim_end();
    assert_eq!(serde_json::to_string_pretty(value)?, golden);
    assert_eq!(&serde_json::from_str::<T>(golden)?, value);
    let more = golden.replacen('{', "{\n  \"added_by_a_newer_version\": {\"a\": [1]},", 1);
    assert_eq!(&serde_json::from_str::<T>(&more)?, value);
    Ok(())
}

fn enrol_response() -> EnrolResponse {
    EnrolResponse {
        device_id: "0195d2a0-0000-7000-8000-000000000001".into(),
        device_key: "tg-device-0123456789abcdef".into(),
        relay_url: "https://gateway.example.com:8080".into(),
        ca_pem: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".into(),
        ca_signature: Some("c2lnbmVk".into()),
        policy_key: "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=".into(),
        certificate_pem: "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n".into(),
        policy: policy(),
    }
}

fn enrol_request() -> EnrolRequest {
    EnrolRequest {
        token: "tg-enrol-0123456789abcdef".into(),
        hostname: "ann-laptop".into(),
        machine_id_hash: "9f86d081884c7d659a2feaa0c55ad015".into(),
        platform: Platform {
            os: "linux".into(),
            os_version: "Debian GNU/Linux 12".into(),
            arch: "x86_64".into(),
        },
        agent_version: "0.1.0".into(),
        csr_pem: "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
            .into(),
    }
}

#[test]
fn enrolment() -> Result<()> {
    is(&enrol_request(), include_str!("enrol_request.json"))?;
    is(&enrol_response(), include_str!("enrol_response.json"))?;
    Ok(())
}

#[test]
fn certificate() -> Result<()> {
    let request = CertificateRequest {
        csr_pem: "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"
            .into(),
    };
    is(&request, include_str!("certificate_request.json"))?;
    let mut response = CertificateResponse {
        certificate_pem: "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n".into(),
        ca_pem: None,
        ca_signature: None,
    };
    let golden = include_str!("certificate_response.json");
    is(&response, golden)?;
    response.ca_pem = Some("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n".into());
    response.ca_signature = Some("c2lnbmVk".into());
    let golden = include_str!("certificate_response_other_ca.json");
    is(&response, golden)?;
    Ok(())
}

#[test]
fn check_in() -> Result<()> {
    let request = CheckInRequest {
        revision: 6,
        wait_seconds: 60,
        agent_version: "0.1.0".into(),
        effective: false,
        problem: Some("the programs are not attached".into()),
        apps: vec![
            AppSeen {
                app: "claude-code".parse().unwrap(),
                version: Some("2.1.332".into()),
                path: "/usr/bin/claude".into(),
                relayed: u64::MAX,
                denied: 0,
                pinned: 0,
            },
            AppSeen {
                app: "curl".parse().unwrap(),
                version: None,
                path: "/usr/bin/curl".into(),
                relayed: 1,
                denied: 2,
                pinned: 3,
            },
        ],
        ..CheckInRequest::default()
    };
    is(&request, include_str!("check_in_request.json"))?;
    let least: CheckInRequest =
        serde_json::from_str(r#"{"revision":0,"agent_version":"0.1.0","effective":true}"#).unwrap();
    assert_eq!(
        (least.wait_seconds, least.problem, least.apps),
        (0, None, Vec::new())
    );
    let news = CheckInResponse {
        policy: Some(policy()),
        next_seconds: 60,
        ..CheckInResponse::default()
    };
    is(&news, include_str!("check_in_response.json"))?;
    let none = CheckInResponse {
        policy: None,
        next_seconds: 5,
        ..CheckInResponse::default()
    };
    is(&none, "{\n  \"next_seconds\": 5\n}")?;
    Ok(())
}

#[test]
fn places_and_headers() {
    let said = [
        BASE,
        ENROL,
        CERTIFICATE,
        CHECK_IN,
        INVENTORY,
        SIGN_IN,
        SIGN_IN_REDEEM,
        SIGN_IN_LINK,
        SIGN_IN_UNLINK,
        SIGN_IN_CODE,
        SIGN_IN_POLL,
        DEVICE_PAGE,
        LOOPBACK_PATH,
        ROUTE_PREFIX,
        headers::DEVICE_KEY,
        headers::APP,
        headers::MODE,
        headers::USER,
        headers::PROCESS,
        refusal::UNAUTHENTICATED,
        refusal::DISABLED,
        refusal::DUPLICATE,
        refusal::REMOVED,
        refusal::AUTHORIZATION_PENDING,
        refusal::SLOW_DOWN,
        refusal::EXPIRED_TOKEN,
        refusal::ACCESS_DENIED,
        refusal::INVALID_GRANT,
        refusal::DEVICE_TAKEN,
        refusal::NO_PROVIDER,
        refusal::USER_DISABLED,
        refusal::SIGN_IN_FAILED,
    ];
    assert_eq!(said.join("\n"), include_str!("names.txt").trim_end());
    // HTTP/2 knows lower case only (RFC 9113 §8.2.1).
    assert!(said.iter().all(|name| *name == name.to_ascii_lowercase()));
    assert!(
        [ENROL, CERTIFICATE, CHECK_IN, INVENTORY]
            .iter()
            .all(|path| path.starts_with(BASE))
    );
}

#[test]
fn a_signature_is_asked_about_the_very_bytes() {
    let read = policy().open(|document, signature| document == SIGNED && signature == [7; 64]);
    assert_eq!(read.unwrap().revision, 7);
    let error =
        |policy: &SignedPolicy, good: bool| policy.open(|_, _| good).unwrap_err().to_string();
    let bad = "the policy's signature is not the gateway's";
    assert_eq!(error(&policy(), false), bad);
    for (document, signature) in [("*", "AA=="), ("AA==", "*")] {
        let policy = SignedPolicy {
            document: document.into(),
            signature: signature.into(),
        };
        assert_eq!(error(&policy, true), bad);
    }
    // Signed, and still not a policy.
    assert!(error(&SignedPolicy::new(b"{}", b""), true).contains("cannot be read"));
}

#[test]
fn secrets_are_not_shown() {
    let shown = format!("{:?} {:?}", enrol_request(), enrol_response());
    assert!(!shown.contains("0123456789abcdef"), "{shown}");
    assert!(
        shown.contains("ann-laptop") && shown.contains("0195d2a0"),
        "{shown}"
    );
}
