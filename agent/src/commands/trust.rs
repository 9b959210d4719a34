//! `tidegate-edge trust`: the organisation's CA in this machine's trust stores.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, ensure};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;
use tidegate_device_api::ca_statement;
use tidegate_trust::{
    CA_FILE, Ca, ClientReport, Offer, Report, Root, Runner, System, Trust, Trusted,
};

use super::say;
use crate::{
    cli::TrustAction,
    config::Config,
    doctor::{existing_state, table::Table},
    signature::Verifier,
    state::State,
};

pub(super) fn trust(config: &Config, action: TrustAction) -> anyhow::Result<ExitCode> {
    let stores = Trust::new(Root::system(), System);
    let (outcome, json) = match action {
        TrustAction::Install { json } => {
            needs_root("changing trust stores")?;
            let report = install(&stores, &existing_state(config)?)?;
            (Outcome::of(report, None), json)
        }
        TrustAction::Status { json } => {
            let problem = other_ca(config);
            (Outcome::of(stores.status()?, problem), json)
        }
        TrustAction::Uninstall { json } => {
            needs_root("changing trust stores")?;
            (Outcome::of(stores.uninstall()?, None), json)
        }
    };
    say(&if json {
        serde_json::to_string_pretty(&outcome.json())?
    } else {
        outcome.shown()
    });
    Ok(if outcome.is_fine() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What the agent was given, if whoever gave it the first CA vouches for it: the folder is the relay's, and
/// the relay may have been taken over.
fn install<R: Runner>(stores: &Trust<R>, state: &State) -> anyhow::Result<Report> {
    let missing =
        "this device has no CA yet: enrol it first (`tidegate-edge login`, or start the agent)";
    let ca_pem = state.ca()?.context(missing)?;
    let identity = state.identity()?.context(missing)?;
    let signature = state.ca_signature()?;
    let vouches = |key: &str, sha256: &[u8; 32]| {
        let signature = signature
            .as_ref()
            .and_then(|text| STANDARD.decode(text.trim()).ok());
        let verifier = Verifier::new(key);
        matches!((signature, verifier), (Some(signature), Ok(verifier))
            if verifier.verify(&ca_statement(sha256), &signature))
    };
    Ok(stores.install(&Offer {
        ca_pem: &ca_pem,
        gateway_key: &identity.policy_key,
        is_signed: signature.is_some(),
        vouches: &vouches,
    })?)
}

/// Fails for everybody but root.
pub(super) fn needs_root(what: &str) -> anyhow::Result<()> {
    ensure!(
        nix::unistd::geteuid().is_root(),
        "{what} needs root: run it with sudo"
    );
    Ok(())
}

/// Says so where the stores hold another CA than the device was given: after it enrolled anew.
fn other_ca(config: &Config) -> Option<String> {
    let ca = existing_state(config).ok()?.ca().ok()??;
    let installed = std::fs::read_to_string(CA_FILE).ok()?;
    let same = Ca::from_pem(&ca).is_ok_and(|ca| ca.is_in(&installed));
    (!same).then(|| {
        "the stores hold another CA than this device's; run `tidegate-edge trust install`".into()
    })
}

/// Clients by the programs that show that they are here.
const PROGRAMS: &[(&str, &[&str])] = &[
    (
        "curl, wget, git, openssl",
        &["curl", "wget", "git", "openssl"],
    ),
    ("Go", &["go"]),
    ("Python (ssl)", &["python3", "python"]),
    ("Python (requests, httpx, pip)", &["python3", "python"]),
    ("Node", &["node"]),
    ("Deno", &["deno"]),
    ("Claude Code", &["claude"]),
    ("Gemini CLI", &["gemini"]),
    ("OpenCode", &["opencode"]),
    ("Codex", &["codex"]),
    ("Cursor, VS Code", &["cursor", "code"]),
    (
        "Chrome, Chromium, Edge, Brave",
        &[
            "google-chrome",
            "chromium",
            "chromium-browser",
            "microsoft-edge",
            "brave-browser",
        ],
    ),
    ("Firefox", &["firefox", "firefox-esr"]),
    ("Java", &["java"]),
    // A reminder rather than a client: nothing on this machine makes them trust us.
    ("Snap, Flatpak, containers", &[]),
];

/// What was done or seen, with the clients that are here.
struct Outcome {
    report: Report,
    problem: Option<String>,
    folders: Vec<PathBuf>,
}

impl Outcome {
    fn of(report: Report, problem: Option<String>) -> Self {
        Self {
            report,
            problem,
            folders: program_folders(Path::new("/")),
        }
    }

    fn found(&self, client: &ClientReport) -> bool {
        let known = PROGRAMS.iter().find(|(name, _)| *name == client.client);
        known.is_none_or(|(_, programs)| {
            let mut paths = programs
                .iter()
                .flat_map(|program| self.folders.iter().map(move |folder| folder.join(program)));
            paths.any(|path| path.is_file())
        })
    }

    fn is_fine(&self) -> bool {
        let wants = |client: &&ClientReport| client.trusted != Trusted::Yes && self.found(client);
        self.problem.is_none()
            && self.report.is_fine()
            && !self.report.clients.iter().any(|client| wants(&client))
    }

    fn json(&self) -> serde_json::Value {
        let client = |client: &ClientReport| {
            let mut value = json!(client);
            value["found"] = self.found(client).into();
            value
        };
        let clients: Vec<_> = self.report.clients.iter().map(client).collect();
        json!({
            "fine": self.is_fine(), "problem": self.problem, "stores": self.report.stores,
            "clients": clients,
        })
    }

    fn shown(&self) -> String {
        let mut out = String::new();
        let mut table = Table::new(&["CLIENT", "TRUSTS US", "RESTART", "ITS ROOTS"]);
        let mut absent = Vec::new();
        for client in &self.report.clients {
            if !self.found(client) {
                absent.push(client.client);
                continue;
            }
            let (trusted, restart) = match client.trusted {
                Trusted::Yes => ("yes", client.restart),
                Trusted::Partly => ("IN PART", client.restart),
                Trusted::No => ("NO", "-"),
            };
            table.row(
                &[client.client, trusted, restart, client.roots],
                client.note,
            );
        }
        if !self.report.clients.is_empty() {
            out.push_str(&table.to_string());
        }
        if !absent.is_empty() {
            out.push_str(&format!("not found here: {}\n", absent.join("; ")));
        }
        let stores = Report {
            stores: self.report.stores.clone(),
            clients: Vec::new(),
        };
        if !stores.stores.is_empty() {
            out.push_str(&format!("\nSTORES\n{stores}"));
        } else if self.report.clients.is_empty() {
            out.push_str("nothing of ours was in any store\n");
        }
        if let Some(problem) = &self.problem {
            out.push_str(&format!("\n{problem}\n"));
        }
        out.trim_end().to_owned()
    }
}

/// Where programs lie: the system's folders, and those in people's homes as far as they can be seen.
fn program_folders(root: &Path) -> Vec<PathBuf> {
    let system = ["usr/local/bin", "usr/bin", "bin", "snap/bin"].map(|folder| root.join(folder));
    let homes = std::fs::read_dir(root.join("home")).into_iter().flatten();
    let homes = homes.flatten().map(|entry| entry.path());
    let homes = homes.chain([root.join("root")]);
    let own = homes.flat_map(|home| {
        [".local/bin", ".npm-global/bin", ".bun/bin", ".deno/bin"].map(|folder| home.join(folder))
    });
    system.into_iter().chain(own).collect()
}

#[cfg(test)]
mod tests {
    use ring::signature::{Ed25519KeyPair, KeyPair};
    use tidegate_trust::{Command, RunError, Runner};

    use super::*;
    use crate::state::Identity;

    /// A machine without tools.
    struct Bare;

    impl Runner for Bare {
        fn has(&self, _: &str) -> bool {
            false
        }

        fn run(&self, _: &Command) -> Result<(), RunError> {
            Ok(())
        }
    }

    /// An enrolled agent's folder, as the relay has written it.
    fn enrolled(
        dir: &Path,
        key: &Ed25519KeyPair,
        ca: &str,
        vouched: bool,
    ) -> anyhow::Result<State> {
        let state = State::open(dir)?;
        state.keep_ca(ca)?;
        let identity = Identity {
            device_id: "0195d2a0-0000-7000-8000-000000000001".into(),
            relay_url: "http://127.0.0.1:1".into(),
            policy_key: STANDARD.encode(key.public_key()),
            knows_machine: true,
        };
        std::fs::write(dir.join("device.json"), serde_json::to_vec(&identity)?)?;
        let sha256 = Ca::from_pem(ca)?.sha256();
        let signature = STANDARD.encode(key.sign(&ca_statement(&sha256)));
        state.keep_ca_signature(vouched.then_some(&*signature))?;
        Ok(state)
    }

    fn ca(name: &str) -> anyhow::Result<String> {
        let mut parameters = rcgen::CertificateParams::new(Vec::new())?;
        parameters
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        Ok(parameters.self_signed(&rcgen::KeyPair::generate()?)?.pem())
    }

    /// The folder is the relay's: whoever has taken it over can write anything there but a signature.
    #[test]
    fn a_relay_that_was_taken_over_plants_no_ca() -> anyhow::Result<()> {
        let (root, dir) = (tempfile::tempdir()?, tempfile::tempdir()?);
        let stores = Trust::new(Root::at(root.path()), Bare);
        let gateway = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let planter = Ed25519KeyPair::from_seed_unchecked(&[8; 32]).unwrap();
        let (first, second, planted) = (ca("first")?, ca("second")?, ca("planted")?);
        install(&stores, &enrolled(dir.path(), &gateway, &first, true)?)?;
        // With a key of its own, with the gateway's key and no signature, and with the one for the first CA.
        let state = enrolled(dir.path(), &planter, &planted, true)?;
        assert!(install(&stores, &state).is_err());
        let state = enrolled(dir.path(), &gateway, &planted, false)?;
        assert!(install(&stores, &state).is_err());
        let state = enrolled(dir.path(), &gateway, &first, true)?;
        state.keep_ca(&planted)?;
        assert!(install(&stores, &state).is_err());
        let installed =
            || std::fs::read_to_string(root.path().join(CA_FILE.trim_start_matches('/')));
        assert!(Ca::from_pem(&first)?.is_in(&installed()?));
        install(&stores, &enrolled(dir.path(), &gateway, &second, true)?)?;
        assert!(Ca::from_pem(&second)?.is_in(&installed()?));
        Ok(())
    }

    fn outcome(root: &Path, programs: &[&str], trusted: Trusted) -> anyhow::Result<Outcome> {
        let bin = root.join("usr/bin");
        std::fs::create_dir_all(&bin)?;
        for program in programs {
            std::fs::write(bin.join(program), "")?;
        }
        let mut report = Trust::new(Root::at(root), Bare).status()?;
        for client in &mut report.clients {
            client.trusted = trusted;
        }
        Ok(Outcome {
            report,
            problem: None,
            folders: program_folders(root),
        })
    }

    #[test]
    fn every_client_is_looked_for() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let outcome = outcome(root.path(), &[], Trusted::No)?;
        for client in &outcome.report.clients {
            let known = PROGRAMS.iter().any(|(name, _)| *name == client.client);
            assert!(known, "{} needs its programs", client.client);
        }
        Ok(())
    }

    #[test]
    fn only_clients_that_are_here_count() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        assert!(outcome(root.path(), &[], Trusted::No)?.is_fine());
        let without = outcome(root.path(), &["node"], Trusted::No)?;
        assert!(!without.is_fine());
        let shown = without.shown();
        let line = shown.lines().find(|line| line.starts_with("Node "));
        assert!(line.is_some_and(|line| line.contains(" NO ")), "{shown}");
        assert!(
            shown.contains("not found here: curl, wget, git, openssl;"),
            "{shown}"
        );
        assert!(!outcome(root.path(), &[], Trusted::Partly)?.is_fine());
        assert!(outcome(root.path(), &[], Trusted::Yes)?.is_fine());
        Ok(())
    }

    #[test]
    fn a_store_with_another_ca_is_a_problem_however_the_clients_are() -> anyhow::Result<()> {
        let root = tempfile::tempdir()?;
        let mut outcome = outcome(root.path(), &["node"], Trusted::Yes)?;
        outcome.problem = Some("another CA".into());
        assert!(!outcome.is_fine() && outcome.shown().ends_with("another CA"));
        let json = outcome.json();
        assert_eq!(json["fine"], false);
        let node = json["clients"].as_array().into_iter().flatten();
        let node = node.into_iter().find(|client| client["client"] == "Node");
        assert_eq!(node.map(|node| node["found"] == true), Some(true));
        Ok(())
    }
}
