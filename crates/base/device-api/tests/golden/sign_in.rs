//! Every message of a person's sign-in on a device, byte for byte, and what a check-in says of them.

use tidegate_device_api::{
    BudgetLeft, DeviceCodeRequest, DeviceCodeResponse, Holder, LimitHeld, LinkResponse,
    PollRequest, PollResponse, RedeemRequest, RedeemResponse, SignedIn, UnlinkRequest,
    UnlinkResponse,
};
use tidegate_types::MicroUsd;

use super::*;

fn user() -> SignedIn {
    SignedIn {
        name: "Ann".into(),
        email: "ann@example.com".into(),
        team: Some("research".into()),
    }
}

#[test]
fn a_code_is_redeemed() -> Result<()> {
    let request = RedeemRequest {
        code: "tg-sign-in-code".into(),
        verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into(),
    };
    is(&request, include_str!("redeem_request.json"))?;
    let response = RedeemResponse {
        token: "tg-enrol-0123456789abcdef".into(),
        expires_in: 300,
        user: user(),
    };
    is(&response, include_str!("redeem_response.json"))?;
    is(
        &LinkResponse { user: user() },
        include_str!("link_response.json"),
    )?;
    assert_eq!(serde_json::to_string(&UnlinkRequest {})?, "{}");
    assert_eq!(serde_json::to_string(&UnlinkResponse {})?, "{}");
    let shown = format!("{request:?} {response:?}");
    assert!(
        !shown.contains("tg-") && !shown.contains("dBjft"),
        "{shown}"
    );
    Ok(())
}

#[test]
fn a_code_is_typed_elsewhere() -> Result<()> {
    let request = DeviceCodeRequest {
        challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".into(),
        hostname: "ann-server".into(),
    };
    is(&request, include_str!("device_code_request.json"))?;
    let response = DeviceCodeResponse {
        device_code: "tg-sign-in-device".into(),
        user_code: "BCDF-GHJK".into(),
        verification_uri: "https://gw.example.com/device".into(),
        verification_uri_complete: "https://gw.example.com/device?user_code=BCDF-GHJK".into(),
        interval: 5,
        expires_in: 600,
    };
    is(&response, include_str!("device_code_response.json"))?;
    let poll = PollRequest {
        device_code: "tg-sign-in-device".into(),
    };
    is(&poll, "{\n  \"device_code\": \"tg-sign-in-device\"\n}")?;
    let done = PollResponse {
        code: "tg-sign-in-code".into(),
    };
    is(&done, "{\n  \"code\": \"tg-sign-in-code\"\n}")?;
    let shown = format!("{response:?} {poll:?} {done:?}");
    assert!(!shown.contains("tg-") && !shown.contains("BCDF"), "{shown}");
    Ok(())
}

#[test]
fn an_answer_says_whose_device_it_is_and_what_is_left() -> Result<()> {
    let response = CheckInResponse {
        next_seconds: 60,
        user: Some(user()),
        budgets: vec![BudgetLeft {
            of: Holder::User,
            window: "1d".into(),
            model: Some(
                "gpt-*"
                    .parse::<tidegate_types::ModelPattern>()
                    .unwrap()
                    .to_string(),
            ),
            cap_micro_usd: MicroUsd::from_micros(10_000_000),
            left_micro_usd: MicroUsd::from_micros(3_200_000),
            resets_at: Some("2026-11-27T00:00:00Z".parse().unwrap()),
        }],
        limits: vec![LimitHeld {
            of: Holder::Team,
            model: None,
            requests_per_minute: Some(60),
            tokens_per_minute: None,
            concurrency: Some(4),
        }],
        ..CheckInResponse::default()
    };
    is(&response, include_str!("check_in_response_person.json"))?;
    // A holder that a newer gateway knows.
    let newer = include_str!("check_in_response_person.json").replace("\"user\",", "\"guild\",");
    let read: CheckInResponse = serde_json::from_str(&newer)?;
    assert_eq!(read.budgets[0].of, Holder::Other);
    Ok(())
}
