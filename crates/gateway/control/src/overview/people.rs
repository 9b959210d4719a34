//! Who used most. With ten thousand users, a month is three hundred thousand rows, too many to be read while
//! somebody waits: what was read of an hour or a day is kept, and read again only when calls were added to it.

use std::{cmp::Reverse, collections::HashMap};

use tidegate_store::{Piece, Rank, StoreError, TrafficRange, Used};
use tidegate_types::{MicroUsd, TeamId, Timestamp, UserId};
use tokio::sync::Mutex;

use crate::app::App;

/// What is kept of older pieces than the longest overview shows is let go.
const KEPT_PIECES: i64 = 32;

/// So many rows are kept, of 24 bytes each; of more, those that come last are read each time.
const KEPT_ROWS: usize = 1_500_000;

/// What was read of hours, and of days.
#[derive(Debug, Default)]
pub(crate) struct People {
    hours: Mutex<Pieces>,
    days: Mutex<Pieces>,
}

/// Users and teams by their places in two lists, so that a row is small.
#[derive(Debug, Default)]
struct Pieces {
    users: Places<UserId>,
    teams: Places<Option<TeamId>>,
    /// By when they start: how many calls there were then, and the rows.
    read: HashMap<Timestamp, (u64, Vec<Row>)>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    user: u32,
    team: u32,
    requests: u32,
    errors: u32,
    cost: MicroUsd,
}

#[derive(Debug)]
struct Places<T> {
    list: Vec<T>,
    of: HashMap<T, u32>,
}

impl<T> Default for Places<T> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            of: HashMap::new(),
        }
    }
}

impl<T: Copy + Eq + std::hash::Hash> Places<T> {
    fn place(&mut self, one: T) -> u32 {
        let next = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let place = *self.of.entry(one).or_insert(next);
        if place == next {
            self.list.push(one);
        }
        place
    }
}

impl People {
    /// Reads what the longest overview needs, so that the first who asks does not wait for it.
    pub(crate) async fn warm(&self, app: &App) {
        let now = app.clock.now();
        for days in [1, KEPT_PIECES - 2] {
            let range = TrafficRange {
                from: Timestamp::from_micros(now.micros() - days * Piece::Day.micros()),
                to: now,
                team: None,
            };
            if let Err(error) = self.top(app, range, 0).await {
                // Who asks reads it then, and is told what is wrong.
                tracing::debug!(%error, "what users used was not read");
                return;
            }
        }
    }

    /// The users that cost most in some time; in more than a day counted by whole days (UTC).
    pub(super) async fn top(
        &self,
        app: &App,
        range: TrafficRange,
        most: usize,
    ) -> Result<Vec<Rank>, StoreError> {
        let day = Piece::Day.micros();
        let (piece, pieces) = if range.to.micros() - range.from.micros() > day {
            (Piece::Day, &self.days)
        } else {
            (Piece::Hour, &self.hours)
        };
        let from = range.from.micros() - range.from.micros().rem_euclid(piece.micros());
        let mut pieces = pieces.lock().await;
        // Before the pieces themselves: what comes in meanwhile is read next time.
        let there = app
            .store
            .pieces(piece, Timestamp::from_micros(from), range.to)
            .await?;
        pieces.forget(&there, range.to.micros() - KEPT_PIECES * piece.micros());
        let mut sums = Sums::default();
        for (start, calls) in there {
            if let Some((_, rows)) = pieces.read.get(&start) {
                sums.add(rows, pieces.teams.of.get(&range.team).copied(), range.team);
                continue;
            }
            let rows = app.store.used(piece, start).await?;
            let rows = pieces.rows(rows);
            sums.add(&rows, pieces.teams.of.get(&range.team).copied(), range.team);
            pieces.keep(start, calls, rows);
        }
        Ok(sums.top(&pieces.users.list, most))
    }
}

impl Pieces {
    /// Lets go what changed since, and what nobody asks for any more.
    fn forget(&mut self, there: &[(Timestamp, u64)], oldest: i64) {
        for (start, calls) in there {
            if self.read.get(start).is_some_and(|(then, _)| then != calls) {
                self.read.remove(start);
            }
        }
        self.read.retain(|start, _| start.micros() >= oldest);
        if self.read.is_empty() {
            // Who is named by nothing needs no place.
            *self = Self::default();
        }
    }

    fn rows(&mut self, used: Vec<Used>) -> Vec<Row> {
        let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
        let row = |one: Used| Row {
            user: self.users.place(one.user),
            team: self.teams.place(one.team),
            requests: small(one.requests),
            errors: small(one.errors),
            cost: one.cost,
        };
        used.into_iter().map(row).collect()
    }

    fn keep(&mut self, start: Timestamp, calls: u64, rows: Vec<Row>) {
        let kept: usize = self.read.values().map(|(_, rows)| rows.len()).sum();
        if kept + rows.len() <= KEPT_ROWS {
            self.read.insert(start, (calls, rows));
        }
    }
}

/// Requests, errors and cost, by the user's place.
#[derive(Debug, Default)]
struct Sums(Vec<(u64, u64, MicroUsd)>);

impl Sums {
    /// Adds rows; where a team is named, only those of the team, whose place is given if it has one.
    fn add(&mut self, rows: &[Row], place: Option<u32>, team: Option<TeamId>) {
        for row in rows {
            if team.is_some() && place != Some(row.team) {
                continue;
            }
            let index = row.user as usize;
            if self.0.len() <= index {
                self.0.resize(index + 1, (0, 0, MicroUsd::ZERO));
            }
            if let Some((requests, errors, cost)) = self.0.get_mut(index) {
                *requests += u64::from(row.requests);
                *errors += u64::from(row.errors);
                *cost = cost.saturating_add(row.cost);
            }
        }
    }

    /// Those that cost most, of those that called at all.
    fn top(self, users: &[UserId], most: usize) -> Vec<Rank> {
        let named = users.iter().zip(self.0);
        let mut all: Vec<_> = named
            .filter(|(_, (requests, _, _))| *requests > 0)
            .collect();
        let order = |(user, (requests, _, cost)): &(&UserId, (u64, u64, MicroUsd))| {
            (Reverse(*cost), Reverse(*requests), **user)
        };
        if all.len() > most && most > 0 {
            all.select_nth_unstable_by_key(most - 1, order);
        }
        all.truncate(most);
        all.sort_by_key(order);
        let rank = |(user, (requests, errors, cost)): (&UserId, _)| Rank {
            name: user.to_string(),
            requests,
            errors,
            cost,
        };
        all.into_iter().map(rank).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_micros(hour * HOUR)
    }

    fn used(user: u128, team: Option<u128>, cost: i64) -> Used {
        let at = at(500_000);
        Used {
            user: UserId::from_parts(at, user),
            team: team.map(|team| TeamId::from_parts(at, team)),
            requests: 2,
            errors: 1,
            cost: MicroUsd::from_micros(cost),
        }
    }

    #[test]
    fn a_piece_is_read_again_when_calls_were_added_and_let_go_when_it_is_old() {
        let mut pieces = Pieces::default();
        for hour in [1, 2, 3] {
            let rows = pieces.rows(vec![used(1, None, 5)]);
            pieces.keep(at(hour), 2, rows);
        }
        pieces.forget(&[(at(1), 2), (at(2), 3), (at(3), 2)], 0);
        assert!(!pieces.read.contains_key(&at(2)), "it grew");
        assert_eq!(pieces.read.len(), 2);
        pieces.forget(&[(at(3), 2)], 2 * HOUR);
        assert_eq!(pieces.read.keys().collect::<Vec<_>>(), [&at(3)]);
        pieces.forget(&[], 9 * HOUR);
        assert!(pieces.users.list.is_empty() && pieces.read.is_empty());
    }

    #[test]
    fn those_that_cost_most_come_first_and_others_teams_do_not_count() {
        let mut pieces = Pieces::default();
        let blue = used(0, Some(7), 0).team;
        let hours = [
            vec![used(1, None, 5), used(2, Some(7), 8), used(3, Some(7), 8)],
            vec![used(1, None, 5), used(1, Some(7), 1)],
        ];
        let (mut all, mut team) = (Sums::default(), Sums::default());
        for used in hours {
            let rows = pieces.rows(used);
            all.add(&rows, None, None);
            team.add(&rows, pieces.teams.of.get(&blue).copied(), blue);
        }
        let ranks = |sums: Sums, most| -> Vec<(String, u64, i64)> {
            let ranks = sums.top(&pieces.users.list, most).into_iter();
            ranks
                .map(|one| (one.name, one.requests, one.cost.micros()))
                .collect()
        };
        let name = |user| used(user, None, 0).user.to_string();
        let first = [(name(1), 6, 11), (name(2), 2, 8)];
        assert_eq!(ranks(all, 2), first);
        let of_blue = [(name(2), 2, 8), (name(3), 2, 8), (name(1), 2, 1)];
        assert_eq!(ranks(team, 9), of_blue);
    }
}
