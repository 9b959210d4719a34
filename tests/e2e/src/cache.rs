//! Answers that are kept: given again to who asks the same, in the form that is asked for, past the guards, at
//! no cost; and never to anybody else.

mod bounds;
mod semantic;

use http::Method;
use tidegate_governance::{
    entity::Allow,
    record::{CacheUse, CostBasis, Outcome},
};
use tidegate_harness::{Key, Reply, Rig, RigOptions};
use tidegate_store::{Actor, NewTeam};
use tidegate_types::{MicroUsd, TeamId, Usage};

use crate::{guardrails::said, prompts};

const CHAT: &str = "/openai/v1/chat/completions";

/// A gateway that keeps answers, with lines added to `[cache]`.
async fn keeping(more: &str) -> anyhow::Result<Rig> {
    let config = format!("[cache]\n{more}\n");
    Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await
}

async fn team(rig: &Rig, name: &str) -> anyhow::Result<TeamId> {
    let new = NewTeam {
        name: name.to_owned(),
    };
    Ok(rig.store.create_team(Actor::Cli, new).await?.id)
}

async fn key_of(rig: &Rig, name: &str, team: TeamId) -> anyhow::Result<Key> {
    let in_team = |new: &mut tidegate_store::NewKey| new.team = Some(team);
    rig.key_with(name, Allow::default(), in_team).await
}

async fn ask(
    rig: &Rig,
    key: &Key,
    path: &str,
    body: String,
    headers: &[(&str, &str)],
) -> anyhow::Result<Reply> {
    let bearer = format!("Bearer {}", key.secret);
    let mut all = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "application/json"),
    ];
    all.extend_from_slice(headers);
    rig.client().send(Method::POST, path, &all, body).await
}

async fn chat(rig: &Rig, key: &Key, prompt: &str) -> anyhow::Result<Reply> {
    ask(rig, key, CHAT, prompts::chat(prompt, false), &[]).await
}

fn used(reply: &Reply) -> &str {
    reply.header("x-tidegate-cache")
}

/// A request that is not stored at its provider.
fn response(prompt: &str, stream: bool) -> String {
    prompts::response(prompt, stream).replacen('{', "{\"store\":false,", 1)
}

type Body = fn(&str, bool) -> String;

/// Clients of each language, of a provider that speaks theirs or another one.
fn calls() -> Vec<(&'static str, Body)> {
    vec![
        (CHAT, prompts::chat),
        ("/openai/v1/responses", response),
        ("/anthropic/v1/messages", prompts::message),
        ("/v1/chat/completions", |prompt, stream| {
            prompts::chat(prompt, stream).replace("gpt-4o-mini", "anthropic/claude-sonnet-4-5")
        }),
        ("/v1/messages", |prompt, stream| {
            prompts::message(prompt, stream).replace("claude-sonnet-4-5", "openai/gpt-4o-mini")
        }),
    ]
}

const USAGE: &str = "heron [[usage:input=1000,cached=200,output=300]]";

#[tokio::test]
async fn the_second_answer_is_the_first_and_costs_nothing() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("kept").await?;
    for (path, body) in calls() {
        for stream in [false, true] {
            let prompt = format!("{USAGE} {stream}");
            rig.standin.clear();
            let first = ask(&rig, &key, path, body(&prompt, stream), &[]).await?;
            assert_eq!(
                (first.status.as_u16(), used(&first)),
                (200, "miss"),
                "{}",
                first.text()
            );
            let second = ask(&rig, &key, path, body(&prompt, stream), &[]).await?;
            assert_eq!(
                (second.status.as_u16(), used(&second)),
                (200, "hit"),
                "{path}"
            );
            assert_eq!(second.body, first.body, "{path}");
            assert_eq!(
                second.header("content-length"),
                second.body.len().to_string()
            );
            let kind = if stream {
                "text/event-stream"
            } else {
                "application/json"
            };
            assert!(second.header("content-type").starts_with(kind));
            assert!(second.header("age").parse::<u64>()? <= 20);
            assert_eq!(rig.standin.requests().len(), 1, "{path}");
            let id = |reply: &Reply| reply.header("x-tidegate-request-id").to_owned();
            assert_ne!(id(&first), id(&second));
            let (paid, free) = (rig.row(&id(&first)).await?, rig.row(&id(&second)).await?);
            assert!(paid.cost > MicroUsd::ZERO);
            assert_eq!(paid.cache, Some(CacheUse::Miss));
            assert_eq!(free.cache, Some(CacheUse::Hit(paid.cost)));
            assert_eq!(
                (free.cost, free.cost_basis),
                (MicroUsd::ZERO, CostBasis::Free)
            );
            assert_eq!(
                (free.outcome, free.usage),
                (Outcome::Completed, Usage::default())
            );
            assert_eq!((free.provider, free.streamed), (paid.provider, stream));
            assert_eq!(free.response_bytes, paid.response_bytes);
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_answer_is_told_in_the_form_that_is_asked_for() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("forms").await?;
    for (path, body) in calls() {
        for stream in [false, true] {
            let prompt = format!("{USAGE} first as a stream: {stream}");
            let first = ask(&rig, &key, path, body(&prompt, stream), &[]).await?;
            let other = ask(&rig, &key, path, body(&prompt, !stream), &[]).await?;
            assert_eq!(
                (used(&first), used(&other)),
                ("miss", "hit"),
                "{path} {stream}"
            );
            assert_eq!(said(&first), said(&other), "{}", other.text());
            assert!(said(&other).contains("heron"));
        }
    }
    // An end that only those get who ask for it.
    let silent = prompts::chat("owl [[usage:input=77,output=5]]", true);
    let loud = silent.replacen('{', "{\"stream_options\":{\"include_usage\":true},", 1);
    let first = ask(&rig, &key, CHAT, silent, &[]).await?;
    assert!(!first.text().contains("prompt_tokens"));
    let second = ask(&rig, &key, CHAT, loud, &[]).await?;
    assert_eq!(used(&second), "hit");
    assert!(
        second.text().contains("\"prompt_tokens\":77"),
        "{}",
        second.text()
    );
    Ok(())
}

#[tokio::test]
async fn gemini_and_vectors_are_kept_too() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("gemini").await?;
    let at = |verb: &str| format!("/genai/v1beta/models/gemini-2.5-flash:{verb}");
    let body = || prompts::contents(USAGE);
    let (whole, stream) = (at("generateContent"), at("streamGenerateContent?alt=sse"));
    let first = ask(&rig, &key, &whole, body(), &[]).await?;
    let again = ask(&rig, &key, &whole, body(), &[]).await?;
    let told = ask(&rig, &key, &stream, body(), &[]).await?;
    assert_eq!(
        [used(&first), used(&again), used(&told)],
        ["miss", "hit", "hit"]
    );
    assert_eq!(first.body, again.body);
    assert!(
        told.text().starts_with("data: ") && told.text().contains("heron"),
        "{}",
        told.text()
    );
    let list = ask(&rig, &key, &at("streamGenerateContent"), body(), &[]).await?;
    assert_eq!(
        (list.status.as_u16(), used(&list)),
        (200, ""),
        "a list is no stream of events"
    );
    let vectors = r#"{"model":"text-embedding-3-small","input":"heron"}"#;
    let path = "/openai/v1/embeddings";
    let first = ask(&rig, &key, path, vectors.to_owned(), &[]).await?;
    let again = ask(&rig, &key, path, vectors.to_owned(), &[]).await?;
    assert_eq!([used(&first), used(&again)], ["miss", "hit"]);
    assert_eq!(first.body, again.body);
    Ok(())
}

#[tokio::test]
async fn teams_share_and_nobody_else_does() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let (red, blue) = (team(&rig, "red").await?, team(&rig, "blue").await?);
    let ada = key_of(&rig, "ada", red).await?;
    let bob = key_of(&rig, "bob", red).await?;
    let cy = key_of(&rig, "cy", blue).await?;
    let (dan, eve) = (rig.key("dan").await?, rig.key("eve").await?);
    for (key, expected) in [
        (&ada, "miss"),
        (&bob, "hit"),
        (&cy, "miss"),
        (&dan, "miss"),
        (&eve, "miss"),
        (&eve, "hit"),
    ] {
        let reply = chat(&rig, key, "whose?").await?;
        assert_eq!(used(&reply), expected);
    }
    let strict = keeping("scope = \"key\"").await?;
    let red = team(&strict, "red").await?;
    let ada = key_of(&strict, "ada", red).await?;
    let bob = key_of(&strict, "bob", red).await?;
    for (key, expected) in [(&ada, "miss"), (&bob, "miss"), (&bob, "hit")] {
        assert_eq!(used(&chat(&strict, key, "whose?").await?), expected);
    }
    Ok(())
}

#[tokio::test]
async fn what_a_caller_says_of_caching_is_obeyed() -> anyhow::Result<()> {
    let rig = keeping("").await?;
    let key = rig.key("directives").await?;
    let body = || prompts::chat("directives", false);
    for (header, expected) in [
        (("cache-control", "only-if-cached"), "refused"),
        (("x-tidegate-cache", "off"), ""),
        (("cache-control", "no-store"), "miss"),
        (("cache-control", "max-age=600"), "miss"),
        (("cache-control", "max-age=600"), "hit"),
        (("cache-control", "no-store"), "hit"),
        (("cache-control", "no-cache"), "miss"),
        (("cache-control", "max-age=0"), "miss"),
        (("cache-control", "min-fresh=4000"), "miss"),
        (("cache-control", "only-if-cached"), "hit"),
        (("x-tidegate-cache", "off"), ""),
    ] {
        let reply = ask(&rig, &key, CHAT, body(), &[header]).await?;
        if expected == "refused" {
            assert_eq!(reply.status, 504);
            assert_eq!(reply.json()?["error"]["code"], "not_cached");
            assert_eq!(reply.header("x-should-retry"), "false");
        } else {
            assert_eq!(
                (reply.status.as_u16(), used(&reply)),
                (200, expected),
                "{header:?}"
            );
        }
    }
    // A new answer takes the old one's place.
    let old = ask(&rig, &key, CHAT, body(), &[]).await?;
    let new = ask(&rig, &key, CHAT, body(), &[("cache-control", "no-cache")]).await?;
    let now = ask(&rig, &key, CHAT, body(), &[]).await?;
    assert_ne!(old.body, new.body);
    assert_eq!(new.body, now.body);

    let asked = keeping("calls = \"asked\"").await?;
    let key = asked.key("asked").await?;
    let on = [("x-tidegate-cache", "on")];
    for (headers, expected) in [(&on[..], "miss"), (&[], ""), (&on, "hit")] {
        let reply = ask(&asked, &key, CHAT, body(), headers).await?;
        assert_eq!(used(&reply), expected);
    }
    Ok(())
}

#[tokio::test]
async fn without_a_section_nothing_is_kept() -> anyhow::Result<()> {
    let rig = Rig::start().await?;
    let key = rig.key("off").await?;
    for _ in 0..2 {
        let reply = chat(&rig, &key, "off").await?;
        assert_eq!((reply.status.as_u16(), used(&reply)), (200, ""));
        let row = rig.row(reply.header("x-tidegate-request-id")).await?;
        assert_eq!(row.cache, None);
    }
    assert_eq!(rig.standin.requests().len(), 2);
    Ok(())
}
