//! docs/edge/sync.md says what the code does.

use std::collections::BTreeSet;

use serde_json::Value;
use tidegate_device_api::{
    BASE, BudgetLeft, CERTIFICATE, CHECK_IN, CheckInRequest, DEVICE_PAGE, ENROL, EffectReport,
    Holder, INVENTORY, LARGEST_CHECK_IN, LARGEST_INVENTORY, LONGEST_NAME, LONGEST_REASON,
    LONGEST_WAIT, LOOPBACK_PATH, LimitHeld, MOST_ALLOWANCES, POLL_SECONDS, SIGN_IN, SIGN_IN_CODE,
    SIGN_IN_LINK, SIGN_IN_POLL, SIGN_IN_REDEEM, SIGN_IN_SECONDS, SIGN_IN_UNLINK, SignedIn,
    USER_CODE_SECONDS, refusal,
};
use tidegate_types::MicroUsd;

use super::{super::check_in, requests::request, *};
use crate::{effects, passes, requests as asked, sequence, task};

const PAGE: &str = include_str!("../../../../../../docs/edge/sync.md");

fn facts() -> String {
    let seconds = |time: Duration| match time.subsec_millis() {
        0 => format!("{} s", time.as_secs()),
        millis => format!("{} ms", time.as_secs() * 1000 + u64::from(millis)),
    };
    let bytes = |count: usize| format!("{} KiB", count / 1024);
    let (least, most) = (INTERVAL.start(), INTERVAL.end());
    let facts = [
        ("base path", format!("`{BASE}`")),
        ("enrolment", format!("`POST {ENROL}`")),
        ("renewal of the leaf", format!("`POST {CERTIFICATE}`")),
        (
            "check-in",
            format!("`POST {CHECK_IN}`, {} at most", bytes(LARGEST_CHECK_IN)),
        ),
        (
            "inventory",
            format!("`POST {INVENTORY}`, {} at most", bytes(LARGEST_INVENTORY)),
        ),
        ("interval of check-ins", format!("{least} s to {most} s")),
        ("longest wait at the gateway", format!("{LONGEST_WAIT} s")),
        (
            "wait for effects after a new policy",
            seconds(check_in::EFFECTS),
        ),
        (
            "waits after failures",
            format!("{} to {}", seconds(task::SHORTEST), seconds(task::LONGEST)),
        ),
        (
            "longest `retry-after` that is obeyed",
            seconds(task::LONGEST_ASKED),
        ),
        ("a duplicate asks again after", seconds(check_in::DUPLICATE)),
        ("numbers written down at once", sequence::BLOCK.to_string()),
        (
            "between passes when nothing happens",
            seconds(passes::EVERY),
        ),
        ("a pass after files changed", seconds(passes::DEBOUNCE)),
        (
            "between such passes",
            format!("{} at least", seconds(passes::GAP)),
        ),
        ("longest pass", seconds(passes::TIMEOUT)),
        (
            "effects of a report",
            format!(
                "{} at most, {} at most",
                effects::MOST,
                bytes(effects::LARGEST)
            ),
        ),
        (
            "requests of people",
            format!(
                "{} wait at most, {} of one person in an hour, {} go with one check-in",
                asked::MOST,
                asked::MOST_EACH,
                asked::MOST_SENT
            ),
        ),
        (
            "texts of a request",
            format!("reason {LONGEST_REASON} characters, name {LONGEST_NAME}"),
        ),
        (
            "budgets and limits of an answer",
            format!("{MOST_ALLOWANCES} each at most"),
        ),
    ];
    let facts = facts.into_iter().chain(sign_in());
    let row = |(fact, value): &(&str, String)| format!("| {fact} | {value} |\n");
    facts.map(|fact| row(&fact)).collect()
}

/// The facts of signing in.
fn sign_in() -> Vec<(&'static str, String)> {
    let post = |path: &str| format!("`POST {path}`");
    vec![
        (
            "sign-in in a browser",
            format!("`GET {SIGN_IN}`, {SIGN_IN_SECONDS} s at most"),
        ),
        (
            "where it comes back",
            format!("`http://127.0.0.1:PORT{LOOPBACK_PATH}`"),
        ),
        ("its code becomes a token", post(SIGN_IN_REDEEM)),
        ("its code links a device", post(SIGN_IN_LINK)),
        ("signing out", post(SIGN_IN_UNLINK)),
        (
            "sign-in with a code",
            format!("`POST {SIGN_IN_CODE}`, {USER_CODE_SECONDS} s at most"),
        ),
        ("where the code is typed", format!("`{DEVICE_PAGE}`")),
        (
            "whether that is done",
            format!("`POST {SIGN_IN_POLL}`, every {POLL_SECONDS} s"),
        ),
    ]
}

/// The rows of the table below a heading: what stands in their first cell.
fn rows(heading: &str, cell: usize) -> BTreeSet<String> {
    let (_, rest) = PAGE.split_once(heading).expect(heading);
    let table = rest.lines().skip_while(|line| !line.starts_with("| "));
    let lines = table.take_while(|line| line.starts_with('|')).skip(2);
    let first = |line: &str| {
        let cell = line.split('|').nth(cell).unwrap_or_default();
        cell.trim().trim_matches('`').to_owned()
    };
    lines.map(first).collect()
}

fn fields(value: &Value) -> BTreeSet<String> {
    value.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_facts_are_those_of_the_code() {
    let (_, rest) = PAGE.split_once("|---|---|\n").unwrap();
    let (written, _) = rest.split_once("<!-- end of facts -->").unwrap();
    assert_eq!(
        written,
        facts(),
        "write this into docs/edge/sync.md:\n{}",
        facts()
    );
}

#[test]
fn every_field_of_a_check_in_is_named() -> serde_json::Result<()> {
    let request = CheckInRequest {
        problem: Some("p".into()),
        seq: 1,
        machine_id_hash: Some("m".into()),
        inventory: Some("i".into()),
        effects: Some(EffectReport::default()),
        requests: vec![request("1", "ann")],
        open: vec!["1".into()],
        ..CheckInRequest::default()
    };
    assert_eq!(
        rows("### What goes up", 1),
        fields(&serde_json::to_value(request)?)
    );
    let response = CheckInResponse {
        policy: Some(signed(&document(1))),
        next_seconds: 60,
        want_inventory: true,
        scan: true,
        user: Some(SignedIn {
            name: "Ann".into(),
            email: "ann@example.com".into(),
            team: None,
        }),
        budgets: vec![BudgetLeft {
            of: Holder::User,
            window: "1d".into(),
            model: None,
            cap_micro_usd: MicroUsd::ZERO,
            left_micro_usd: MicroUsd::ZERO,
            resets_at: None,
        }],
        limits: vec![LimitHeld {
            of: Holder::User,
            model: None,
            requests_per_minute: Some(1),
            tokens_per_minute: None,
            concurrency: None,
        }],
        answers: vec![tidegate_device_api::RequestAnswer {
            id: "1".into(),
            granted: true,
            note: None,
        }],
    };
    assert_eq!(
        rows("### What comes down", 1),
        fields(&serde_json::to_value(response)?)
    );
    Ok(())
}

#[test]
fn every_refusal_is_named() {
    let mut named = rows("## When the gateway refuses", 2);
    assert!(named.remove("any"));
    let codes = [
        refusal::UNAUTHENTICATED,
        refusal::DISABLED,
        refusal::DUPLICATE,
        refusal::REMOVED,
    ];
    assert_eq!(named, codes.map(str::to_owned).into());
}

#[test]
fn every_word_of_a_sign_in_is_named() {
    let words = [
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
    assert_eq!(
        rows("### What goes wrong", 1),
        words.map(str::to_owned).into()
    );
}
