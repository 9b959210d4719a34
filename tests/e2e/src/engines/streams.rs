//! Answers that services see as they come.

use serde_json::json;

use super::{
    TEXT,
    bed::bed,
    services::{HARM, KINDS, NAME},
    user,
};
use crate::guardrails::said;

#[tokio::test]
async fn a_streamed_answer_passes_in_windows() -> anyhow::Result<()> {
    let bed = bed(&["ok"]).await?;
    let (window, only) = (
        r#"{"mode":"window","characters":50,"overlap":20}"#,
        r#","prompts":false"#,
    );
    let mut cases = Vec::new();
    for kind in KINDS.iter().filter(|kind| kind.apart) {
        let engine = format!("{}-ok", kind.name);
        let key = bed.streamed(&engine, window, "redact", only).await?;
        cases.push((kind, kind.instead.unwrap_or_default(), key));
    }
    bed.rig.settled().await?;
    let text = format!("{TEXT} - ").repeat(10);
    for (kind, instead, key) in cases {
        let before = bed.services.asked(kind.name, "ok");
        let reply = bed.ask(&key, user(&text), true).await?;
        let plain = json!({"model": "gpt-4o-mini", "stream": true, "messages": user(&text)});
        let plain = bed
            .rig
            .direct()
            .post("/v1/chat/completions", "x", plain.to_string())
            .await?;
        assert_eq!(
            said(&reply),
            said(&plain).replace(NAME, instead),
            "{}",
            kind.name
        );
        let asked = bed.services.asked(kind.name, "ok") - before;
        assert!(
            (2..10).contains(&asked),
            "{} was asked {asked} times",
            kind.name
        );
    }
    assert_eq!(bed.services.wrong(), [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_service_beside_the_stream_is_heard_however_late() -> anyhow::Result<()> {
    let bed = bed(&["ok", "late"]).await?;
    let beside = r#"{"mode":"async","characters":50}"#;
    let only = r#","prompts":false"#;
    let block = bed.streamed("patronus-ok", beside, "block", only).await?;
    let open = r#","prompts":false,"on_failure":"open""#;
    let late = bed.streamed("patronus-late", beside, "flag", open).await?;
    bed.rig.settled().await?;
    let text = format!("full of {HARM} and {}", "so on ".repeat(20));
    let reply = bed.ask(&block, user(&text), true).await?;
    assert!(
        said(&reply).contains(HARM),
        "it was not waited for: {}",
        reply.text()
    );
    let applied = bed.applied(&reply).await?;
    assert!(
        applied
            .iter()
            .any(|done| (&*done.action, &*done.detector) == ("block", "toxicity"))
    );
    let row = bed.rig.row(reply.header("x-tidegate-request-id")).await?;
    assert_eq!(row.code.as_deref(), Some("answer_blocked"));
    let reply = bed.ask(&late, user(&text), true).await?;
    assert!(said(&reply).contains(&text) && reply.text().contains("[DONE]"));
    let applied = bed.applied(&reply).await?;
    assert!(
        applied.iter().all(|done| done.action == "bypassed") && !applied.is_empty(),
        "{applied:?}"
    );
    Ok(())
}
