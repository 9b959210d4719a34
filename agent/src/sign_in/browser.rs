//! The person's browser.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use webbrowser::{Browser, BrowserOptions, open_browser_with_options};

/// Whether there is a browser that the person would see. Over SSH it would open on the other machine, if at
/// all; `$BROWSER` is the person's own word and holds everywhere.
#[must_use]
pub fn is_at_hand(environment: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| environment(name).is_some_and(|value| !value.is_empty());
    if set("BROWSER") {
        return true;
    }
    let remote = set("SSH_CONNECTION") || set("SSH_TTY");
    let screen = set("DISPLAY") || set("WAYLAND_DISPLAY") || !cfg!(target_os = "linux");
    !remote && screen
}

/// Opens a page in it.
///
/// # Errors
/// There is none that can be started.
pub fn open(url: &str) -> std::io::Result<()> {
    let quiet = BrowserOptions::new();
    open_browser_with_options(Browser::Default, url, &quiet).map_err(std::io::Error::other)
}

/// Opens a page with a program of the person's choice.
///
/// # Errors
/// It cannot be started.
pub fn open_with(program: &Path, url: &str) -> std::io::Result<()> {
    let mut command = Command::new(program);
    command.arg(url).stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_where_the_person_sits() {
        let with = |names: &'static [&'static str]| {
            is_at_hand(move |name| names.contains(&name).then(|| "x".to_owned()))
        };
        assert!(with(&["DISPLAY"]) && with(&["WAYLAND_DISPLAY"]));
        assert!(with(&["BROWSER", "SSH_TTY"]));
        assert!(!with(&["DISPLAY", "SSH_CONNECTION"]));
        assert_eq!(with(&[]), !cfg!(target_os = "linux"));
    }
}
