//! Running the tools that own the stores. A trait, so that tests see what would be run.

use std::{
    ffi::{OsStr, OsString},
    fmt, io,
    path::Path,
    process::Stdio,
};

/// Where tools are looked for, and nowhere else: this runs as root.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// Hooks of other packages run within some of these.
const SECONDS: &str = "120";
const LONGEST_MESSAGE: usize = 500;

/// Something to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// A name, or an absolute path.
    pub program: OsString,
    /// What it is told.
    pub arguments: Vec<OsString>,
    /// As whom: none is as ourselves. Files in a home are touched as their owner.
    pub user: Option<String>,
}

impl Command {
    /// A program by its name or path.
    #[must_use]
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            arguments: Vec::new(),
            user: None,
        }
    }

    /// With one more argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// With more arguments.
    #[must_use]
    pub fn args<const N: usize>(self, arguments: [&str; N]) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// As another user.
    #[must_use]
    pub fn as_user(mut self, user: Option<String>) -> Self {
        self.user = user;
        self
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program.to_string_lossy())?;
        let arguments = self.arguments.iter();
        arguments
            .take(2)
            .try_for_each(|argument| write!(f, " {}", argument.to_string_lossy()))
    }
}

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// It could not be started.
    #[error("`{command}` cannot be run: {error}")]
    Start {
        /// What.
        command: String,
        /// Why.
        error: io::Error,
    },
    /// It said no, or took longer than two minutes.
    #[error("`{command}` failed: {message}")]
    Failed {
        /// What.
        command: String,
        /// What it wrote to standard error, or else its exit status.
        message: String,
    },
}

/// Runs commands.
pub trait Runner {
    /// Whether a program is there.
    fn has(&self, program: &str) -> bool;

    /// Runs to the end.
    ///
    /// # Errors
    /// It cannot be run, or ends with a status other than 0.
    fn run(&self, command: &Command) -> Result<(), RunError>;
}

impl<R: Runner + ?Sized> Runner for &R {
    fn has(&self, program: &str) -> bool {
        (**self).has(program)
    }

    fn run(&self, command: &Command) -> Result<(), RunError> {
        (**self).run(command)
    }
}

/// This machine's programs, with a clean environment and no input.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Runner for System {
    fn has(&self, program: &str) -> bool {
        PATH.split(':')
            .any(|folder| Path::new(folder).join(program).is_file())
    }

    fn run(&self, command: &Command) -> Result<(), RunError> {
        let mut words: Vec<&OsStr> = ["timeout", "-k", "5", SECONDS].map(OsStr::new).into();
        if let Some(user) = &command.user {
            words.extend(["runuser", "-u", user, "--"].map(OsStr::new));
        }
        words.push(&command.program);
        words.extend(command.arguments.iter().map(OsString::as_os_str));
        let mut process = std::process::Command::new(words[0]);
        process
            .args(&words[1..])
            .env_clear()
            .env("PATH", PATH)
            .env("LC_ALL", "C.UTF-8");
        process.stdin(Stdio::null()).current_dir("/");
        let output = process.output().map_err(|error| RunError::Start {
            command: command.to_string(),
            error,
        })?;
        if output.status.success() {
            return Ok(());
        }
        let said = if output.stderr.is_empty() {
            &output.stdout
        } else {
            &output.stderr
        };
        let said = String::from_utf8_lossy(said);
        let message: String = said.trim().chars().take(LONGEST_MESSAGE).collect();
        Err(RunError::Failed {
            command: command.to_string(),
            message: match message.is_empty() {
                true => output.status.to_string(),
                false => message,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_end_and_say_why_they_failed() {
        assert!(System.has("sh") && !System.has("no-such-program-here"));
        assert!(System.run(&Command::new("true")).is_ok());
        let error = |script: &str| {
            let command = Command::new("sh").args(["-c", script]);
            System.run(&command).map_err(|error| error.to_string())
        };
        let message = error("echo why >&2; exit 3").unwrap_err();
        assert_eq!(message, "`sh -c echo why >&2; exit 3` failed: why");
        assert!(error("exit 3").unwrap_err().contains("exit status: 3"));
        // Nothing of our environment, and no input to wait for.
        assert!(error("test -z \"$HOME\" && ! read -r line").is_ok());
    }
}
