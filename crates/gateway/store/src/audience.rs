//! For whom a decision is: everybody, a team, or one device. The narrower one stands in place of the
//! wider one about the same thing.

use std::{fmt, str::FromStr};

use tidegate_types::{DeviceId, TeamId};
use uuid::Uuid;

use crate::{
    StoreError, scope,
    sql::{Row, Sql, params},
};

/// For whom a decision is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Audience {
    /// All devices.
    #[default]
    Fleet,
    /// The devices of a team: their own, or else their user's.
    Team(TeamId),
    /// One device.
    Device(DeviceId),
}

/// A text names no audience.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an audience is `fleet`, `team:` with a team's id, or `device:` with a device's id")]
pub struct AudienceError;

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fleet => f.write_str("fleet"),
            Self::Team(id) => write!(f, "team:{id}"),
            Self::Device(id) => write!(f, "device:{id}"),
        }
    }
}

impl FromStr for Audience {
    type Err = AudienceError;

    fn from_str(text: &str) -> Result<Self, AudienceError> {
        match text.split_once(':') {
            None if text == "fleet" => Ok(Self::Fleet),
            Some(("team", id)) => id.parse().map(Self::Team).map_err(|_| AudienceError),
            Some(("device", id)) => id.parse().map(Self::Device).map_err(|_| AudienceError),
            _ => Err(AudienceError),
        }
    }
}

impl Audience {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::Team(_) => "team",
            Self::Device(_) => "device",
        }
    }

    /// Which team or device; nil for the fleet.
    pub(crate) const fn subject(self) -> Uuid {
        match self {
            Self::Fleet => Uuid::nil(),
            Self::Team(id) => id.uuid(),
            Self::Device(id) => id.uuid(),
        }
    }

    /// From the two columns that hold it.
    pub(crate) fn read(row: &Row, word: usize, subject: usize) -> Result<Self, StoreError> {
        match row.text(word)? {
            "fleet" => Ok(Self::Fleet),
            "team" => row.uuid(subject).map(TeamId::from_uuid).map(Self::Team),
            "device" => row.uuid(subject).map(DeviceId::from_uuid).map(Self::Device),
            _ => Err(StoreError::Broken("a decision is for nobody known".into())),
        }
    }

    /// The team or the device exists.
    pub(crate) fn exists(self, sql: &mut dyn Sql) -> Result<(), StoreError> {
        match self {
            Self::Fleet => Ok(()),
            Self::Team(id) => scope::team_exists(sql, Some(id))
                .map_err(|_| StoreError::invalid("audience", "there is no such team")),
            Self::Device(id) => {
                let found = "SELECT 1 FROM devices WHERE id = $1";
                if sql.query(found, &params![id.uuid()])?.is_empty() {
                    return Err(StoreError::invalid("audience", "there is no such device"));
                }
                Ok(())
            }
        }
    }

    /// Takes away what was decided for a team or device that goes; whether there was anything.
    pub(crate) fn clear(self, sql: &mut dyn Sql) -> Result<bool, StoreError> {
        let mut any = false;
        for table in ["edge_app_overrides", "edge_mcp_rules"] {
            let delete = format!("DELETE FROM {table} WHERE audience = $1 AND subject = $2");
            any |= sql.execute(&delete, &params![self.word(), self.subject()])? > 0;
        }
        Ok(any)
    }
}

#[cfg(test)]
mod tests {
    use tidegate_types::Timestamp;

    use super::*;

    #[test]
    fn an_audience_reads_as_it_is_written() {
        let now = Timestamp::from_micros(1_800_000_000_000_000);
        let (team, device) = (TeamId::generate(now), DeviceId::generate(now));
        for audience in [
            Audience::Fleet,
            Audience::Team(team),
            Audience::Device(device),
        ] {
            assert_eq!(audience.to_string().parse(), Ok(audience));
        }
        for bad in ["", "all", "team", "team:", "device:x", "fleet:x"] {
            assert_eq!(bad.parse::<Audience>(), Err(AudienceError), "{bad}");
        }
        assert_eq!(
            format!("device:{team}").parse::<Audience>(),
            Err(AudienceError)
        );
    }
}
