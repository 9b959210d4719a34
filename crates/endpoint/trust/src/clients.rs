//! Clients, and which store each gets its roots from.

use crate::{ClientReport, State, StoreReport, Trusted};

/// Which stores make a client trust us.
#[derive(Clone, Copy)]
enum Needs {
    System,
    Environment,
    SystemOrEnvironment,
    /// The browsers' policies, or all databases of homes.
    Browser,
    /// All databases of homes.
    Nss,
    Firefox,
    /// The system's keystore and all that runtimes brought.
    Java,
    /// None does.
    Nothing,
}

struct Client {
    name: &'static str,
    roots: &'static str,
    needs: Needs,
    restart: &'static str,
    note: Option<&'static str>,
}

const fn client(
    name: &'static str,
    roots: &'static str,
    needs: Needs,
    restart: &'static str,
) -> Client {
    Client {
        name,
        roots,
        needs,
        restart,
        note: None,
    }
}

const fn noted(client: Client, note: &'static str) -> Client {
    Client {
        note: Some(note),
        ..client
    }
}

const LOGIN: &str = "the session: log out and in";
const ITSELF: &str = "it";

const CLIENTS: &[Client] = &[
    client(
        "curl, wget, git, openssl",
        "the system's bundle",
        Needs::System,
        "nothing",
    ),
    client("Go", "the system's bundle", Needs::System, ITSELF),
    client(
        "Python (ssl)",
        "the system's bundle",
        Needs::SystemOrEnvironment,
        ITSELF,
    ),
    noted(
        client(
            "Python (requests, httpx, pip)",
            "their own, unless REQUESTS_CA_BUNDLE, SSL_CERT_FILE or PIP_CERT",
            Needs::Environment,
            LOGIN,
        ),
        "SDKs that are built on httpx2 read the system's",
    ),
    client(
        "Node",
        "its own, and NODE_EXTRA_CA_CERTS",
        Needs::Environment,
        LOGIN,
    ),
    client("Deno", "DENO_TLS_CA_STORE", Needs::Environment, LOGIN),
    noted(
        client(
            "Claude Code",
            "its own, the system's, and NODE_EXTRA_CA_CERTS",
            Needs::SystemOrEnvironment,
            ITSELF,
        ),
        "versions before 2.1.104 need the variable: log out and in",
    ),
    client(
        "Gemini CLI",
        "NODE_EXTRA_CA_CERTS",
        Needs::Environment,
        LOGIN,
    ),
    client(
        "OpenCode",
        "the system's, and NODE_EXTRA_CA_CERTS",
        Needs::SystemOrEnvironment,
        ITSELF,
    ),
    noted(
        client(
            "Codex",
            "CODEX_CA_CERTIFICATE, SSL_CERT_FILE, the system's",
            Needs::SystemOrEnvironment,
            ITSELF,
        ),
        "its WebSocket transport has been seen to read the system's only",
    ),
    client(
        "Cursor, VS Code",
        "NSS for pages, the system's for extensions",
        Needs::Nss,
        ITSELF,
    ),
    noted(
        client(
            "Chrome, Chromium, Edge, Brave",
            "a managed policy, and the NSS database of each home",
            Needs::Browser,
            ITSELF,
        ),
        "versions that do not know the policy CACertificates read the database",
    ),
    client(
        "Firefox",
        "its own, and policies.json",
        Needs::Firefox,
        ITSELF,
    ),
    client("Java", "cacerts", Needs::Java, ITSELF),
    noted(
        client(
            "Snap, Flatpak, containers",
            "their own",
            Needs::Nothing,
            ITSELF,
        ),
        "mount the CA into them, or deny them",
    ),
];

/// What each client makes of the stores.
pub(crate) fn clients(stores: &[StoreReport]) -> Vec<ClientReport> {
    let report = |client: &Client| ClientReport {
        client: client.name,
        roots: client.roots,
        trusted: trusted(client.needs, stores),
        restart: client.restart,
        note: client.note,
    };
    CLIENTS.iter().map(report).collect()
}

fn trusted(needs: Needs, stores: &[StoreReport]) -> Trusted {
    let system = |name: &str| matches!(name, "debian" | "red-hat");
    let environment = |name: &str| name == "environment";
    match needs {
        Needs::System => all(stores, system),
        Needs::Environment => all(stores, environment),
        Needs::SystemOrEnvironment => match all(stores, system) {
            Trusted::Yes => Trusted::Yes,
            Trusted::No | Trusted::Partly => all(stores, environment),
        },
        Needs::Browser => match all(stores, |name| name.starts_with("chromium:")) {
            Trusted::Yes => Trusted::Yes,
            Trusted::No | Trusted::Partly => all(stores, |name| name.starts_with("nss:")),
        },
        Needs::Nss => all(stores, |name| name.starts_with("nss:")),
        Needs::Firefox => all(stores, |name| name == "firefox"),
        Needs::Java => all(stores, |name| system(name) || name.starts_with("java:")),
        Needs::Nothing => Trusted::No,
    }
}

/// Whether all, some or none of the stores that fit hold the CA. No store is none.
fn all(stores: &[StoreReport], fits: impl Fn(&str) -> bool) -> Trusted {
    let mut fitting = stores.iter().filter(|store| fits(&store.store)).peekable();
    if fitting.peek().is_none() {
        return Trusted::No;
    }
    let (mut some, mut every) = (false, true);
    for store in fitting {
        let holds = store.state == State::Installed;
        some |= holds;
        every &= holds;
    }
    match (every, some) {
        (true, _) => Trusted::Yes,
        (false, true) => Trusted::Partly,
        (false, false) => Trusted::No,
    }
}
