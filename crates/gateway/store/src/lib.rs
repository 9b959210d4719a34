//! SQLite and PostgreSQL behind one facade: what admins create, the budget ledger, the request log.
//!
//! Each thing stored has a file of its own, and its SQL is written once, in the part of the
//! language that both engines share. Under them lie the two engines, which know how to run a
//! transaction: SQLite on a writer thread of its own and a few readers, PostgreSQL on a pool.
//! Finished calls take another way: the [recorder](RecorderConfig) writes them to a journal on
//! local disk, from which they reach the database in batches, so that a crash loses none.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod access_requests;
mod accounts;
mod actor;
mod audience;
mod audit;
mod authority;
mod budgets;
mod catalogue;
mod change;
mod codes;
mod config;
mod devices;
mod edge;
mod engine;
mod enrolment_tokens;
mod error;
mod governed;
mod grant;
mod input;
mod inventory;
mod keys;
mod ledger;
mod limits;
mod migrations;
mod page;
mod postgres;
mod prices;
mod recorder;
mod request_log;
mod scope;
mod sessions;
mod sql;
mod sqlite;
mod store;
mod teams;
mod tokens;
mod usage;
mod users;
mod words;

pub use access_requests::{
    Answered, AskedFilter, NewRequest, RequestState, StoredRequest, WantedKind,
};
pub use accounts::{Account, NewAccount};
pub use actor::Actor;
pub use audience::{Audience, AudienceError};
pub use audit::{AuditEntry, AuditVerdict};
pub use authority::StoredAuthority;
pub use budgets::{BudgetStatus, NewBudget};
pub use catalogue::{
    AppVersion, InstalledAnywhere, Launches, ServerAnywhere, ServerFilter, ServerSummary,
};
pub use config::StoreConfig;
pub use devices::{
    AppSighting, Device, DeviceApp, DeviceFilter, DevicePatch, EffectCount, Enrolled, ItemEffect,
    Leaf, Machine, NewDevice, Owner, Quarantine, Reported, Scanned, Sighting, Standing,
};
pub use edge::{
    AppDecision, Decided, EdgeHost, EdgeOverrides, EdgePolicy, EdgeSettings, McpDecision,
    NewDecision, SeenApp, mcp_host,
};
pub use enrolment_tokens::{EnrolmentToken, NewEnrolmentToken};
pub use error::StoreError;
pub use inventory::{NewInventory, StoredInventory};
pub use keys::{KeyFilter, KeyPatch, NewKey, NewSecret};
pub use limits::{LimitPatch, NewLimit};
pub use page::{Cursor, CursorError, Page};
pub use prices::PriceOverride;
pub use recorder::{RecorderConfig, RecorderHandle};
pub use request_log::{LoggedRequest, RequestFilter, StatusClass, StoredContent};
pub use sessions::Session;
pub use store::Store;
pub use teams::{NewTeam, TeamPatch};
pub use tokens::{ApiToken, NewToken};
pub use usage::{Bucket, UsageFilter, UsageGroup, UsagePoint, UsageQuery};
pub use users::{NewUser, UserPatch};
