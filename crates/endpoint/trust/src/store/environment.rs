//! Variables for clients that bring roots of their own: Node, Python, Go, Codex and many more read one.
//! Those that name a bundle replace the client's roots, so they name one that holds all of them.

use super::{CA_FILE, Work, bundle_text, system_bundle};
use crate::{Ca, Root, ledger::LedgerError};

const NAME: &str = "environment";
/// For sessions of systemd (environment.d(5)).
const SESSIONS: &str = "/etc/environment.d/60-tidegate.conf";
/// For login shells.
const SHELLS: &str = "/etc/profile.d/tidegate.sh";
/// All roots and ours, where the system's own bundle does not hold ours.
const BUNDLE: &str = "/etc/ssl/tidegate/bundle.pem";

/// Each replaces all roots of some clients.
const REPLACING: &[&str] = &[
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_CERT",
    "AWS_CA_BUNDLE",
    "HTTPLIB2_CA_CERTS",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "NIX_SSL_CERT_FILE",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
    "CODEX_CA_CERTIFICATE",
];

/// Adds to Node's roots.
const NODE: &str = "NODE_EXTRA_CA_CERTS";
/// Says where Deno takes roots from.
const DENO: &str = "DENO_TLS_CA_STORE";
/// Read by clients as well, and never set here.
const ONLY_READ: &[&str] = &["SSL_CERT_DIR", "NODE_USE_SYSTEM_CA"];

/// Every variable that tells some client of its roots: those that are set here, and those that others set.
pub fn root_variables() -> impl Iterator<Item = &'static str> {
    let replacing = REPLACING.iter().chain(ONLY_READ).copied();
    [NODE, DENO].into_iter().chain(replacing)
}

/// The bundle that the variables name: the system's where it holds our CA, since that one is kept up to
/// date; else one of our own.
fn bundle(root: &Root, ca: &Ca) -> Option<&'static str> {
    match bundle_text(root) {
        Some((path, text)) if ca.is_in(&text) => Some(path),
        Some(_) => Some(BUNDLE),
        None => None,
    }
}

pub(super) fn install(work: &mut Work<'_>) -> Result<Option<String>, LedgerError> {
    let root = work.ledger.root().clone();
    let bundle = bundle(&root, work.ca);
    if bundle == Some(BUNDLE)
        && let Some((_, mut text)) = bundle_text(&root)
    {
        if !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&work.ca.pem());
        work.ledger.write(NAME, BUNDLE, text.into_bytes())?;
    }
    let variables = variables(bundle);
    let mut sessions =
        String::from("# Written by Tidegate; `tidegate-edge trust uninstall` takes it away.\n");
    let mut shells = sessions.clone();
    for (name, value) in variables {
        // Whoever chose a bundle of their own keeps it.
        sessions.push_str(&format!("{name}=${{{name}:-{value}}}\n"));
        shells.push_str(&format!("export {name}=\"${{{name}:-{value}}}\"\n"));
    }
    work.ledger.write(NAME, SESSIONS, sessions.into_bytes())?;
    work.ledger.write(NAME, SHELLS, shells.into_bytes())?;
    Ok(match bundle {
        Some(BUNDLE) => Some(format!(
            "{BUNDLE} is a copy of {} with our CA; it does not follow updates",
            system_bundle(&root).unwrap_or("the system's bundle")
        )),
        Some(_) => None,
        None => Some("no bundle of roots was found, so only Node is told of our CA".into()),
    })
}

pub(super) fn holds(work: &Work<'_>) -> bool {
    if work.ledger.knows(NAME) {
        return work.ledger.is_intact(NAME);
    }
    // Without our records: whether they name our CA.
    let names = |path: &str| {
        let text = std::fs::read_to_string(work.ledger.root().path(path));
        text.is_ok_and(|text| text.contains(CA_FILE))
    };
    names(SESSIONS) && names(SHELLS)
}

fn variables(bundle: Option<&str>) -> Vec<(&'static str, String)> {
    // Node adds this one to its own; Deno takes the system's store.
    let mut variables = vec![
        (NODE, CA_FILE.to_owned()),
        (DENO, "system,mozilla".to_owned()),
    ];
    let replacing = bundle
        .into_iter()
        .flat_map(|bundle| REPLACING.iter().map(move |name| (*name, bundle.to_owned())));
    variables.extend(replacing);
    variables
}
