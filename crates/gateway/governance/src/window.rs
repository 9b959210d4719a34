//! When budget windows start and end: pure arithmetic, shared by replicas and the store.

use jiff::{Span, Unit, civil, tz::TimeZone};
use tidegate_types::{MicroUsd, Timestamp};

use crate::entity::{Alignment, Window};

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// From the epoch, a Thursday, back to the Monday before it.
const EPOCH_TO_MONDAY: i64 = 3 * DAY;

/// The window that holds `now`: its start, and its end, which is no longer part of it.
///
/// Calendar windows are cut in UTC, weeks on Monday (ISO 8601), months on the first. A first-use
/// window starts at `anchor`, the start of the latest window; when that has ended, or there was
/// none, a new one starts `now`. A month is then one calendar month, held at the month's last day:
/// from 31 January to 28 February. A `now` before the anchor (clocks of two replicas differ a
/// little) belongs to the anchor's window.
#[must_use]
pub fn bounds(
    window: Window,
    alignment: Alignment,
    anchor: Option<Timestamp>,
    now: Timestamp,
) -> (Timestamp, Timestamp) {
    match alignment {
        Alignment::Calendar => {
            let start = calendar_start(window, now);
            (start, one_later(window, start))
        }
        Alignment::FirstUse => {
            let open = anchor.map(|start| (start, one_later(window, start)));
            open.filter(|&(_, end)| now < end)
                .unwrap_or_else(|| (now, one_later(window, now)))
        }
    }
}

/// What a window leaves to the next one as debt: its spend past its cap, less one cap for every
/// whole window that passed unused in between, since each of those could have paid it off.
#[must_use]
pub fn carried_debt(
    window: Window,
    cap: MicroUsd,
    spent: MicroUsd,
    ended: Timestamp,
    next_start: Timestamp,
) -> MicroUsd {
    let debt = spent.saturating_sub(cap).max(MicroUsd::ZERO);
    if debt == MicroUsd::ZERO || cap <= MicroUsd::ZERO {
        return debt;
    }
    let idle = whole_windows(window, ended, next_start);
    let paid = MicroUsd::from_micros(cap.micros().saturating_mul(idle));
    debt.saturating_sub(paid).max(MicroUsd::ZERO)
}

const fn length(window: Window) -> Option<i64> {
    match window {
        Window::Minute => Some(MINUTE),
        Window::Hour => Some(HOUR),
        Window::Day => Some(DAY),
        Window::Week => Some(WEEK),
        Window::Month => None,
    }
}

fn calendar_start(window: Window, now: Timestamp) -> Timestamp {
    let micros = now.micros();
    let floor = |length: i64, shift: i64| {
        Timestamp::from_micros(
            micros.saturating_sub(micros.saturating_add(shift).rem_euclid(length)),
        )
    };
    match window {
        Window::Minute => floor(MINUTE, 0),
        Window::Hour => floor(HOUR, 0),
        Window::Day => floor(DAY, 0),
        Window::Week => floor(WEEK, EPOCH_TO_MONDAY),
        Window::Month => month_start(now).unwrap_or(now),
    }
}

fn one_later(window: Window, start: Timestamp) -> Timestamp {
    match length(window) {
        Some(length) => Timestamp::from_micros(start.micros().saturating_add(length)),
        None => month_later(start).unwrap_or(Timestamp::from_micros(i64::MAX)),
    }
}

fn whole_windows(window: Window, from: Timestamp, to: Timestamp) -> i64 {
    let passed = to.micros().saturating_sub(from.micros()).max(0);
    match length(window) {
        Some(length) => passed / length,
        None => months_between(from, to).unwrap_or(0).max(0),
    }
}

/// The civil time, where jiff's range (years -9999 to 9999) has it.
fn civil(time: Timestamp) -> Option<civil::DateTime> {
    let time = jiff::Timestamp::from_microsecond(time.micros()).ok()?;
    Some(TimeZone::UTC.to_datetime(time))
}

fn timestamp(civil: civil::DateTime) -> Option<Timestamp> {
    let time = TimeZone::UTC.to_timestamp(civil).ok()?;
    Some(Timestamp::from_micros(time.as_microsecond()))
}

fn month_start(now: Timestamp) -> Option<Timestamp> {
    timestamp(civil(now)?.date().first_of_month().at(0, 0, 0, 0))
}

fn month_later(start: Timestamp) -> Option<Timestamp> {
    timestamp(civil(start)?.checked_add(Span::new().months(1)).ok()?)
}

fn months_between(from: Timestamp, to: Timestamp) -> Option<i64> {
    let span = civil(from)?.until((Unit::Month, civil(to)?)).ok()?;
    Some(i64::from(span.get_months()))
}

#[cfg(test)]
mod tests;
