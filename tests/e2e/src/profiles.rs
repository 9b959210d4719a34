//! Providers by profile: bodies reach them as they take them, byte for byte otherwise.

use tidegate_harness::{Reply, Rig, RigOptions};
use tidegate_loadtest::{Options, StandIn};

/// A stand-in that is reached by a profile, and a gateway in front of it.
struct Bed {
    rig: Rig,
    provider: StandIn,
    secret: String,
}

impl Bed {
    async fn start(profile: &str) -> anyhow::Result<Self> {
        let provider = StandIn::start("127.0.0.1:0", Options::default()).await?;
        let config = format!(
            "[[providers]]\nprofile = \"{profile}\"\nbase_url = \"{}\"\napi_key = \"file:provider-key\"\n\
             models = [\"only-by-name\"]\n",
            provider.url()
        );
        let rig = Rig::with(RigOptions {
            config,
            ..RigOptions::default()
        })
        .await?;
        let secret = rig.key("profiles").await?.secret;
        Ok(Self {
            rig,
            provider,
            secret,
        })
    }

    async fn ask(&self, path: &str, body: &str) -> anyhow::Result<Reply> {
        let client = self.rig.client();
        client.post(path, &self.secret, body.to_owned()).await
    }

    /// Path and body that reached the provider last.
    fn seen(&self) -> (String, String) {
        let seen = self.provider.requests().pop().expect("it was asked");
        let body = seen.body().unwrap_or_default();
        (seen.path, String::from_utf8_lossy(&body).into_owned())
    }
}

const CHAT: &str = "/openai/v1/chat/completions";

#[tokio::test]
async fn what_mistral_would_refuse_is_not_sent() -> anyhow::Result<()> {
    let bed = Bed::start("mistral").await?;
    let asked = concat!(
        "{ \"model\":\"mistral/m\", \"x_unknown\" : [1.0, \"\\u00e9\"],\"user\":\"u\",\"stream\":true,",
        "\"max_completion_tokens\":50,\"stream_options\":{\"include_usage\":true},\"seed\":7, \"messages\" : [",
        "{\"role\":\"developer\",\"content\":\"be brief\"},",
        "{\"role\":\"assistant\",\"content\":\"a\",\"reasoning_content\":\"t\",\"refusal\":null},",
        "{\"role\":\"user\",\"content\":\"reasoning_content\"}] }"
    );
    let sent = concat!(
        "{ \"model\":\"m\", \"x_unknown\" : [1.0, \"\\u00e9\"],\"stream\":true,",
        "\"max_tokens\":50,\"random_seed\":7, \"messages\" : [",
        "{\"role\":\"system\",\"content\":\"be brief\"},",
        "{\"role\":\"assistant\",\"content\":\"a\"},",
        "{\"role\":\"user\",\"content\":\"reasoning_content\"}] }"
    );
    let reply = bed.ask(CHAT, asked).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        bed.seen(),
        ("/v1/chat/completions".to_owned(), sent.to_owned())
    );
    let refused =
        r#"{"model":"mistral/m","logit_bias":{"5":1},"messages":[{"role":"user","content":"a"}]}"#;
    let reply = bed.ask(CHAT, refused).await?;
    assert_eq!(reply.status, 400, "{}", reply.text());
    assert!(reply.text().contains("logit_bias") && reply.text().contains("not_translatable"));
    assert_eq!(bed.provider.requests().len(), 1, "nothing was sent");
    Ok(())
}

#[tokio::test]
async fn a_translated_call_fits_too() -> anyhow::Result<()> {
    let bed = Bed::start("mistral").await?;
    let asked = r#"{"model":"mistral/m","max_tokens":50,"stream":true,"metadata":{"user_id":"u"},
        "messages":[{"role":"user","content":"heron"}]}"#;
    let reply = bed.ask("/anthropic/v1/messages", asked).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    let (path, body) = bed.seen();
    assert_eq!(path, "/v1/chat/completions");
    assert!(body.contains("\"max_tokens\":50"), "{body}");
    for gone in ["max_completion_tokens", "stream_options", "\"user\":\"u\""] {
        assert!(!body.contains(gone), "{gone}: {body}");
    }
    Ok(())
}

#[tokio::test]
async fn chat_becomes_responses_where_nothing_else_is_served() -> anyhow::Result<()> {
    let bed = Bed::start("perplexity").await?;
    let asked = r#"{"model":"perplexity/sonar","messages":[{"role":"user","content":"heron"}]}"#;
    let reply = bed.ask(CHAT, asked).await?;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(bed.seen().0, "/v1/responses");
    Ok(())
}
