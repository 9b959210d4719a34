//! A gateway that knows every service, and keys that one guardrail concerns.

use serde_json::{Value, json};
use tidegate_governance::{entity::Allow, guardrail::Applied};
use tidegate_harness::{Key, Reply, Rig, RigOptions};
use tidegate_store::{Actor, NewGuardrail, NewKey, NewSecret};
use tidegate_types::PlainKey;

use super::{services::KINDS, stand_in::Services};
use crate::guardrails::applied;

const CHAT: &str = "/openai/v1/chat/completions";

/// What the configuration has of a signed guardrail.
const SIGNED: &str = "access_key_id = \"AKIDEXAMPLE\"\nsecret_access_key = \"file:provider-key\"\n\
     session_token = \"file:provider-key\"\nregion = \"eu-west-1\"";

pub(super) struct Bed {
    pub(super) rig: Rig,
    pub(super) services: Services,
}

/// A gateway that knows every service in each of these modes, as `KIND-MODE`.
pub(super) async fn bed(modes: &[&str]) -> anyhow::Result<Bed> {
    let services = Services::start().await?;
    let mut config = String::new();
    for kind in &KINDS {
        for mode in modes {
            let token = match kind.name {
                "presidio" | "webhook" => "",
                "bedrock" if *mode == "signed" => SIGNED,
                _ => "api_key = \"file:provider-key\"",
            };
            let timeout = if *mode == "late" { "150ms" } else { "20s" };
            config += &format!(
                "[[guardrails.engines]]\nname = \"{name}-{mode}\"\nkind = \"{name}\"\nurl = \"{url}\"\n\
                 timeout = \"{timeout}\"\n{token}\n{keys}\n",
                name = kind.name,
                url = services.at(kind, mode),
                keys = kind.keys,
            );
        }
    }
    let options = RigOptions {
        config,
        ..RigOptions::default()
    };
    let rig = Rig::with(options).await?;
    Ok(Bed { rig, services })
}

impl Bed {
    /// A key whose calls one guardrail concerns, in force once the rig has settled.
    pub(super) async fn guarded(
        &self,
        engine: &str,
        action: &str,
        more: &str,
    ) -> anyhow::Result<Key> {
        self.streamed(engine, r#"{"mode":"buffer"}"#, action, more)
            .await
    }

    /// As [`Bed::guarded`]; this is how streamed answers wait.
    pub(super) async fn streamed(
        &self,
        engine: &str,
        stream: &str,
        action: &str,
        more: &str,
    ) -> anyhow::Result<Key> {
        let plain = PlainKey::generate(PlainKey::VIRTUAL)?;
        let new = NewKey {
            name: engine.to_owned(),
            secret: NewSecret::from(&plain),
            team: None,
            user: None,
            allow: Allow::default(),
            log_content: false,
            expires_at: None,
        };
        let key = Key {
            id: self.rig.store.create_key(Actor::Cli, new).await?.id,
            secret: plain.expose().to_owned(),
        };
        let definition = format!(
            r#"{{"detect":{{"kind":"engine","engine":"{engine}","stream":{stream}}},"action":{{"do":"{action}"}},
            "scope":{{"keys":["{}"]}}{more}}}"#,
            key.id
        );
        let guardrail = NewGuardrail {
            name: key.id.to_string(),
            enabled: true,
            position: None,
            definition: serde_json::from_str(&definition)?,
        };
        self.rig
            .store
            .create_guardrail(Actor::Cli, guardrail)
            .await?;
        Ok(key)
    }

    pub(super) async fn ask(
        &self,
        key: &Key,
        messages: Value,
        stream: bool,
    ) -> anyhow::Result<Reply> {
        let body = json!({"model": "gpt-4o-mini", "max_tokens": 4_096, "stream": stream, "messages": messages});
        let client = self.rig.client();
        client.post(CHAT, &key.secret, body.to_string()).await
    }

    /// The texts of the messages that the provider got last.
    pub(super) fn sent(&self) -> Vec<String> {
        let seen = self.rig.standin.requests().pop();
        let body = seen.and_then(|seen| seen.body()).unwrap_or_default();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let messages = body["messages"].as_array().into_iter().flatten();
        let texts = messages.filter_map(|message| message["content"].as_str());
        texts.map(str::to_owned).collect()
    }

    pub(super) async fn applied(&self, reply: &Reply) -> anyhow::Result<Vec<Applied>> {
        applied(&self.rig, reply).await
    }
}
