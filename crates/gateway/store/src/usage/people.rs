//! What each user used, in pieces that a reader can keep: an hour or a day of all users, and by what to tell
//! whether a piece changed since it was read.

use tidegate_types::{MicroUsd, TeamId, Timestamp, UserId};
use uuid::Uuid;

use super::{facets::DAY, rollup::HOUR};
use crate::{
    Store, StoreError,
    sql::{Row, params},
};

/// How long a piece is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Piece {
    /// A day, in UTC.
    Day,
    /// An hour.
    Hour,
}

/// What one user used in a piece, as of one team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// The user.
    pub user: UserId,
    /// The team that the calls counted for.
    pub team: Option<TeamId>,
    /// Calls.
    pub requests: u64,
    /// Calls that did not go well.
    pub errors: u64,
    /// Cost.
    pub cost: MicroUsd,
}

impl Piece {
    /// Its length, in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        match self {
            Self::Day => DAY,
            Self::Hour => HOUR,
        }
    }
}

impl Store {
    /// The pieces of some time in which there were calls, oldest first, and how many there were of all users
    /// and of nobody. Calls are only ever added: a piece whose number is the same is the same.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn pieces(
        &self,
        piece: Piece,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, u64)>, StoreError> {
        self.read(move |sql| {
            let width = piece.micros();
            let select = format!(
                "SELECT hour_at - hour_at % {width}, CAST(SUM(requests) AS BIGINT) \
                 FROM usage_hour_sums WHERE hour_at >= $1 AND hour_at < $2 GROUP BY 1 ORDER BY 1"
            );
            let rows = sql.query(&select, &params![from, to])?;
            rows.iter()
                .map(|row| Ok((row.time(0)?, row.count(1)?)))
                .collect()
        })
        .await
    }

    /// What every user used in the piece that starts then, in no order.
    ///
    /// # Errors
    /// The store is unavailable.
    pub async fn used(&self, piece: Piece, start: Timestamp) -> Result<Vec<Used>, StoreError> {
        self.read(move |sql| match piece {
            Piece::Day => {
                let select = "SELECT name, team_id, requests, errors, cost FROM usage_facets \
                     WHERE facet = 'user' AND start_at = $1";
                let rows = sql.query(select, &params![start])?;
                rows.iter().map(|row| used(row, row.parsed(0)?)).collect()
            }
            // Not the bare column: SQLite would go through the index of all users, of all times.
            Piece::Hour => {
                let select = "SELECT COALESCE(user_id, user_id), team_id, CAST(SUM(requests) AS BIGINT), \
                     CAST(SUM(errors) AS BIGINT), CAST(SUM(cost) AS BIGINT) FROM usage_hours \
                     WHERE hour_at = $1 AND user_id <> $2 GROUP BY 1, 2";
                let rows = sql.query(select, &params![start, Uuid::nil()])?;
                let id = |row: &Row| row.uuid(0).map(UserId::from_uuid);
                rows.iter().map(|row| used(row, id(row)?)).collect()
            }
        })
        .await
    }
}

fn used(row: &Row, user: UserId) -> Result<Used, StoreError> {
    let team = row.uuid(1)?;
    Ok(Used {
        user,
        team: (!team.is_nil()).then(|| TeamId::from_uuid(team)),
        requests: row.count(2)?,
        errors: row.count(3)?,
        cost: MicroUsd::from_micros(row.int(4)?),
    })
}
