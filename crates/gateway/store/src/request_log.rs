//! The request log: reading it, and deleting what is old.

mod search;

use tidegate_governance::record::{CacheUse, CostBasis, EdgeRow, Outcome};
use tidegate_types::{
    DeviceId, KeyId, MicroUsd, ModelName, ProviderName, RequestId, TeamId, Timestamp, Usage, UserId,
};

use uuid::Uuid;

use crate::{
    Cursor, Page, Store, StoreError,
    codes::{Code, cache_of},
    page::page_size,
    sql::{Row, Sql, Where, containing, params},
};

/// A logged call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The request's id.
    pub id: RequestId,
    /// When it arrived.
    pub started_at: Timestamp,
    /// Its whole duration, in microseconds.
    pub duration_us: u64,
    /// The gateway's own part, in microseconds.
    pub overhead_us: u64,
    /// To the first byte of the answer's body, in microseconds.
    pub ttft_us: Option<u64>,
    /// Who called.
    pub key: Option<KeyId>,
    /// The key's team, or its user's.
    pub team: Option<TeamId>,
    /// The key's user.
    pub user: Option<UserId>,
    /// The operation's name.
    pub operation: String,
    /// Where it went.
    pub provider: Option<ProviderName>,
    /// The model as the caller named it.
    pub model: Option<ModelName>,
    /// Status sent to the client.
    pub status: u16,
    /// The refusal's code.
    pub code: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// What was used.
    pub usage: Usage,
    /// What it cost.
    pub cost: MicroUsd,
    /// How the cost was found.
    pub cost_basis: CostBasis,
    /// Request body bytes.
    pub request_bytes: u64,
    /// Answer body bytes.
    pub response_bytes: u64,
    /// W3C trace id.
    pub trace_id: Option<[u8; 16]>,
    /// Whether prompt and answer were kept.
    pub has_content: bool,
    /// Where a relayed call came from.
    pub edge: Option<EdgeRow>,
    /// What the cache had to do with it, where it could have answered.
    pub cache: Option<CacheUse>,
    /// The call that it is a copy of, where it was made for a shadow target.
    pub shadow_of: Option<RequestId>,
}

/// Prompt and answer of a call, as bytes of their bodies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredContent {
    /// The request body.
    pub prompt: Vec<u8>,
    /// The answer's body.
    pub answer: Vec<u8>,
}

/// Statuses by their first digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusClass {
    /// 400 to 499.
    ClientError,
    /// 500 to 599.
    ServerError,
    /// 200 to 299.
    Success,
}

/// Which calls to list; every field that is set narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Arrived at or after.
    pub from: Option<Timestamp>,
    /// Arrived before.
    pub to: Option<Timestamp>,
    /// Of a key.
    pub key: Option<KeyId>,
    /// Of a team.
    pub team: Option<TeamId>,
    /// Of a user.
    pub user: Option<UserId>,
    /// Sent to a provider.
    pub provider: Option<ProviderName>,
    /// Of a model, exactly.
    pub model: Option<ModelName>,
    /// Of an operation.
    pub operation: Option<String>,
    /// Answered in a class.
    pub status: Option<StatusClass>,
    /// Ended so.
    pub outcome: Option<Outcome>,
    /// Refused with a code.
    pub code: Option<String>,
    /// Streamed or not.
    pub streamed: Option<bool>,
    /// Relayed from a device.
    pub device: Option<DeviceId>,
    /// Relayed from an app, by its id.
    pub app: Option<String>,
    /// This one.
    pub id: Option<RequestId>,
    /// Of a trace.
    pub trace_id: Option<[u8; 16]>,
    /// Copies for shadow targets, or all others.
    pub shadow: Option<bool>,
    /// That cost at least so much.
    pub min_cost: Option<MicroUsd>,
    /// That used at least so many tokens, prompt and answer together.
    pub min_tokens: Option<u64>,
    /// With this in the model, provider, operation, code, app, host, OS user or process, in any case.
    pub text: Option<String>,
}

/// The columns, in the order in which rows are inserted and read.
pub(crate) const COLUMNS: &str = "id, started_at, duration_us, overhead_us, ttft_us, key_id, \
     team_id, user_id, operation, provider, model, status, code, outcome, streamed, input, cached, \
     cache_write_5m, cache_write_1h, input_audio, output, reasoning, output_audio, output_image, \
     web_searches, tier, source, cost, cost_basis, request_bytes, response_bytes, trace_id, \
     has_content, device_id, app, os_user, process, host, cache, saved, shadow_of";

/// What guardrails did on a call, beside its row: most rows have nothing to say.
pub(crate) const INSERT_GUARDRAILS: &str =
    "INSERT INTO request_guardrails (id, team_id, applied) VALUES ($1, $2, $3)";

/// Where a call was tried, beside its row: most rows have nothing to say.
pub(crate) const INSERT_ATTEMPTS: &str =
    "INSERT INTO request_attempts (id, attempts) VALUES ($1, $2)";

impl StatusClass {
    const fn range(self) -> (i64, i64) {
        match self {
            Self::ClientError => (400, 500),
            Self::ServerError => (500, 600),
            Self::Success => (200, 300),
        }
    }
}

impl RequestFilter {
    /// Whether the index of calls that did not go well has all that this narrows by.
    const fn is_in_index_of_failed(&self) -> bool {
        self.id.is_none()
            && self.streamed.is_none()
            && self.trace_id.is_none()
            && self.min_cost.is_none()
            && self.min_tokens.is_none()
            && self.text.is_none()
    }

    /// Adds everything but the time.
    fn narrow(&self, filter: &mut Where) {
        filter.maybe("key_id = {}", self.key.map(KeyId::uuid));
        filter.maybe("team_id = {}", self.team.map(TeamId::uuid));
        filter.maybe("user_id = {}", self.user.map(UserId::uuid));
        filter.maybe(
            "provider = {}",
            self.provider.as_ref().map(ProviderName::as_str),
        );
        filter.maybe("model = {}", self.model.as_ref().map(ModelName::as_str));
        filter.maybe("operation = {}", self.operation.as_deref());
        filter.maybe(
            "outcome = {}",
            self.outcome.map(|outcome| i64::from(outcome.code())),
        );
        filter.maybe("code = {}", self.code.as_deref());
        filter.maybe("streamed = {}", self.streamed);
        filter.maybe("device_id = {}", self.device.map(DeviceId::uuid));
        filter.maybe("app = {}", self.app.as_deref());
        if let Some((from, to)) = self.status.map(StatusClass::range) {
            filter.and("status >= {}", from);
            filter.and("status < {}", to);
        }
        if let Some(shadow) = self.shadow {
            filter.fixed(if shadow {
                "shadow_of IS NOT NULL"
            } else {
                "shadow_of IS NULL"
            });
        }
        filter.maybe("cost >= {}", self.min_cost.map(MicroUsd::micros));
        filter.maybe(
            "input + cached + cache_write_5m + cache_write_1h + input_audio + output \
             + output_audio + output_image >= {}",
            self.min_tokens,
        );
        filter.maybe(
            "trace_id = {}",
            self.trace_id.as_ref().map(<[u8; 16]>::as_slice),
        );
        filter.maybe(
            "LOWER(COALESCE(model, '') || ' ' || COALESCE(provider, '') || ' ' || operation || ' ' \
             || COALESCE(code, '') || ' ' || COALESCE(app, '') || ' ' || COALESCE(host, '') || ' ' \
             || COALESCE(os_user, '') || ' ' || COALESCE(process, '')) LIKE {} ESCAPE '!'",
            self.text.as_deref().map(containing),
        );
    }
}

/// The smallest id of a time, to the millisecond, as ids are.
fn first_id(time: Timestamp) -> Uuid {
    Uuid::from_u128(u128::from(time.millis()) << 80)
}

impl Store {
    /// Logged calls, newest first. A page may hold fewer than there are, or none, and still have a next
    /// one: so many rows were looked at that the search stopped there.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn requests(
        &self,
        filter: RequestFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<LoggedRequest>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| search::page(sql, &filter, cursor, limit))
            .await
    }

    /// One logged call, with its content where kept.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn request(
        &self,
        id: RequestId,
    ) -> Result<(LoggedRequest, Option<StoredContent>), StoreError> {
        self.read(move |sql| {
            let statement = format!("SELECT {COLUMNS} FROM requests WHERE id = $1");
            let request = read(&sql.one(&statement, &params![id.uuid()], "request")?)?;
            let content = "SELECT prompt, answer FROM request_contents WHERE id = $1";
            let content = sql.query(content, &params![id.uuid()])?;
            let content = content.first().map(|row| {
                Ok::<_, StoreError>(StoredContent {
                    prompt: row.blob(0)?.to_vec(),
                    answer: row.blob(1)?.to_vec(),
                })
            });
            Ok((request, content.transpose()?))
        })
        .await
    }

    /// Deletes logged calls (not the usage) that arrived before `before`, at most `slice` of them;
    /// how many. Call again until it returns less than `slice`.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn delete_requests(
        &self,
        before: Timestamp,
        slice: usize,
    ) -> Result<u64, StoreError> {
        self.write(move |sql| delete(sql, first_id(before), slice))
            .await
    }
}

fn delete(sql: &mut dyn Sql, before: Uuid, slice: usize) -> Result<u64, StoreError> {
    let last = "SELECT id FROM requests WHERE id < $1 ORDER BY id LIMIT $2";
    let rows = sql.query(last, &params![before, slice])?;
    let Some(last) = rows.last() else {
        return Ok(0);
    };
    let last = last.uuid(0)?;
    sql.execute(
        "DELETE FROM request_contents WHERE id <= $1",
        &params![last],
    )?;
    sql.execute(
        "DELETE FROM request_guardrails WHERE id <= $1",
        &params![last],
    )?;
    sql.execute(
        "DELETE FROM request_attempts WHERE id <= $1",
        &params![last],
    )?;
    sql.execute("DELETE FROM requests WHERE id <= $1", &params![last])
}

fn read(row: &Row) -> Result<LoggedRequest, StoreError> {
    Ok(LoggedRequest {
        id: RequestId::from_uuid(row.uuid(0)?),
        started_at: row.time(1)?,
        duration_us: row.count(2)?,
        overhead_us: row.count(3)?,
        ttft_us: row.opt(4, Row::count)?,
        key: row.opt(5, Row::uuid)?.map(KeyId::from_uuid),
        team: row.opt(6, Row::uuid)?.map(TeamId::from_uuid),
        user: row.opt(7, Row::uuid)?.map(UserId::from_uuid),
        operation: row.text(8)?.to_owned(),
        provider: row.opt(9, Row::parsed)?,
        model: row.opt(10, Row::parsed)?,
        status: u16::try_from(row.int(11)?).unwrap_or_default(),
        code: row.opt(12, Row::text_owned)?,
        outcome: coded(row, 13)?,
        streamed: row.bool(14)?,
        usage: usage(row)?,
        cost: MicroUsd::from_micros(row.int(27)?),
        cost_basis: coded(row, 28)?,
        request_bytes: row.count(29)?,
        response_bytes: row.count(30)?,
        trace_id: row.opt(31, Row::bytes)?,
        has_content: row.bool(32)?,
        edge: row.opt(33, edge)?,
        cache: row.opt(38, cache)?,
        shadow_of: row.opt(40, Row::uuid)?.map(RequestId::from_uuid),
    })
}

fn edge(row: &Row, first: usize) -> Result<EdgeRow, StoreError> {
    Ok(EdgeRow::new(
        DeviceId::from_uuid(row.uuid(first)?),
        row.text(first + 1)?,
        row.text(first + 2)?,
        row.text(first + 3)?,
        row.text(first + 4)?,
    ))
}

fn cache(row: &Row, first: usize) -> Result<CacheUse, StoreError> {
    let saved = row.opt(first + 1, Row::int)?;
    let known = cache_of(row.int(first)?, saved);
    known.ok_or_else(|| StoreError::Broken("column `cache` holds an unknown code".to_owned()))
}

fn usage(row: &Row) -> Result<Usage, StoreError> {
    Ok(Usage {
        input: row.count(15)?,
        cached: row.count(16)?,
        cache_write_5m: row.count(17)?,
        cache_write_1h: row.count(18)?,
        input_audio: row.count(19)?,
        output: row.count(20)?,
        reasoning: row.count(21)?,
        output_audio: row.count(22)?,
        output_image: row.count(23)?,
        web_searches: row.count(24)?,
        tier: coded(row, 25)?,
        source: coded(row, 26)?,
    })
}

fn coded<T: Code>(row: &Row, column: usize) -> Result<T, StoreError> {
    let known = T::from_code(row.int(column)?);
    known.ok_or_else(|| StoreError::Broken(format!("column {column} holds an unknown code")))
}
