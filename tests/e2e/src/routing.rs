//! Where calls go when a provider does not answer: other keys, other targets, another try; what is logged of it,
//! and that nothing is charged twice.

mod chaos;
mod shadow;
mod waits;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use tidegate_governance::{entity::Allow, record::Attempt};
use tidegate_harness::{Key, Rig, RigOptions};
use tidegate_loadtest::standin::{Options, StandIn};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::prompts;

const CHAT: &str = "/openai/v1/chat/completions";

/// Two more providers, each a stand-in of its own, under one name beside the rig's.
struct Two {
    rig: Rig,
    a: StandIn,
    b: StandIn,
    key: Key,
}

impl Two {
    async fn start(config: &str) -> anyhow::Result<Self> {
        let a = StandIn::start("127.0.0.1:0", Options::default()).await?;
        let b = StandIn::start("127.0.0.1:0", Options::default()).await?;
        let mut text = String::new();
        for (name, standin) in [("a", &a), ("b", &b)] {
            text.push_str(&format!(
                "[[providers]]\nname = \"{name}\"\ndialect = \"openai\"\nbase_url = \"{}\"\nmodels = [\"gpt-*\"]\n",
                standin.url()
            ));
            for key in ["one", "two"] {
                text.push_str(&format!(
                    "[[providers.keys]]\nname = \"{key}\"\napi_key = \"file:key-{key}\"\n"
                ));
            }
        }
        let rig = Rig::with(RigOptions {
            config: text + config,
            files: vec![("key-one", "key-one"), ("key-two", "key-two")],
            ..RigOptions::default()
        })
        .await?;
        let key = rig.key("routed").await?;
        Ok(Self { rig, a, b, key })
    }

    async fn ask(&self, model: &str, prompt: &str) -> anyhow::Result<(u16, Vec<Attempt>)> {
        self.ask_as(model, prompt, &[]).await
    }

    async fn ask_as(
        &self,
        model: &str,
        prompt: &str,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<(u16, Vec<Attempt>)> {
        let body = prompts::chat_with(model, prompt, false);
        let bearer = format!("Bearer {}", self.key.secret);
        let mut all = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        all.extend(headers);
        let reply = self
            .rig
            .client()
            .send(http::Method::POST, CHAT, &all, body)
            .await?;
        let id = reply.header("x-tidegate-request-id").to_owned();
        let row = self.rig.row(&id).await?;
        assert_eq!(row.status, reply.status.as_u16());
        Ok((row.status, self.rig.store.attempts(row.id).await?))
    }
}

fn said(attempts: &[Attempt]) -> Vec<String> {
    let one = |attempt: &Attempt| {
        let key = attempt.key.as_deref().unwrap_or("-");
        let failure = attempt.failure.as_deref().unwrap_or("served");
        format!("{}/{key} {} {failure}", attempt.provider, attempt.status)
    };
    attempts.iter().map(one).collect()
}

const SMART: &str = "[[models]]\nname = \"smart\"\n[[models.targets]]\nmodel = \"a/gpt-4o\"\n\
                     [[models.targets]]\nmodel = \"b/gpt-4o-mini\"\n";

#[tokio::test]
async fn a_busy_key_gives_way_to_the_other_and_rests() -> anyhow::Result<()> {
    let two = Two::start("").await?;
    two.a.order("key-one", "status=429,retry-after=30");
    let mut firsts = BTreeMap::new();
    for _ in 0..12 {
        let (status, attempts) = two.ask("a/gpt-4o", "hello").await?;
        assert_eq!(status, 200, "{:?}", said(&attempts));
        *firsts.entry(said(&attempts)).or_insert(0) += 1;
    }
    // At most one call met the busy key: it rests for the thirty seconds that it was told.
    let direct = vec!["a/two 200 served".to_owned()];
    let turned = vec!["a/one 429 status".to_owned(), "a/two 200 served".to_owned()];
    assert!(firsts.get(&turned).copied().unwrap_or(0) <= 1, "{firsts:?}");
    assert!(firsts[&direct] >= 11, "{firsts:?}");
    Ok(())
}

#[tokio::test]
async fn a_refused_key_gives_way_and_two_refused_keys_are_the_operators_affair()
-> anyhow::Result<()> {
    let two = Two::start("").await?;
    two.a.order("key-one", "status=401");
    for _ in 0..4 {
        let (status, _) = two.ask("a/gpt-4o", "hello").await?;
        assert_eq!(status, 200);
    }
    two.b.order("", "status=401");
    let (status, attempts) = two.ask("b/gpt-4o", "hello").await?;
    assert_eq!((status, attempts.len()), (502, 2), "{attempts:?}");
    Ok(())
}

#[tokio::test]
async fn the_next_target_answers_and_one_call_is_charged_once_at_its_price() -> anyhow::Result<()> {
    let two = Two::start(SMART).await?;
    let plain = two.ask("b/gpt-4o-mini", "hello").await?;
    let cheap = two.rig.rows(&two.key).await?[0].cost;
    assert_eq!(plain.0, 200);
    for code in [429, 500, 502, 503, 504, 529] {
        two.a.order("", &format!("status={code}"));
        let (status, attempts) = two.ask("smart", "hello").await?;
        assert_eq!(status, 200);
        let last = attempts
            .last()
            .map(|last| (last.provider.as_str(), last.failure.clone()));
        assert_eq!(last, Some(("b", None)), "{attempts:?}");
        let row = &two.rig.rows(&two.key).await?[0];
        assert_eq!(
            (row.cost, row.provider.as_ref().map(|name| name.as_str())),
            (cheap, Some("b")),
            "{row:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_the_last_one_answered_passes_when_all_fail() -> anyhow::Result<()> {
    let config = format!("{SMART}[routing]\nretries = 0\n");
    let two = Two::start(&config).await?;
    two.a.order("", "status=503");
    two.b.order("", "status=429,retry-after=120");
    let body = prompts::chat_with("smart", "hello", false);
    let reply = two.rig.client().post(CHAT, &two.key.secret, body).await?;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.header("retry-after"), "120");
    let row = two.rig.row(reply.header("x-tidegate-request-id")).await?;
    assert_eq!(row.cost.micros(), 0);
    let attempts = two.rig.store.attempts(row.id).await?;
    assert_eq!(attempts.len(), 4, "each key of each: {:?}", said(&attempts));
    Ok(())
}

#[tokio::test]
async fn a_blip_is_retried_after_a_wait_and_a_long_one_is_not_waited_for() -> anyhow::Result<()> {
    let two = Two::start("[routing]\nretry_delay = \"20ms\"\n").await?;
    let (status, attempts) = two.ask("a/gpt-4o", "[[status:500:1:blip]] hello").await?;
    assert_eq!((status, attempts.len()), (200, 2), "{attempts:?}");
    let (status, attempts) = two
        .ask("openai/gpt-4o", "[[status:429:1:long]][[retry-after:60]]")
        .await?;
    assert_eq!((status, attempts.len()), (429, 1), "{attempts:?}");
    let (status, attempts) = two.ask("openai/gpt-4o", "[[status:500]] always").await?;
    assert_eq!((status, attempts.len()), (500, 3), "{attempts:?}");
    Ok(())
}

#[tokio::test]
async fn a_change_of_the_configuration_does_not_wake_a_key_that_rests() -> anyhow::Result<()> {
    let two = Two::start("").await?;
    two.a.order("key-one", "status=429,retry-after=300");
    two.b.order("key-one", "status=429,retry-after=300");
    let asked = |standin: &StandIn| standin.requests().len();
    // Each provider's first key met its limit.
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    for name in ["a", "b"] {
        while two.ask(&format!("{name}/gpt-4o"), "hello").await?.1.len() < 2 {
            assert!(
                std::time::Instant::now() < deadline,
                "{name}'s key was never asked"
            );
        }
    }
    // b's secrets are others now, and something else is changed.
    std::fs::write(two.rig.dir().join("key-new"), "key-new")?;
    let config = two.rig.config();
    let (head, tail) = config.split_once("name = \"b\"").unwrap();
    let tail = tail.replacen("file:key-one", "file:key-new", 1);
    let changed = format!("{head}name = \"b\"{tail}\n[routing]\nretries = 1\n");
    let put = two.rig.reconfigure(&changed).await;
    put.map_err(anyhow::Error::msg)?;
    let before = asked(&two.a);
    for _ in 0..24 {
        let (status, attempts) = two.ask("a/gpt-4o", "hello").await?;
        assert_eq!(
            (status, said(&attempts)),
            (200, vec!["a/two 200 served".to_owned()])
        );
    }
    assert_eq!(asked(&two.a) - before, 24);
    let mut keys = std::collections::BTreeSet::new();
    for _ in 0..40 {
        keys.extend(said(&two.ask("b/gpt-4o", "hello").await?.1));
    }
    assert_eq!(
        keys.into_iter().collect::<Vec<_>>(),
        ["b/one 200 served", "b/two 200 served"],
        "whose secret was changed is another key"
    );
    Ok(())
}

/// Answers 429 with a JSON body, whose second half comes later than the gateway looks for a hint in it.
async fn late(listener: TcpListener) -> std::io::Result<()> {
    let (mut peer, _) = listener.accept().await?;
    let (mut request, mut piece) = (Vec::new(), [0; 4096]);
    while !request.ends_with(b"}") {
        let length = peer.read(&mut piece).await?;
        request.extend_from_slice(&piece[..length]);
    }
    let head = "HTTP/1.1 429 Busy\r\ncontent-type: application/json\r\ncontent-length: 32\r\n\r\n";
    peer.write_all(format!("{head}{{\"error\":{{\"me").as_bytes())
        .await?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    peer.write_all(b"ssage\":\"too busy\"}}").await?;
    let mut rest = [0; 64];
    while peer.read(&mut rest).await? > 0 {}
    Ok(())
}

#[tokio::test]
async fn an_error_whose_body_is_late_reaches_the_client_whole() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let config = format!(
        "[[providers]]\nname = \"late\"\ndialect = \"openai\"\nbase_url = \"http://{}\"\nmodels = [\"x\"]\n\
         [routing]\nretries = 0\n",
        listener.local_addr()?
    );
    tokio::spawn(late(listener));
    let rig = Rig::with(RigOptions {
        config,
        ..RigOptions::default()
    })
    .await?;
    let key = rig.key("late").await?;
    let body = prompts::chat_with("late/x", "hello", false);
    let reply = rig.client().post(CHAT, &key.secret, body).await?;
    assert_eq!(reply.status, 429);
    assert_eq!(reply.text(), r#"{"error":{"message":"too busy"}}"#);
    Ok(())
}

#[tokio::test]
async fn a_provider_that_is_down_is_asked_last_until_it_is_back() -> anyhow::Result<()> {
    let config = format!("{SMART}[routing]\nbreaker_failures = 2\ncooldown = \"1s\"\n");
    let two = Two::start(&config).await?;
    two.a.order("", "status=500");
    for _ in 0..2 {
        assert_eq!(two.ask("smart", "hello").await?.1.len(), 2);
    }
    for _ in 0..5 {
        let (status, attempts) = two.ask("smart", "hello").await?;
        let said = said(&attempts);
        assert_eq!((status, said.len()), (200, 1), "{said:?}");
        assert!(said[0].starts_with("b/"), "{said:?}");
    }
    two.a.order("", "status=200");
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    loop {
        let (_, attempts) = two.ask("smart", "hello").await?;
        if said(&attempts)[0].starts_with("a/") {
            return Ok(());
        }
        assert!(std::time::Instant::now() < deadline, "it never came back");
    }
}

#[tokio::test]
async fn a_conversation_stays_with_its_target_and_key() -> anyhow::Result<()> {
    let config = SMART.replace(
        "name = \"smart\"\n",
        "name = \"smart\"\nchoose = \"weighted\"\n",
    );
    let two = Two::start(&config).await?;
    let mut seen = BTreeMap::new();
    for session in 0..12 {
        let id = format!("session-{session}");
        let headers = [("x-claude-code-session-id", id.as_str())];
        let first = said(&two.ask_as("smart", "hello", &headers).await?.1);
        for _ in 0..3 {
            let again = said(&two.ask_as("smart", "hello", &headers).await?.1);
            assert_eq!(first, again);
        }
        *seen.entry(first).or_insert(0) += 1;
    }
    assert!(seen.len() >= 2, "all went one way: {seen:?}");
    Ok(())
}

#[tokio::test]
async fn a_conversation_that_only_its_body_names_stays_too() -> anyhow::Result<()> {
    let config = SMART.replace(
        "name = \"smart\"\n",
        "name = \"smart\"\nchoose = \"weighted\"\n",
    );
    let two = Two::start(&config).await?;
    let bearer = format!("Bearer {}", two.key.secret);
    let (mut bodies, mut headers) = (BTreeSet::new(), BTreeSet::new());
    let ask = async |path: &str, body: String, session: Option<&str>| -> anyhow::Result<_> {
        let mut headers = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        headers.extend(session.map(|id| ("x-session-id", id)));
        let client = two.rig.client();
        let reply = client.send(http::Method::POST, path, &headers, body);
        let reply = reply.await?;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let row = two.rig.row(reply.header("x-tidegate-request-id")).await?;
        Ok(said(&two.rig.store.attempts(row.id).await?))
    };
    for id in 0..12 {
        let chat = format!(
            r#"{{"model":"smart","prompt_cache_key":"t-{id}","messages":[{{"role":"user","content":"hi"}}]}}"#
        );
        let messages = format!(
            r#"{{"model":"smart","max_tokens":9,"metadata":{{"user_id":"t-{id}"}},"messages":[{{"role":"user","content":"hi"}}]}}"#
        );
        let first = ask(CHAT, chat.clone(), None).await?;
        for _ in 0..3 {
            assert_eq!(ask(CHAT, chat.clone(), None).await?, first);
        }
        // The same id is the same way, in whatever dialect, and a header's wins.
        assert_eq!(ask("/anthropic/v1/messages", messages, None).await?, first);
        let other = ask(CHAT, chat.clone(), Some("one for all")).await?;
        assert_eq!(other, ask(CHAT, chat, Some("one for all")).await?);
        bodies.insert(first);
        headers.insert(other);
    }
    assert!(bodies.len() >= 2, "all went one way: {bodies:?}");
    assert_eq!(headers.len(), 1, "{headers:?}");
    Ok(())
}

#[tokio::test]
async fn rules_send_calls_elsewhere_or_refuse_them() -> anyhow::Result<()> {
    let config = format!(
        "{SMART}[[rules]]\nname = \"cheap\"\nwhen = \"'x-tier' in headers && headers['x-tier'] == 'cheap'\"\n\
         use = \"b/gpt-4o-mini\"\n[[rules]]\nname = \"no-o1\"\nwhen = \"call.model.startsWith('o1')\"\n\
         refuse = \"too dear\"\n"
    );
    let two = Two::start(&config).await?;
    let (_, attempts) = two
        .ask_as("a/gpt-4o", "hello", &[("x-tier", "cheap")])
        .await?;
    assert!(said(&attempts)[0].starts_with("b/"), "{attempts:?}");
    let (_, attempts) = two.ask("a/gpt-4o", "hello").await?;
    assert!(said(&attempts)[0].starts_with("a/"), "{attempts:?}");
    let body = prompts::chat_with("o1-pro", "hello", false);
    let reply = two.rig.client().post(CHAT, &two.key.secret, body).await?;
    assert_eq!(reply.status, 403);
    assert!(
        reply.text().contains("too dear") && reply.text().contains("no-o1"),
        "{}",
        reply.text()
    );
    Ok(())
}

#[tokio::test]
async fn a_virtual_model_is_listed_for_keys_that_may_use_it() -> anyhow::Result<()> {
    let two = Two::start(SMART).await?;
    let listed = async |key: &Key| -> anyhow::Result<bool> {
        let reply = two.rig.client().get("/v1/models", &key.secret).await?;
        let list = reply.json()?;
        let data = list["data"].as_array().cloned().unwrap_or_default();
        Ok(data.iter().any(|entry| entry["id"] == "smart"))
    };
    assert!(listed(&two.key).await?);
    let allow = |models: &str| Allow {
        models: vec![models.parse().unwrap()],
        ..Allow::default()
    };
    let by_name = two.rig.key_with("by name", allow("smart"), |_| {}).await?;
    let other = two.rig.key_with("other", allow("o4-*"), |_| {}).await?;
    assert!(listed(&by_name).await? && !listed(&other).await?);
    // What is allowed by the name is not allowed by itself.
    for (key, model, status) in [
        (&by_name, "smart", 200),
        (&by_name, "a/gpt-4o", 403),
        (&other, "smart", 403),
    ] {
        let body = prompts::chat_with(model, "hello", false);
        let reply = two.rig.client().post(CHAT, &key.secret, body).await?;
        assert_eq!(reply.status, status, "{model}: {}", reply.text());
    }
    Ok(())
}
