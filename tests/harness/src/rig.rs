//! The rig: gateway, stand-in and store of one test.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, bail};
use tempfile::TempDir;
use tidegate::{
    config::Config,
    serve::{Running, start_guarded},
};
use tidegate_governance::entity::{Alignment, Allow, Scope, Window};
use tidegate_loadtest::standin::{Options, StandIn};
use tidegate_pipeline::guard::Guards;
use tidegate_store::{
    Actor, LoggedRequest, NewBudget, NewGuardrail, NewKey, NewLimit, NewSecret, RequestFilter,
    Store, StoreConfig,
};
use tidegate_types::{
    BudgetId, Clock, GuardrailId, KeyId, MicroUsd, NodeId, PlainKey, RequestId, SystemClock,
};

use crate::Client;

/// How long a test waits for something that must happen.
const PATIENCE: Duration = Duration::from_secs(20);

/// The name of the configuration file.
pub const CONFIG: &str = "tidegate.toml";

/// How a rig differs from the default.
#[derive(Debug, Clone, Default)]
pub struct RigOptions {
    /// TOML added to the configuration: whole sections.
    pub config: String,
    /// Lines added to `[listen]`.
    pub listen: String,
    /// Files beside the configuration: their names and contents.
    pub files: Vec<(&'static str, &'static str)>,
    /// Another store than a temporary SQLite file.
    pub store: Option<String>,
    /// Guards over prompts and answers.
    pub guards: Guards,
    /// The providers can be asked over WebSockets too.
    pub websocket: bool,
}

/// Gateway, stand-in and store of one test.
pub struct Rig {
    /// The gateway.
    pub gateway: Running,
    /// All its providers.
    pub standin: StandIn,
    /// Its store, opened a second time as an admin's tool would.
    pub store: Store,
    dir: TempDir,
    config: String,
}

/// A virtual key and its secret.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id.
    pub id: KeyId,
    /// Its secret.
    pub secret: String,
}

impl Rig {
    /// A gateway with the default settings.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(RigOptions::default()).await
    }

    /// A gateway with settings of the test's own.
    ///
    /// # Errors
    /// A part does not start.
    pub async fn with(options: RigOptions) -> anyhow::Result<Self> {
        let standin = StandIn::start("127.0.0.1:0", Options::default()).await?;
        let dir = tempfile::tempdir()?;
        std::fs::write(dir.path().join("provider-key"), "upstream-secret")?;
        for (name, content) in &options.files {
            std::fs::write(dir.path().join(name), content)?;
        }
        let url = options
            .store
            .clone()
            .unwrap_or_else(|| "sqlite:test.db".into());
        let mut text = format!(
            "[listen]\ndata = \"127.0.0.1:0\"\ncontrol = \"127.0.0.1:0\"\n{}\n[store]\nurl = \
             \"{url}\"\n",
            options.listen
        );
        for dialect in ["openai", "anthropic", "gemini"] {
            text.push_str(&format!(
                "[[providers]]\nname = \"{dialect}\"\ndialect = \"{dialect}\"\nbase_url = \
                 \"{}\"\napi_key = \"file:provider-key\"\nwebsocket = {}\n",
                standin.url(),
                options.websocket
            ));
        }
        text.push_str(&options.config);
        let file = dir.path().join(CONFIG);
        std::fs::write(&file, &text)?;
        let config = Config::load(&file)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock::default());
        let url = config.store.url.expose().clone();
        let gateway = start_guarded(config, Arc::clone(&clock), options.guards).await?;
        let node = NodeId::generate(clock.now());
        let store = Store::open(StoreConfig::new(url), clock, node).await?;
        Ok(Self {
            gateway,
            standin,
            store,
            dir,
            config: text,
        })
    }

    /// The configuration's text as it was at start.
    #[must_use]
    pub fn config(&self) -> &str {
        &self.config
    }

    /// Writes another configuration, and has the gateway read it at once.
    ///
    /// # Errors
    /// Why it is not in force; or the file cannot be written.
    pub async fn reconfigure(&self, text: &str) -> Result<(), String> {
        let written = std::fs::write(self.dir.path().join(CONFIG), text);
        written.map_err(|error| error.to_string())?;
        self.gateway.reload().await
    }

    /// The folder of the rig's files.
    #[must_use]
    pub fn dir(&self) -> &std::path::Path {
        self.dir.path()
    }

    /// An HTTP/1.1 client of the data plane.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::http1(&format!("http://{}", self.gateway.data))
    }

    /// An HTTP/1.1 client of the stand-in itself.
    #[must_use]
    pub fn direct(&self) -> Client {
        Client::http1(&self.standin.url())
    }

    /// A key without limits that may use everything.
    ///
    /// # Errors
    /// The store refuses it.
    pub async fn key(&self, name: &str) -> anyhow::Result<Key> {
        self.key_with(name, Allow::default(), |_| {}).await
    }

    /// A key with an allow-list and settings of the test's own.
    ///
    /// # Errors
    /// The store refuses it, or the gateway does not learn of it.
    pub async fn key_with(
        &self,
        name: &str,
        allow: Allow,
        change: impl FnOnce(&mut NewKey),
    ) -> anyhow::Result<Key> {
        let plain = PlainKey::generate(PlainKey::VIRTUAL)?;
        let mut new = NewKey {
            name: name.to_owned(),
            secret: NewSecret::from(&plain),
            team: None,
            user: None,
            allow,
            log_content: false,
            expires_at: None,
        };
        change(&mut new);
        let id = self.store.create_key(Actor::Cli, new).await?.id;
        self.settled().await?;
        Ok(Key {
            id,
            secret: plain.expose().to_owned(),
        })
    }

    /// A daily budget of a key.
    ///
    /// # Errors
    /// The store refuses it, or the gateway does not learn of it.
    pub async fn budget(&self, key: &Key, cap: MicroUsd) -> anyhow::Result<BudgetId> {
        let new = NewBudget {
            scope: Scope::Key(key.id),
            model: None,
            cap,
            window: Window::Day,
            alignment: Alignment::Calendar,
        };
        let id = self.store.create_budget(Actor::Cli, new).await?.id;
        self.settled().await?;
        Ok(id)
    }

    /// A limit of a key.
    ///
    /// # Errors
    /// The store refuses it, or the gateway does not learn of it.
    pub async fn limit(&self, key: &Key, change: impl FnOnce(&mut NewLimit)) -> anyhow::Result<()> {
        let mut new = NewLimit {
            scope: Scope::Key(key.id),
            model: None,
            requests_per_minute: None,
            tokens_per_minute: None,
            concurrency: None,
        };
        change(&mut new);
        self.store.create_limit(Actor::Cli, new).await?;
        self.settled().await
    }

    /// A guardrail that is in force; `definition` is its JSON.
    ///
    /// # Errors
    /// It is none, the store refuses it, or the gateway does not learn of it.
    pub async fn guardrail(&self, name: &str, definition: &str) -> anyhow::Result<GuardrailId> {
        let new = NewGuardrail {
            name: name.to_owned(),
            enabled: true,
            position: None,
            definition: serde_json::from_str(definition).context("no definition")?,
        };
        let id = self.store.create_guardrail(Actor::Cli, new).await?.id;
        self.settled().await?;
        Ok(id)
    }

    /// Waits until the gateway decides by what the store holds now.
    ///
    /// # Errors
    /// It does not within the patience of a test.
    pub async fn settled(&self) -> anyhow::Result<()> {
        let wanted = self.store.revision().await?;
        eventually("the snapshot catches up", || {
            self.gateway.revision() >= wanted
        })
        .await
    }

    /// The log row of a request, by the id that its answer named.
    ///
    /// # Errors
    /// There is none.
    pub async fn row(&self, id: &str) -> anyhow::Result<LoggedRequest> {
        let id: RequestId = id.parse().context("no request id")?;
        self.gateway.flush().await?;
        Ok(self.store.request(id).await?.0)
    }

    /// All log rows of a key, newest first.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn rows(&self, key: &Key) -> anyhow::Result<Vec<LoggedRequest>> {
        self.gateway.flush().await?;
        let filter = RequestFilter {
            key: Some(key.id),
            ..RequestFilter::default()
        };
        Ok(self.store.requests(filter, None, 1_000).await?.items)
    }
}

/// Waits until something holds.
///
/// # Errors
/// It does not within the patience of a test.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    while !holds() {
        if tokio::time::Instant::now() > deadline {
            bail!("never happened: {what}");
        }
        tick.tick().await;
    }
    Ok(())
}
