//! One client, tried for real: how it is told to connect to the doctor's listener, and how what it did is
//! read.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use super::{
    listener::{Listener, Seen},
    report::Verdict,
};

/// For one client. Java takes a few seconds to start.
const PATIENCE: Duration = Duration::from_secs(20);
/// A script of ours says by it that the certificate was refused (curl's number for it).
pub(crate) const REFUSED: i32 = 60;
/// A script of ours says by it that a library is not there.
pub(crate) const MISSING: i32 = 69;
const LONGEST_MESSAGE: usize = 160;
/// What clients call it.
const REFUSALS: &[&str] = &[
    "certificate verify failed",
    "certificate_verify_failed",
    "certificate problem",
    "certificate verification",
    "certificate is not trusted",
    "err_cert_",
    "verify error",
];

/// Where a client has to go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The governed name that it asks for.
    pub(crate) host: &'a str,
    /// The listener's port on 127.0.0.1.
    pub(crate) port: u16,
    /// A folder for what a client needs as a file.
    pub(crate) folder: &'a Path,
    /// Whose browsers are tried.
    pub(crate) person: &'a str,
}

/// A client.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) client: &'static str,
    /// The program that is started.
    pub(crate) program: &'static str,
    /// The program that the client is; another one than is started where that one only leads to it.
    pub(crate) itself: &'static str,
    pub(crate) arguments: fn(&Target<'_>) -> Vec<String>,
    pub(crate) environment: &'static [(&'static str, &'static str)],
    /// Exit codes that stand for a refused certificate.
    pub(crate) refusing: &'static [i32],
    /// Its exit code says no more than that it did not get what it wanted; a request says that it verified.
    pub(crate) by_request: bool,
    /// Variables that name its roots, the one that wins first.
    pub(crate) variables: &'static [&'static str],
    /// Where its roots are without one.
    pub(crate) store: &'static str,
}

/// Where programs are, and the variables that they run with.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    pub(crate) path: OsString,
    pub(crate) home: OsString,
    /// Who called `sudo`, or else root.
    pub(crate) person: String,
    /// The caller's variables about roots; nothing else of theirs, since this may run as root.
    pub(crate) trust: Vec<(String, String)>,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    pub(crate) detail: Option<String>,
}

/// A program that has ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
}

impl Surroundings {
    /// Where a program is.
    pub(crate) fn find(&self, program: &str) -> Option<PathBuf> {
        let folders = std::env::split_paths(&self.path).filter(|folder| folder.is_absolute());
        folders
            .map(|folder| folder.join(program))
            .find(|path| path.is_file())
    }

    /// Runs a program to its end, or until it took too long.
    pub(crate) async fn run(
        &self,
        program: &Path,
        arguments: &[String],
        environment: &[(&str, &str)],
    ) -> std::io::Result<Ended> {
        let mut command = tokio::process::Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.home)
            .env("LC_ALL", "C.UTF-8")
            .envs(environment.iter().copied())
            .envs(self.trust.iter().map(|(name, value)| (name, value)))
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.spawn()?.wait_with_output())
            .await
            .map_err(|_| std::io::Error::other("it did not end in time"))??;
        let mut said = String::from_utf8_lossy(&output.stderr).into_owned();
        said.push('\n');
        said.push_str(&String::from_utf8_lossy(&output.stdout));
        Ok(Ended {
            code: output.status.code(),
            said,
        })
    }
}

impl Probe {
    /// Tries it.
    pub(crate) async fn run(
        &self,
        listener: &Listener,
        target: &Target<'_>,
        surroundings: &Surroundings,
    ) -> Outcome {
        if surroundings.find(self.itself).is_none() {
            return Outcome {
                verdict: Verdict::NotInstalled,
                detail: None,
            };
        }
        let Some(program) = surroundings.find(self.program) else {
            return cannot(format!(
                "`{}` is missing, which the test needs",
                self.program
            ));
        };
        let arguments = (self.arguments)(target);
        let running = surroundings.run(&program, &arguments, self.environment);
        match listener.during(running).await {
            (Ok(ended), seen) => self.judge(&ended, &seen, target.host),
            // It said so to the listener, and then waited for somebody to look at it.
            (Err(_), seen) if seen.iter().any(|seen| seen.refused) => {
                self.judge(&Ended::default(), &seen, target.host)
            }
            (Err(error), _) => cannot(error.to_string()),
        }
    }

    /// What a program's end and what the listener saw come to.
    pub(crate) fn judge(&self, ended: &Ended, seen: &[Seen], host: &str) -> Outcome {
        let came = |seen: &Seen| seen.name.as_deref() == Some(host);
        let verified = if self.by_request {
            seen.iter().any(|seen| came(seen) && seen.request)
        } else {
            ended.code == Some(0) && seen.iter().any(came)
        };
        if verified {
            return Outcome {
                verdict: Verdict::Trusts,
                detail: None,
            };
        }
        let small = ended.said.to_ascii_lowercase();
        let refused = ended.code.is_some_and(|code| self.refusing.contains(&code))
            || seen.iter().any(|seen| seen.refused)
            || REFUSALS.iter().any(|words| small.contains(words));
        match ended.code {
            _ if refused => Outcome {
                verdict: Verdict::DoesNotTrust,
                detail: message(&ended.said),
            },
            Some(MISSING) => Outcome {
                verdict: Verdict::NotInstalled,
                detail: None,
            },
            Some(0) => cannot("it did not come to the doctor's listener".into()),
            _ => cannot(message(&ended.said).unwrap_or_else(|| "it says nothing".into())),
        }
    }
}

pub(crate) fn cannot(why: String) -> Outcome {
    Outcome {
        verdict: Verdict::CannotTell,
        detail: Some(why),
    }
}

/// The line that says what went wrong: the first that names the certificate, else the first at all.
fn message(said: &str) -> Option<String> {
    // Firefox begins with a banner.
    let says = |line: &&str| !line.is_empty() && !line.starts_with("***");
    let mut lines = said.lines().map(str::trim).filter(says);
    let names = |line: &&str| {
        let small = line.to_ascii_lowercase();
        REFUSALS.iter().any(|words| small.contains(words)) || small.contains("certificate")
    };
    let first = lines.clone().next();
    let line = lines.find(names).or(first)?;
    // Libraries wrap the reason in where they were going; only the end says why.
    let why = line.find("CERTIFICATE_VERIFY_FAILED").map(|at| &line[at..]);
    Some(why.unwrap_or(line).chars().take(LONGEST_MESSAGE).collect())
}
