//! Guardrails that ask services of others, over sockets, each service answering as its API is published: what they
//! find, what they refuse, and what becomes of a call when they fail.

mod bed;
mod services;
mod stand_in;
mod streams;

use serde_json::{Value, json};
use tidegate_governance::guardrail::{Applied, Phase};

use crate::guardrails::said;
use bed::bed;
use services::{HARM, KINDS, NAME};

/// Characters of one, two and four bytes, and of one and two UTF-16 units, before and between the names.
const TEXT: &str = "é 😀 I am Ada, 👩‍👩‍👧 and Ada again ß";
const SYSTEM: &str = "Be kind 😀 to Ada";

fn user(text: &str) -> Value {
    json!([{"role": "user", "content": text}])
}

#[tokio::test]
async fn what_services_find_is_replaced_where_it_is() -> anyhow::Result<()> {
    let bed = bed(&["ok"]).await?;
    let mut cases = Vec::new();
    for kind in &KINDS {
        if let Some(instead) = kind.instead {
            let engine = format!("{}-ok", kind.name);
            let prompts = bed
                .guarded(&engine, "redact", r#","answers":false"#)
                .await?;
            let answers = bed
                .guarded(&engine, "redact", r#","prompts":false"#)
                .await?;
            cases.push((kind, instead, prompts, answers));
        }
    }
    bed.rig.settled().await?;
    for (kind, instead, prompts, answers) in cases {
        let mut messages = user(TEXT);
        if kind.apart {
            let system = json!({"role": "system", "content": SYSTEM});
            messages = json!([system, messages[0]]);
        }
        let reply = bed.ask(&prompts, messages, false).await?;
        assert_eq!(reply.status, 200, "{}: {}", kind.name, reply.text());
        let texts = [SYSTEM, TEXT].map(|text| text.replace(NAME, instead));
        let first = usize::from(!kind.apart);
        assert_eq!(bed.sent(), texts[first..], "{}", kind.name);
        let applied = bed.applied(&reply).await?;
        let all = applied
            .iter()
            .all(|done| (done.phase, &*done.action) == (Phase::Prompt, "redact"));
        assert!(all && !applied.is_empty(), "{}: {applied:?}", kind.name);
        assert!(!serde_json::to_string(&applied)?.contains(NAME));
        for stream in [false, true] {
            let reply = bed.ask(&answers, user(TEXT), stream).await?;
            assert_eq!(bed.sent(), [TEXT], "prompts are not looked at");
            let said = said(&reply);
            assert!(
                said.contains(&texts[1]) && !said.contains(NAME),
                "{} {stream}: {said}",
                kind.name
            );
            let applied = bed.applied(&reply).await?;
            assert!(
                applied.iter().all(|done| done.phase == Phase::Answer),
                "{applied:?}"
            );
        }
    }
    assert_eq!(bed.services.wrong(), [""; 0]);
    Ok(())
}

#[tokio::test]
async fn what_services_refuse_is_not_sent_or_is_flagged() -> anyhow::Result<()> {
    let bed = bed(&["ok"]).await?;
    let mut cases = Vec::new();
    for kind in &KINDS {
        if let Some(harm) = kind.harm {
            let engine = format!("{}-ok", kind.name);
            let mut keys = Vec::new();
            for action in ["block", "redact", "flag"] {
                keys.push(bed.guarded(&engine, action, r#","answers":false"#).await?);
            }
            cases.push((kind, harm, keys));
        }
    }
    bed.rig.settled().await?;
    for (kind, harm, keys) in &cases {
        // What has no place cannot be replaced.
        for key in &keys[..2] {
            let reply = bed.ask(key, user(&format!("full of {HARM}")), true).await?;
            assert_eq!(reply.status, 400, "{}: {}", kind.name, reply.text());
            assert!(reply.text().contains("prompt_blocked"), "{}", reply.text());
            let applied = bed.applied(&reply).await?;
            let [done] = &*applied else {
                panic!("{}: {applied:?}", kind.name);
            };
            assert_eq!((&*done.action, &*done.detector), ("block", *harm));
        }
    }
    assert!(bed.rig.standin.requests().is_empty());
    for (kind, harm, keys) in &cases {
        let text = format!("full 😀 of {HARM}");
        let reply = bed.ask(&keys[2], user(&text), false).await?;
        assert_eq!(
            (reply.status.as_u16(), bed.sent()),
            (200, vec![text]),
            "{}",
            kind.name
        );
        let applied = bed.applied(&reply).await?;
        assert_eq!(
            (&*applied[0].action, &*applied[0].detector),
            ("flag", *harm)
        );
        let calm = bed.ask(&keys[0], user("calm"), false).await?;
        assert_eq!(calm.status, 200, "{}: {}", kind.name, calm.text());
    }
    assert_eq!(bed.services.wrong(), [""; 0]);
    Ok(())
}

/// How a service fails, and what the log says.
const FAILURES: [(&str, &str); 6] = [
    ("busy", "the service is overloaded or out of order"),
    ("cut", "the service cannot be reached"),
    ("down", "the service is overloaded or out of order"),
    ("garbled", "the service's answer cannot be understood"),
    ("late", "the service did not answer in time"),
    ("stranger", "the service refused our credential"),
];

#[tokio::test]
async fn a_service_that_fails_refuses_or_is_bypassed_and_both_are_logged() -> anyhow::Result<()> {
    let bed = bed(&FAILURES.map(|(mode, _)| mode)).await?;
    let mut cases = Vec::new();
    for kind in &KINDS {
        // One of each kind and failure is open, one closed: as many guardrails as there may be.
        for (at, (mode, error)) in FAILURES.into_iter().enumerate() {
            let engine = format!("{}-{mode}", kind.name);
            let closed = r#","answers":false"#;
            let open = r#","answers":false,"on_failure":"open""#;
            let action = if at % 2 == 0 { "block" } else { "redact" };
            let closed = bed.guarded(&engine, action, closed).await?;
            let open = bed.guarded(&engine, action, open).await?;
            cases.push((engine, error, closed, open));
        }
    }
    bed.rig.settled().await?;
    let said = |applied: &[Applied]| {
        let done = applied.iter();
        let done = done.map(|done| (done.action.clone(), done.error.clone().unwrap_or_default()));
        done.collect::<Vec<_>>()
    };
    for (engine, error, closed, _) in &cases {
        let reply = bed.ask(closed, user(TEXT), true).await?;
        assert_eq!(reply.status, 503, "{engine}: {}", reply.text());
        assert!(reply.text().contains("guard_failed"), "{}", reply.text());
        let applied = bed.applied(&reply).await?;
        assert_eq!(
            said(&applied),
            [("refused".into(), (*error).into())],
            "{engine}"
        );
    }
    assert!(bed.rig.standin.requests().is_empty());
    for (engine, error, _, open) in &cases {
        let reply = bed.ask(open, user(TEXT), false).await?;
        assert_eq!(reply.status, 200, "{engine}: {}", reply.text());
        assert_eq!(bed.sent(), [TEXT]);
        let applied = bed.applied(&reply).await?;
        assert_eq!(
            said(&applied),
            [("bypassed".into(), (*error).into())],
            "{engine}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_service_that_fails_again_and_again_is_left_alone() -> anyhow::Result<()> {
    let bed = bed(&["down", "ok"]).await?;
    let open = r#","answers":false,"on_failure":"open""#;
    let failing = bed.guarded("lakera-down", "block", open).await?;
    let other = bed
        .guarded("lakera-ok", "redact", r#","answers":false"#)
        .await?;
    bed.rig.settled().await?;
    let mut errors = Vec::new();
    for _ in 0..8 {
        let reply = bed.ask(&failing, user(TEXT), false).await?;
        let applied = bed.applied(&reply).await?;
        assert_eq!(
            (reply.status.as_u16(), &*applied[0].action),
            (200, "bypassed")
        );
        errors.push(applied[0].error.clone().unwrap_or_default());
    }
    let alone = "the service failed too often and is left alone for a while";
    let out = "the service is overloaded or out of order";
    assert_eq!(errors, [[out; 5].as_slice(), &[alone; 3]].concat());
    assert_eq!(bed.services.asked("lakera", "down"), 5);
    // The other one has nothing to do with it.
    bed.ask(&other, user(TEXT), false).await?;
    assert_eq!(bed.sent(), [TEXT.replace(NAME, "[PII_NAME]")]);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_no_service_saw_stops_or_passes() -> anyhow::Result<()> {
    let bed = bed(&["down"]).await?;
    let closed = bed
        .guarded("presidio-down", "redact", r#","prompts":false"#)
        .await?;
    let open = r#","prompts":false,"on_failure":"open""#;
    let open = bed.guarded("presidio-down", "redact", open).await?;
    bed.rig.settled().await?;
    for (key, action, passes) in [(&closed, "refused", false), (&open, "bypassed", true)] {
        let reply = bed.ask(key, user(TEXT), true).await?;
        assert_eq!(said(&reply).contains(NAME), passes, "{}", reply.text());
        assert_eq!(reply.text().contains("[DONE]"), passes, "{}", reply.text());
        let applied = bed.applied(&reply).await?;
        let [done] = &*applied else {
            panic!("{applied:?}");
        };
        assert_eq!((done.phase, &*done.action), (Phase::Answer, action));
    }
    Ok(())
}

#[tokio::test]
async fn what_is_asked_of_aws_can_be_signed() -> anyhow::Result<()> {
    let bed = bed(&["signed"]).await?;
    let key = bed
        .guarded("bedrock-signed", "redact", r#","answers":false"#)
        .await?;
    bed.rig.settled().await?;
    let reply = bed.ask(&key, user(TEXT), false).await?;
    assert_eq!(bed.services.wrong(), [""; 0]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(bed.sent(), [TEXT.replace(NAME, "{NAME}")]);
    Ok(())
}
