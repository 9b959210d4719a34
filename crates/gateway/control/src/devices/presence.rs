//! Whether a device is there: by when it last checked in, against how often it is to.

use std::time::Duration;

use tidegate_types::Timestamp;
use utoipa::ToSchema;

use crate::read::words;

/// Two missed check-ins and two minutes: a device's last word is written within one.
const GRACE: Duration = Duration::from_secs(120);

/// From then on a late device counts as missing, where it is to check in daily at least.
const DAY: Duration = Duration::from_secs(24 * 3_600);

/// Whether a device is there. `online`: it checked in within two intervals and two minutes. `late`: not
/// that, but within a day and three intervals. `missing`: not even that, or never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Presence {
    Online,
    Late,
    Missing,
}

impl Presence {
    /// As it is written.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Late => "late",
            Self::Missing => "missing",
        }
    }
}

words!(Presence,
    "online" => Self::Online, "late" => Self::Late, "missing" => Self::Missing);

/// The times at which a device becomes late, and missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Thresholds {
    pub(super) late: Timestamp,
    pub(super) missing: Timestamp,
}

impl Thresholds {
    /// For devices that check in this often.
    pub(super) fn new(now: Timestamp, interval_seconds: u32) -> Self {
        let interval = Duration::from_secs(interval_seconds.into());
        let before = |ago: Duration| {
            let ago = i64::try_from(ago.as_micros()).unwrap_or(i64::MAX);
            Timestamp::from_micros(now.micros().saturating_sub(ago))
        };
        Self {
            late: before(interval * 2 + GRACE),
            missing: before(interval * 3 + DAY),
        }
    }

    pub(super) fn judge(self, last_seen: Option<Timestamp>) -> Presence {
        match last_seen {
            Some(seen) if seen >= self.late => Presence::Online,
            Some(seen) if seen >= self.missing => Presence::Late,
            _ => Presence::Missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_late_after_two_intervals_and_missing_after_a_day() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let thresholds = Thresholds::new(now, 60);
        let ago = |seconds: i64| Some(Timestamp::from_micros(now.micros() - seconds * 1_000_000));
        for (seen, presence) in [
            (ago(0), Presence::Online),
            (ago(240), Presence::Online),
            (ago(241), Presence::Late),
            (ago(86_580), Presence::Late),
            (ago(86_581), Presence::Missing),
            (None, Presence::Missing),
        ] {
            assert_eq!(thresholds.judge(seen), presence, "{seen:?}");
        }
    }
}
