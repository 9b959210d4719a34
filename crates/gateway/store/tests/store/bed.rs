//! Where a test stands: an empty store, a clock to turn, and a way past the store to the rows.

use std::{io::Write as _, sync::Arc};

use tempfile::TempDir;
use tidegate_governance::record::{CostBasis, Outcome, Record, RequestRow};
use tidegate_store::{NewKey, NewSecret, Store, StoreConfig};
use tidegate_types::{
    ManualClock, MicroUsd, NodeId, PlainKey, RequestId, Timestamp, Usage, UsageSource,
};
use tokio_postgres::NoTls;

/// Runs tests on both engines.
macro_rules! both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let bed = $crate::bed::Bed::sqlite().await;
                super::$test(&bed).await;
                bed.finish().await;
            })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                let Some(bed) = $crate::bed::Bed::postgres().await else { return };
                super::$test(&bed).await;
                bed.finish().await;
            })*
        }
    };
}
pub(crate) use both;

/// The variable that names a PostgreSQL to test with.
const POSTGRES: &str = "TIDEGATE_TEST_POSTGRES";

/// A Wednesday, at noon.
pub(crate) const NOON: i64 = 1_785_931_200_000_000;

/// An empty store.
pub(crate) struct Bed {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) url: String,
    pub(crate) dir: TempDir,
    schema: Option<String>,
}

impl Bed {
    pub(crate) async fn sqlite() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", dir.path().join("tidegate.db").display());
        Self::open(dir, url, None).await
    }

    /// Nothing, and a loud word, where there is no PostgreSQL to test with.
    pub(crate) async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES) else {
            // Past the test harness, which would keep it to itself.
            let word = format!("SKIPPED on PostgreSQL: {POSTGRES} is not set\n");
            std::io::stderr().write_all(word.as_bytes()).unwrap();
            return None;
        };
        let schema = format!("t{:032x}", node().uuid().as_u128());
        raw(&server, &format!("CREATE SCHEMA {schema}")).await;
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-csearch_path%3D{schema}");
        let dir = tempfile::tempdir().unwrap();
        Some(Self::open(dir, url, Some(schema)).await)
    }

    async fn open(dir: TempDir, url: String, schema: Option<String>) -> Self {
        let clock = Arc::new(ManualClock::at(Timestamp::from_micros(NOON)));
        let config = StoreConfig::new(&url).with_journal(dir.path().join("journal"));
        let store = Store::open(config, clock.clone(), node()).await.unwrap();
        assert!(store.migrate().await.unwrap() > 0);
        assert_eq!(store.migrate().await, Ok(0));
        store.ready().await.unwrap();
        Self {
            store,
            clock,
            url,
            dir,
            schema,
        }
    }

    /// Another process's view of the same data.
    pub(crate) async fn another(&self, node: NodeId) -> Store {
        let config = StoreConfig::new(&self.url);
        Store::open(config, self.clock.clone(), node).await.unwrap()
    }

    /// The same data and journal, as after a restart.
    pub(crate) async fn restarted(&self) -> Store {
        let config = StoreConfig::new(&self.url).with_journal(self.dir.path().join("journal"));
        Store::open(config, self.clock.clone(), node())
            .await
            .unwrap()
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.schema.is_none()
    }

    /// Runs SQL behind the store's back.
    pub(crate) async fn raw(&self, sql: &str) {
        match self.url.strip_prefix("sqlite:") {
            Some(path) => rusqlite::Connection::open(path)
                .unwrap()
                .execute_batch(sql)
                .unwrap(),
            None => raw(&self.url, sql).await,
        }
    }

    pub(crate) async fn finish(self) {
        let Self {
            store, schema, url, ..
        } = self;
        drop(store);
        if let Some(schema) = schema {
            raw(&url, &format!("DROP SCHEMA {schema} CASCADE")).await;
        }
    }
}

pub(crate) fn node() -> NodeId {
    NodeId::generate(Timestamp::from_micros(NOON))
}

async fn raw(url: &str, sql: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

pub(crate) fn usd(micros: i64) -> MicroUsd {
    MicroUsd::from_micros(micros)
}

pub(crate) fn at(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

pub(crate) fn secret() -> NewSecret {
    NewSecret::from(&PlainKey::generate(PlainKey::VIRTUAL).unwrap())
}

pub(crate) fn a_key(name: &str) -> NewKey {
    NewKey {
        name: name.into(),
        secret: secret(),
        team: None,
        user: None,
        allow: Default::default(),
        log_content: false,
        expires_at: None,
    }
}

/// A call that cost `cost`, answered well.
pub(crate) fn a_call(started_at: Timestamp, cost: i64) -> Record {
    let row = RequestRow {
        id: RequestId::generate(started_at),
        started_at,
        duration_us: 1_500_000,
        overhead_us: 17,
        ttft_us: Some(300_000),
        key: None,
        team: None,
        user: None,
        operation: "chat.completions",
        provider: Some("openai".parse().unwrap()),
        model: Some("gpt-4o".parse().unwrap()),
        status: 200,
        code: None,
        outcome: Outcome::Completed,
        streamed: true,
        usage: Usage {
            input: 120,
            output: 30,
            source: UsageSource::Reported,
            ..Usage::default()
        },
        cost: usd(cost),
        cost_basis: CostBasis::Priced,
        request_bytes: 500,
        response_bytes: 900,
        trace_id: Some([7; 16]),
        content: None,
        edge: None,
        guardrails: Vec::new(),
        cache: None,
        attempts: Vec::new(),
        shadow_of: None,
    };
    Record {
        row,
        charges: Default::default(),
    }
}
