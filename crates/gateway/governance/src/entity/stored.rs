//! The printed and stored forms of windows, alignments and scopes: one text each, both ways.

use std::{fmt, str::FromStr};

use tidegate_types::{KeyId, TeamId, UserId};

use super::{Alignment, Scope, Window};

/// Why a text is not the stored form of a window, an alignment or a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoredFormError {
    /// Not an alignment.
    #[error("windows are aligned to the `calendar` or to the `first_use`")]
    Alignment,
    /// Not a scope.
    #[error("a scope is `organization`, or the id of a team, a user or a key")]
    Scope,
    /// Not a window.
    #[error("a window is one of 1m, 1h, 1d, 1w, 1mo")]
    Window,
}

impl Window {
    /// All windows, the shortest first.
    pub const ALL: [Self; 5] = [Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The stored form: `1m`, `1h`, `1d`, `1w`, `1mo`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::Hour => "1h",
            Self::Day => "1d",
            Self::Week => "1w",
            Self::Month => "1mo",
        }
    }

    /// The word for it in a sentence: `minute`, `hour`, `day`, `week`, `month`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Window {
    type Err = StoredFormError;

    fn from_str(text: &str) -> Result<Self, StoredFormError> {
        Self::ALL
            .into_iter()
            .find(|w| w.as_str() == text)
            .ok_or(StoredFormError::Window)
    }
}

impl Alignment {
    /// The stored form: `calendar`, `first_use`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calendar => "calendar",
            Self::FirstUse => "first_use",
        }
    }
}

impl fmt::Display for Alignment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Alignment {
    type Err = StoredFormError;

    fn from_str(text: &str) -> Result<Self, StoredFormError> {
        match text {
            "calendar" => Ok(Self::Calendar),
            "first_use" => Ok(Self::FirstUse),
            _ => Err(StoredFormError::Alignment),
        }
    }
}

impl Scope {
    /// What kind of holder it is: `organization`, `team`, `user`, `key`.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Team(_) => "team",
            Self::User(_) => "user",
            Self::Key(_) => "key",
        }
    }

    /// How a sentence names it: `the organization`, `team team_…`.
    pub(crate) fn named(self) -> impl fmt::Display {
        struct Named(Scope);
        impl fmt::Display for Named {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {
                    Scope::Organization => f.write_str("the organization"),
                    scope => write!(f, "{} {scope}", scope.kind()),
                }
            }
        }
        Named(self)
    }
}

impl fmt::Display for Scope {
    /// The stored form: `organization`, or the id, whose prefix tells the kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization => f.write_str("organization"),
            Self::Team(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
        }
    }
}

impl FromStr for Scope {
    type Err = StoredFormError;

    fn from_str(text: &str) -> Result<Self, StoredFormError> {
        if text == "organization" {
            return Ok(Self::Organization);
        }
        let team = || text.parse::<TeamId>().map(Self::Team);
        let user = || text.parse::<UserId>().map(Self::User);
        let key = || text.parse::<KeyId>().map(Self::Key);
        team()
            .or_else(|_| user())
            .or_else(|_| key())
            .map_err(|_| StoredFormError::Scope)
    }
}

#[cfg(test)]
mod tests {
    use tidegate_types::Timestamp;

    use super::*;

    #[test]
    fn stored_forms_round_trip() {
        for window in Window::ALL {
            assert_eq!(window.to_string().parse(), Ok(window));
        }
        for alignment in [Alignment::Calendar, Alignment::FirstUse] {
            assert_eq!(alignment.to_string().parse(), Ok(alignment));
        }
        let now = Timestamp::from_micros(1);
        for scope in [
            Scope::Organization,
            Scope::Team(TeamId::generate(now)),
            Scope::User(UserId::generate(now)),
            Scope::Key(KeyId::generate(now)),
        ] {
            assert_eq!(scope.to_string().parse(), Ok(scope));
        }
        assert_eq!("2d".parse::<Window>(), Err(StoredFormError::Window));
        assert_eq!(
            "bud_00000000000000000000000000".parse::<Scope>(),
            Err(StoredFormError::Scope)
        );
    }
}
