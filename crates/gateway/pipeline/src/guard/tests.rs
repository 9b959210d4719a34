//! Prompts and answers on their way past guards, through the real stages.

mod bed;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use tidegate_governance::record::Outcome;
use tidegate_types::{MicroUsd, UsageSource};
use tidegate_wire::answer::AnswerKind;

use super::*;
use crate::{
    Facts, Refusal,
    stage::{End, Streaming},
};
use bed::{Always, Bed, Swap, header, joined};

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/anthropic/v1/messages";
const PROMPT: &str = r#"{"messages":[{"role":"user","content":"the secret tide"}],"model":"openai/gpt-4o-mini","stream":true,"max_tokens":9}"#;

/// The prompt of a client that asks for usage itself, so that nothing is taken out of its stream.
fn reporting() -> String {
    let asked = r#""stream":true,"stream_options":{"include_usage":true}"#;
    PROMPT.replace(r#""stream":true"#, asked)
}

fn swap(from: &'static str, to: &'static str) -> (Swap, Arc<dyn Guard>) {
    let swap = Swap::new(from, to);
    (swap.clone(), Arc::new(swap))
}

/// The events of a chat answer in which a word is cut in two.
const EVENTS: [&str; 4] = [
    "data: {\"choices\":[{\"delta\":{\"content\":\"a sec",
    "ret here\"}}]}\n\n",
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1000,\"completion_tokens\":500}}\n\n",
    "data: [DONE]\n\n",
];

async fn push(
    streaming: &mut Streaming<'_>,
    piece: &'static str,
    facts: &mut Facts,
) -> Result<String, Stop> {
    let passed = streaming.push(Bytes::from_static(piece.as_bytes()), facts);
    Ok(joined(&passed.unwrap().done().await?))
}

/// The answer as it passes: what the client gets, and what it cost.
async fn answered(bed: &Bed) -> (Vec<String>, Facts) {
    let mut facts = Bed::facts();
    let cleared = bed.clear(CHAT, reporting(), &mut facts).await.unwrap();
    let routed = cleared.route().unwrap();
    let mut streaming = routed.answered(200, &header("text/event-stream"), &mut facts);
    let mut got = Vec::new();
    for piece in EVENTS {
        got.push(push(&mut streaming, piece, &mut facts).await.unwrap());
    }
    assert!(streaming.finished());
    let end = streaming.end(&mut facts).unwrap().done().await.unwrap();
    got.push(joined(&end));
    drop(streaming.settle(End::Completed, &mut facts));
    (got, facts)
}

#[tokio::test]
async fn without_guards_nothing_is_copied_and_nothing_waits() {
    let bed = Bed::new(Vec::new());
    let mut facts = Bed::facts();
    let body = Bytes::from(PROMPT.replace("openai/", "").replace("true", "false"));
    let cleared = bed.clear(CHAT, body.clone(), &mut facts).await.unwrap();
    let routed = cleared.route().unwrap();
    assert_eq!(routed.body().as_ptr(), body.as_ptr());
    let mut streaming = routed.answered(200, &header("application/json"), &mut facts);
    assert!(!streaming.is_changed() && !streaming.changes_length());
    let piece = Bytes::from_static(b"{}");
    let Ok(Step::Done(Ok(passed))) = streaming.push(piece.clone(), &mut facts) else {
        panic!("it waits");
    };
    assert_eq!(passed[0].as_ptr(), piece.as_ptr());
    assert!(matches!(streaming.end(&mut facts), Ok(Step::Done(Ok(_)))));
    let (_, mut rest) = streaming.settle(End::Completed, &mut facts);
    assert!(rest.is_straight() && !rest.holds());
    assert!(matches!(rest.push(piece), Ok(Step::Done(Ok(_)))));
}

#[tokio::test]
async fn a_changed_prompt_is_sent_and_logged_and_the_splices_still_fit() {
    let (swap, guard) = swap("secret", "[a word that is longer]");
    let bed = Bed::new(vec![guard]);
    let mut facts = Bed::facts();
    let cleared = bed.clear(CHAT, PROMPT, &mut facts).await.unwrap();
    let routed = cleared.route().unwrap();
    let headers = routed.headers(&HeaderMap::new());
    let body = routed.body();
    assert_eq!(headers["content-length"], body.len().to_string().as_str());
    let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(sent["model"], "gpt-4o-mini");
    assert_eq!(sent["stream_options"]["include_usage"], true);
    let text = "the [a word that is longer] tide";
    assert_eq!(sent["messages"][0]["content"], text);
    assert_eq!(facts.request_bytes, PROMPT.len() as u64);
    let logged = facts.content.unwrap().prompt;
    assert_eq!(
        logged,
        PROMPT
            .replace("secret", "[a word that is longer]")
            .as_bytes()
    );
    assert_eq!(swap.saw(), ["chat.completions to openai"]);
}

#[tokio::test]
async fn the_second_guard_sees_what_the_first_made_and_answers_go_the_other_way() {
    let ((_, first), (_, second)) = (swap("secret", "middle"), swap("middle", "last"));
    let bed = Bed::new(vec![first, second]);
    let mut facts = Bed::facts();
    let cleared = bed.clear(CHAT, PROMPT, &mut facts).await.unwrap();
    let routed = cleared.route().unwrap();
    let sent = String::from_utf8(routed.body().to_vec()).unwrap();
    assert!(sent.contains("the last tide"), "{sent}");
    let mut streaming = routed.answered(200, &header("text/event-stream"), &mut facts);
    // By the second one first: what the first one makes of it is not changed again.
    let got = push(&mut streaming, "middle secret\n\n", &mut facts).await;
    assert_eq!(got.unwrap(), "last middle\n\n");
}

#[tokio::test]
async fn a_blocked_prompt_is_not_sent_not_logged_and_holds_nothing() {
    let (mut swap, _) = swap("x", "x");
    swap.taboo = "secret";
    for slow in [false, true] {
        swap.slow = slow;
        let bed = Bed::new(vec![Arc::new(swap.clone())]);
        for _ in 0..2 {
            let mut facts = Bed::facts();
            // The key's one call at a time would refuse the second of them.
            let refused = bed.clear(CHAT, PROMPT, &mut facts).await.unwrap_err();
            assert_eq!((refused.code(), refused.status()), ("prompt_blocked", 400));
            assert!(refused.message().contains("`no taboos`"));
            assert_eq!(facts.content, None);
            assert_eq!(facts.cost, MicroUsd::ZERO);
        }
    }
}

#[tokio::test]
async fn a_guard_that_breaks_a_call_or_changes_what_was_priced_is_not_obeyed() {
    type Change = fn(&Bytes) -> Result<Option<Bytes>, Stop>;
    let changes: [Change; 5] = [
        |_| Ok(Some(Bytes::from_static(b"{"))),
        |_| Ok(Some(PROMPT.replace("gpt-4o-mini", "gpt-4o").into())),
        |_| Ok(Some(PROMPT.replace("true", "false").into())),
        |_| Ok(Some(PROMPT.replace(":9", ":9000").into())),
        |_| Err(Stop::Failed("nobody answers")),
    ];
    for change in changes {
        let bed = Bed::new(vec![Arc::new(Always(change))]);
        let refused = bed
            .clear(CHAT, PROMPT, &mut Bed::facts())
            .await
            .unwrap_err();
        assert_eq!((refused.code(), refused.status()), ("guard_failed", 503));
    }
}

#[tokio::test]
async fn forms_are_shown_too_and_calls_without_a_body_are_not() {
    let form = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--b\r\n\
                Content-Disposition: form-data; name=\"prompt\"\r\n\r\na secret\r\n--b\r\n\
                Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n0\r\n--b--\r\n";
    let (_, guard) = swap("a secret", "nothing");
    let mut bed = Bed::new(vec![guard]);
    bed.headers.insert(
        "content-type",
        HeaderValue::from_static("multipart/form-data; boundary=b"),
    );
    let path = "/openai/v1/audio/transcriptions";
    let mut facts = Bed::facts();
    let cleared = bed.clear(path, form, &mut facts).await.unwrap();
    let sent = cleared.route().unwrap().body();
    assert_eq!(sent, form.replace("a secret", "nothing"));

    let never: fn(&Bytes) -> _ = |_| Err(Stop::Failed("asked about nothing"));
    let bed = Bed::new(vec![Arc::new(Always(never))]);
    let files = "/openai/v1/files";
    let admitted = bed
        .admit("GET", files, Bytes::new(), &mut facts)
        .await
        .unwrap();
    assert!(admitted.clear(&mut facts).await.is_ok());
}

#[tokio::test]
async fn answers_are_changed_over_the_cuts_and_charged_as_the_provider_made_them() {
    let (_, plain) = answered(&Bed::new(Vec::new())).await;
    for slow in [false, true] {
        let (mut swap, _) = swap("secret", "[gone]");
        swap.slow = slow;
        let (got, facts) = answered(&Bed::new(vec![Arc::new(swap.clone())])).await;
        assert!(got[0].ends_with("a "), "held back: {}", got[0]);
        assert!(got[1].starts_with("[gone] here"), "{}", got[1]);
        assert_eq!(
            got[3], EVENTS[3],
            "an event that is not held leaves at once"
        );
        assert_eq!(facts.usage, plain.usage);
        assert_eq!((facts.usage.input, facts.usage.output), (1_000, 500));
        assert_eq!(facts.cost, plain.cost);
        assert!(facts.cost > MicroUsd::ZERO);
        assert_eq!(facts.content.unwrap().answer, got.concat().as_bytes());
        assert_eq!(swap.saw()[1], "200 Sse");
    }
}

#[tokio::test]
async fn a_stopped_answer_is_charged_for_what_was_made() {
    let (mut swap, _) = swap("x", "x");
    swap.taboo = "secret";
    swap.from = "sec";
    swap.to = "sec";
    let bed = Bed::new(vec![Arc::new(swap)]);
    let mut facts = Bed::facts();
    let cleared = bed.clear(MESSAGES, BLAND, &mut facts).await.unwrap();
    let mut streaming =
        cleared
            .route()
            .unwrap()
            .answered(200, &header("text/event-stream"), &mut facts);
    let start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":100,\"output_tokens\":1}}}\n\n";
    push(&mut streaming, start, &mut facts).await.unwrap();
    let delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"my secret is long\"}}\n\n";
    let stop = push(&mut streaming, delta, &mut facts).await.unwrap_err();
    let refusal = Refusal::of_answer(stop);
    assert_eq!((refusal.code(), refusal.status()), ("answer_blocked", 400));
    drop(streaming.settle(End::Stopped, &mut facts));
    assert_eq!(facts.outcome, Outcome::Refused);
    assert_eq!(facts.usage.source, UsageSource::Partial);
    assert_eq!((facts.usage.input, facts.usage.output), (100, 6));
    assert!(facts.cost > MicroUsd::ZERO);
    let kept = facts.content.unwrap().answer;
    assert_eq!(kept, start.as_bytes(), "only what the client got");
}

#[tokio::test]
async fn an_answer_in_one_piece_is_charged_whole_when_it_is_stopped_early() {
    let (mut swap, _) = swap("x", "x");
    swap.taboo = "secret";
    let bed = Bed::new(vec![Arc::new(swap)]);
    let mut facts = Bed::facts();
    let bland = BLAND.replace("true", "false");
    let cleared = bed.clear(MESSAGES, bland, &mut facts).await.unwrap();
    let mut streaming =
        cleared
            .route()
            .unwrap()
            .answered(200, &header("application/json"), &mut facts);
    let piece = "{\"content\":[{\"type\":\"text\",\"text\":\"secret";
    assert!(push(&mut streaming, piece, &mut facts).await.is_err());
    drop(streaming.settle(End::Stopped, &mut facts));
    assert_eq!(facts.usage.output, 9, "what was reserved");
}

const BLAND: &str = r#"{"messages":[{"role":"user","content":"hello"}],"model":"claude-sonnet-4-5","stream":true,"max_tokens":9}"#;

#[tokio::test]
async fn the_bill_waits_for_what_is_held_and_late_bytes_are_still_guarded() {
    let (_, guard) = swap("]\n\nsecret", "]\n\n");
    let bed = Bed::new(vec![guard]);
    let mut facts = Bed::facts();
    let cleared = bed.clear(CHAT, reporting(), &mut facts).await.unwrap();
    let mut streaming =
        cleared
            .route()
            .unwrap()
            .answered(200, &header("text/event-stream"), &mut facts);
    push(&mut streaming, EVENTS[3], &mut facts).await.unwrap();
    assert!(!streaming.finished(), "`]` and the line ends are held back");
    push(&mut streaming, ": x", &mut facts).await.unwrap();
    assert!(streaming.finished());
    let (_, mut rest) = streaming.settle(End::Completed, &mut facts);
    let late = Bytes::from_static(b"]\n\nsecret\n]\n");
    let passed = rest.push(late).unwrap().done().await.unwrap();
    assert_eq!(joined(&passed), "]\n\n\n");
    assert!(rest.holds());
    assert_eq!(joined(&rest.end().unwrap().done().await.unwrap()), "]\n");
}

#[tokio::test]
async fn a_sentry_that_does_not_want_the_answer_leaves_it_alone() {
    let (swap, guard) = swap("secret", "[gone]");
    let bed = Bed::new(vec![guard]);
    let mut facts = Bed::facts();
    let cleared = bed.clear(CHAT, PROMPT, &mut facts).await.unwrap();
    let routed = cleared.route().unwrap();
    let mut streaming = routed.answered(500, &header("application/json"), &mut facts);
    assert!(!streaming.is_changed());
    let got = push(&mut streaming, "a secret", &mut facts).await;
    assert_eq!(got.unwrap(), "a secret");
    assert_eq!(swap.saw()[1], "500 Opaque");
}

#[test]
fn rule_names_are_short_and_printable() {
    let name = RuleName::new(&format!("a\nb{}", "ä".repeat(100))).to_string();
    assert!(name.starts_with("a\u{fffd}b") && name.len() <= RuleName::MAX);
    let stop = Stop::Blocked(RuleName::new("pii"));
    assert_eq!(stop.to_string(), "blocked by pii");
}

#[tokio::test]
async fn an_answer_in_one_piece_is_shown_as_the_stream_that_was_asked_for() {
    let (swap, guard) = swap("secret", "[gone]");
    for (guards, said) in [
        (Vec::new(), "a secret here"),
        (vec![guard], "a [gone] here"),
    ] {
        let bed = Bed::new(guards);
        let mut facts = Bed::facts();
        let cleared = bed.clear(CHAT, PROMPT, &mut facts).await.unwrap();
        let routed = cleared.route().unwrap();
        let mut streaming = routed.answered(200, &header("application/json"), &mut facts);
        assert!(streaming.is_retold() && !streaming.is_translated());
        assert_eq!(streaming.events(), Some(AnswerKind::Sse));
        let start =
            r#"{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"a sec"#;
        assert_eq!(push(&mut streaming, start, &mut facts).await.unwrap(), "");
        let rest = r#"ret here"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":500}}"#;
        assert_eq!(push(&mut streaming, rest, &mut facts).await.unwrap(), "");
        assert!(!streaming.finished(), "all of it may still be stopped");
        let end = streaming.end(&mut facts).unwrap().done().await.unwrap();
        let told = joined(&end);
        assert!(told.starts_with("data: {") && told.ends_with("data: [DONE]\n\n"));
        assert!(
            told.contains(said) && !told.contains("prompt_tokens"),
            "{told}"
        );
        assert!(streaming.finished());
        drop(streaming.settle(End::Completed, &mut facts));
        assert_eq!((facts.usage.input, facts.usage.output), (1_000, 500));
        assert!(facts.streamed && facts.cost > MicroUsd::ZERO);
    }
    assert_eq!(swap.saw()[1], "200 Sse");
}

#[tokio::test]
async fn what_no_stream_of_ours_says_passes_as_it_came() {
    let bed = Bed::new(Vec::new());
    for asks in [
        PROMPT.replacen('{', r#"{"n":2,"#, 1),
        PROMPT.replace("true", "false"),
    ] {
        let mut facts = Bed::facts();
        let cleared = bed.clear(CHAT, asks, &mut facts).await.unwrap();
        let routed = cleared.route().unwrap();
        let streaming = routed.answered(200, &header("application/json"), &mut facts);
        assert!(!streaming.is_retold() && !streaming.is_changed());
        drop(streaming.settle(End::Completed, &mut facts));
    }
    let mut facts = Bed::facts();
    let cleared = bed.clear(CHAT, PROMPT, &mut facts).await.unwrap();
    let routed = cleared.route().unwrap();
    let failed = routed.answered(400, &header("application/json"), &mut facts);
    assert!(!failed.is_retold(), "an error is told as one");
}
