//! Where a relayed call came from: what a device says about it, cut to what a row holds.

use tidegate_types::DeviceId;

/// Where a relayed call came from. Its texts come from the device; each has a bound and no control
/// characters, so that no device can fill the log or forge its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EdgeRow {
    device: DeviceId,
    app: String,
    os_user: String,
    process: String,
    host: String,
}

impl EdgeRow {
    /// The longest app id, in bytes.
    pub const MAX_APP: usize = 64;
    /// The longest name of an OS user, in bytes.
    pub const MAX_OS_USER: usize = 256;
    /// The longest path of a process, in bytes.
    pub const MAX_PROCESS: usize = 1_024;
    /// The longest host name, in bytes (RFC 1035 §2.3.4, without the dot at the end).
    pub const MAX_HOST: usize = 253;

    /// What a device says; each text is cut at its bound.
    #[must_use]
    pub fn new(device: DeviceId, app: &str, os_user: &str, process: &str, host: &str) -> Self {
        Self {
            device,
            app: printable(app, Self::MAX_APP),
            os_user: printable(os_user, Self::MAX_OS_USER),
            process: printable(process, Self::MAX_PROCESS),
            host: printable(host, Self::MAX_HOST),
        }
    }

    /// The device.
    #[must_use]
    pub const fn device(&self) -> DeviceId {
        self.device
    }

    /// The app's id.
    #[must_use]
    pub fn app(&self) -> &str {
        &self.app
    }

    /// The OS user.
    #[must_use]
    pub fn os_user(&self) -> &str {
        &self.os_user
    }

    /// The executable or script.
    #[must_use]
    pub fn process(&self) -> &str {
        &self.process
    }

    /// The host that the app asked for.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }
}

/// The longest start of `text` that has at most `bound` bytes, with control characters shown as
/// `U+FFFD`: how what a device says is kept.
#[must_use]
pub fn printable(text: &str, bound: usize) -> String {
    let mut kept = String::with_capacity(text.len().min(bound));
    for character in text.chars() {
        let shown = if character.is_control() {
            char::REPLACEMENT_CHARACTER
        } else {
            character
        };
        if kept.len() + shown.len_utf8() > bound {
            break;
        }
        kept.push(shown);
    }
    kept
}

#[cfg(test)]
mod tests {
    use tidegate_types::Timestamp;

    use super::*;

    #[test]
    fn texts_are_cut_between_characters_and_made_printable() {
        let device = DeviceId::generate(Timestamp::from_micros(1));
        let long = "ä".repeat(5_000);
        let row = EdgeRow::new(device, &long, "ada\n\0", &long, "api.anthropic.com");
        assert_eq!(row.app().len(), EdgeRow::MAX_APP);
        assert_eq!(row.process(), "ä".repeat(EdgeRow::MAX_PROCESS / 2));
        assert_eq!(row.os_user(), "ada\u{fffd}\u{fffd}");
        assert_eq!((row.device(), row.host()), (device, "api.anthropic.com"));
        let odd = EdgeRow::new(device, "", &"ä".repeat(200), "", &"x".repeat(254));
        assert_eq!((odd.os_user().len(), odd.host().len()), (256, 253));
    }
}
