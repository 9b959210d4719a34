//! What people at devices ask for: the use of an app or an MCP server, or that an app be known.

use serde_json::json;
use tidegate_device_api::{AccessRequest, RequestAnswer, Wanted};
use tidegate_types::{AccessRequestId, DeviceId, Timestamp};

use crate::{
    Actor, Beat, Cursor, NewDecision, Page, Store, StoreError,
    change::{Effect, Entry},
    edge::decide_in,
    page::page_size,
    pulse::beat,
    sql::{Row, Sql, Where, params},
    words::Word,
};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody has answered it.
    Open,
    /// It was granted.
    Granted,
    /// It was declined.
    Declined,
}

/// What sort of thing is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WantedKind {
    /// The use of an app.
    App,
    /// The use of an MCP server.
    McpServer,
    /// That Tidegate comes to know an app.
    Support,
}

/// A request as a device brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRequest {
    /// The device.
    pub device: DeviceId,
    /// The request, its texts cut to their bounds.
    pub request: AccessRequest,
}

/// A request, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRequest {
    /// Its id.
    pub id: AccessRequestId,
    /// The device that it came from.
    pub device: DeviceId,
    /// The machine's name.
    pub hostname: String,
    /// What sort of thing is asked for.
    pub kind: WantedKind,
    /// The app's id, the server's identity, or what the person calls an app.
    pub item: String,
    /// Why, in the person's words.
    pub reason: String,
    /// The OS user who asks.
    pub os_user: String,
    /// When the gateway got it.
    pub asked_at: Timestamp,
    /// What became of it.
    pub state: RequestState,
    /// Who answered: the id of an account or a token.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<Timestamp>,
    /// What the person is told.
    pub answer: Option<String>,
}

/// Which requests to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AskedFilter {
    /// In this state.
    pub state: Option<RequestState>,
    /// Of a device.
    pub device: Option<DeviceId>,
}

/// How a request is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// Granted, or else declined.
    pub granted: bool,
    /// What the person is told, 500 characters at most.
    pub answer: Option<String>,
    /// What is decided along with it.
    pub decisions: Vec<NewDecision>,
}

impl Word for RequestState {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::Open, "open"),
        (Self::Granted, "granted"),
        (Self::Declined, "declined"),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Granted => "granted",
            Self::Declined => "declined",
        }
    }
}

impl Word for WantedKind {
    const WORDS: &'static [(Self, &'static str)] = &[
        (Self::App, "app"),
        (Self::McpServer, "mcp_server"),
        (Self::Support, "support"),
    ];

    fn word(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::McpServer => "mcp_server",
            Self::Support => "support",
        }
    }
}

/// The most requests of one device that wait for an answer, and the most that are kept of it.
const MAX_OPEN: i64 = 50;
const MAX_KEPT: i64 = 500;

const COLUMNS: &str = "r.id, r.device_id, d.hostname, r.kind, r.item, r.reason, r.os_user, \
     r.asked_at, r.state, r.decided_by, r.decided_at, r.answer";

const TABLES: &str = "access_requests r JOIN devices d ON d.id = r.device_id";

impl Store {
    /// Notes requests; those that are known are passed over, and so are more than 50 open ones of a
    /// device.
    ///
    /// # Errors
    /// The store is unavailable; nothing was noted then.
    pub async fn note_requests(&self, new: Vec<NewRequest>) -> Result<(), StoreError> {
        let now = self.now();
        self.write(move |sql| {
            new.iter().try_for_each(|new| note(sql, now, new))?;
            beat(sql, [Beat::AccessRequests])
        })
        .await
    }

    /// Requests, newest first.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn access_requests(
        &self,
        filter: AskedFilter,
        cursor: Option<Cursor>,
        limit: usize,
    ) -> Result<Page<StoredRequest>, StoreError> {
        let limit = page_size(limit);
        self.read(move |sql| {
            let mut conditions = Where::default();
            conditions.maybe("r.id < {}", cursor.map(|cursor| cursor.0));
            conditions.maybe("r.state = {}", filter.state.map(Word::word));
            conditions.maybe("r.device_id = {}", filter.device.map(DeviceId::uuid));
            let count = conditions.param(limit + 1);
            let select = format!(
                "SELECT {COLUMNS} FROM {TABLES}{} ORDER BY r.id DESC LIMIT {count}",
                conditions.clause()
            );
            let rows = sql.query(&select, &conditions.params)?;
            let requests = rows.iter().map(read).collect::<Result<_, _>>()?;
            Ok(Page::cut(requests, limit, |request: &StoredRequest| {
                request.id.uuid()
            }))
        })
        .await
    }

    /// One request.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn access_request(&self, id: AccessRequestId) -> Result<StoredRequest, StoreError> {
        self.read(move |sql| one(sql, id)).await
    }

    /// The newest answers to requests, 2000 at most, by device and the device's own id of the request.
    ///
    /// # Errors
    /// The database failed.
    pub async fn request_answers(&self) -> Result<Vec<(DeviceId, RequestAnswer)>, StoreError> {
        self.read(|sql| {
            let query = "SELECT device_id, asked, state, answer FROM access_requests \
                 WHERE decided_at IS NOT NULL ORDER BY decided_at DESC LIMIT 2000";
            let rows = sql.query(query, &[])?;
            let answer = |row: &Row| {
                let state: RequestState = Word::read(row, 2)?;
                let answer = RequestAnswer {
                    id: row.text_owned(1)?,
                    granted: state == RequestState::Granted,
                    note: row.opt(3, Row::text_owned)?,
                };
                Ok((DeviceId::from_uuid(row.uuid(0)?), answer))
            };
            rows.iter().map(answer).collect()
        })
        .await
    }

    /// Answers a request, and decides along with it.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` when it was answered already; `Invalid` answer; those of a decision.
    pub async fn answer_request(
        &self,
        actor: Actor,
        id: AccessRequestId,
        how: Answered,
    ) -> Result<StoredRequest, StoreError> {
        self.govern(actor, "access_request.answer", move |sql, now| {
            answer(sql, actor, now, id, how)
        })
        .await
    }
}

fn answer(
    sql: &mut dyn Sql,
    actor: Actor,
    now: Timestamp,
    id: AccessRequestId,
    how: Answered,
) -> Result<Effect<StoredRequest>, StoreError> {
    let before = one(sql, id)?;
    if before.state != RequestState::Open {
        return Err(StoreError::conflict("the request was answered already"));
    }
    let fine = |text: &String| text.chars().count() <= 500 && !text.contains(char::is_control);
    if !how.answer.as_ref().is_none_or(fine) {
        let reason = "it is at most 500 characters, without control characters";
        return Err(StoreError::invalid("answer", reason));
    }
    let (state, action) = if how.granted {
        (RequestState::Granted, "access_request.grant")
    } else {
        (RequestState::Declined, "access_request.decline")
    };
    let update = "UPDATE access_requests SET state = $2, decided_by = $3, decided_at = $4, \
         answer = $5 WHERE id = $1";
    let values = params![
        id.uuid(),
        state.word(),
        actor.to_string(),
        now,
        how.answer.as_deref()
    ];
    sql.execute(update, &values)?;
    let mut entries = vec![Entry {
        action,
        target: id.to_string(),
        detail: json!({
            "before": { "state": "open" }, "after": { "state": state.word(), "answer": how.answer },
            "kind": before.kind.word(), "item": before.item, "device": before.device,
        }),
    }];
    if let Effect::Several { entries: more, .. } = decide_in(sql, actor, now, how.decisions)? {
        entries.extend(more);
    }
    let value = one(sql, id)?;
    Ok(Effect::Several { value, entries })
}

fn note(sql: &mut dyn Sql, now: Timestamp, new: &NewRequest) -> Result<(), StoreError> {
    let device = new.device.uuid();
    let lock = format!("SELECT 1 FROM devices WHERE id = $1{}", sql.for_update());
    if sql.query(&lock, &params![device])?.is_empty() {
        return Ok(());
    }
    let count = "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0) \
         AS BIGINT) FROM access_requests WHERE device_id = $1";
    let row = sql.one(count, &params![device], "device")?;
    if row.int(0)? >= MAX_KEPT || row.int(1)? >= MAX_OPEN {
        return Ok(());
    }
    let (kind, item) = match &new.request.wanted {
        Wanted::App { app } => (WantedKind::App, app.as_str()),
        Wanted::McpServer { identity } => (WantedKind::McpServer, identity.as_str()),
        Wanted::Support { name } => (WantedKind::Support, name.as_str()),
        // What it is, only a newer gateway could say.
        Wanted::Other => return Ok(()),
    };
    let insert = "INSERT INTO access_requests (id, device_id, asked, kind, item, reason, os_user, \
         asked_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open') \
         ON CONFLICT (device_id, asked) DO NOTHING";
    let values = params![
        AccessRequestId::generate(now).uuid(),
        device,
        new.request.id.as_str(),
        kind.word(),
        item,
        new.request.reason.as_str(),
        new.request.user.as_str(),
        now,
    ];
    sql.execute(insert, &values).map(drop)
}

fn one(sql: &mut dyn Sql, id: AccessRequestId) -> Result<StoredRequest, StoreError> {
    let select = format!("SELECT {COLUMNS} FROM {TABLES} WHERE r.id = $1");
    read(&sql.one(&select, &params![id.uuid()], "request")?)
}

fn read(row: &Row) -> Result<StoredRequest, StoreError> {
    Ok(StoredRequest {
        id: AccessRequestId::from_uuid(row.uuid(0)?),
        device: DeviceId::from_uuid(row.uuid(1)?),
        hostname: row.text_owned(2)?,
        kind: Word::read(row, 3)?,
        item: row.text_owned(4)?,
        reason: row.text_owned(5)?,
        os_user: row.text_owned(6)?,
        asked_at: row.time(7)?,
        state: Word::read(row, 8)?,
        decided_by: row.opt(9, Row::text_owned)?,
        decided_at: row.opt(10, Row::time)?,
        answer: row.opt(11, Row::text_owned)?,
    })
}
