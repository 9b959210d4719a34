//! The clients that the doctor tries, with the command line of each. None resolves a name, and none leaves
//! loopback. Settings that a client keeps in files are left out where they could turn verification off.

use super::{
    probe::{Probe, REFUSED, Target},
    scripts,
};

const SYSTEM: &str = "the system's store";
const NO_HOSTS: &str = "98";

pub(super) fn url(target: &Target<'_>) -> String {
    format!("https://{}:{}/", target.host, target.port)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A script that is told name and port.
fn script(option: &[&str], script: &str, target: &Target<'_>) -> Vec<String> {
    let mut arguments = words(option);
    arguments.push(script.to_owned());
    arguments.extend([target.host.to_owned(), target.port.to_string()]);
    arguments
}

fn curl(target: &Target<'_>) -> Vec<String> {
    let to = format!("{}:{}:127.0.0.1", target.host, target.port);
    let mut arguments = words(&["-q", "-sS", "--max-time", "10", "-o", "/dev/null"]);
    arguments.extend([
        "--noproxy".into(),
        "*".into(),
        "--resolve".into(),
        to,
        url(target),
    ]);
    arguments
}

/// wget has no option for it, so it gets a hosts file of its own, in a mount namespace of its own.
fn wget(target: &Target<'_>) -> Vec<String> {
    let hosts = target.folder.join(scripts::HOSTS);
    let script = format!(
        "mount --bind \"$1\" /etc/hosts || exit {NO_HOSTS}; exec wget --no-config --no-hsts --no-proxy \
         --tries=1 --timeout=10 -q -O /dev/null \"$2\""
    );
    let mut arguments = words(&["--mount", "--", "sh", "-c", &script, "sh"]);
    arguments.extend([hosts.to_string_lossy().into_owned(), url(target)]);
    arguments
}

fn openssl(target: &Target<'_>) -> Vec<String> {
    let address = format!("127.0.0.1:{}", target.port);
    words(&[
        "s_client",
        "-connect",
        &address,
        "-servername",
        target.host,
        "-verify_hostname",
        target.host,
        "-verify_return_error",
        "-brief",
    ])
}

fn git(target: &Target<'_>) -> Vec<String> {
    let to = format!(
        "http.curloptResolve={}:{}:127.0.0.1",
        target.host, target.port
    );
    let mut arguments = words(&["-c", &to, "-c", "http.sslVerify=true", "-c", "http.proxy="]);
    arguments.extend(["ls-remote".into(), format!("{}doctor.git", url(target))]);
    arguments
}

fn python(target: &Target<'_>) -> Vec<String> {
    script(&["-I", "-c"], scripts::PYTHON, target)
}

fn requests(target: &Target<'_>) -> Vec<String> {
    script(&["-I", "-c"], scripts::REQUESTS, target)
}

fn httpx(target: &Target<'_>) -> Vec<String> {
    script(&["-I", "-c"], scripts::HTTPX, target)
}

fn node(target: &Target<'_>) -> Vec<String> {
    script(&["-e"], scripts::NODE, target)
}

fn java(target: &Target<'_>) -> Vec<String> {
    let source = target.folder.join(scripts::JAVA_FILE);
    let source = source.to_string_lossy();
    script(&["-Djava.awt.headless=true"], &source, target)
}

/// How a JDK's keystore is read where its `java` runs no source.
pub(crate) const KEYTOOL: &[&str] = &["-list", "-rfc", "-cacerts", "-storepass", "changeit"];

const PLAIN: Probe = Probe {
    client: "curl",
    program: "curl",
    itself: "curl",
    arguments: curl,
    environment: &[],
    // "Peer certificate cannot be authenticated", and "problem with the CA file" (libcurl-errors(3)).
    refusing: &[60, 77],
    by_request: false,
    variables: &["CURL_CA_BUNDLE", "SSL_CERT_FILE"],
    store: SYSTEM,
};

/// All of them.
pub(crate) const PROBES: &[Probe] = &[
    PLAIN,
    Probe {
        client: "wget",
        program: "unshare",
        itself: "wget",
        arguments: wget,
        // "SSL verification failure" (wget(1)).
        refusing: &[5],
        // Debian's is built on GnuTLS, which reads no variable.
        variables: &[],
        ..PLAIN
    },
    Probe {
        client: "openssl s_client",
        program: "openssl",
        itself: "openssl",
        arguments: openssl,
        refusing: &[],
        variables: &["SSL_CERT_FILE"],
        ..PLAIN
    },
    Probe {
        client: "git",
        program: "git",
        itself: "git",
        arguments: git,
        environment: &[("GIT_TERMINAL_PROMPT", "0"), ("GIT_ASKPASS", "false")],
        refusing: &[],
        by_request: true,
        variables: &["GIT_SSL_CAINFO", "SSL_CERT_FILE"],
        ..PLAIN
    },
    Probe {
        client: "python3 (ssl)",
        program: "python3",
        itself: "python3",
        arguments: python,
        refusing: &[REFUSED],
        variables: &["SSL_CERT_FILE"],
        ..PLAIN
    },
    Probe {
        client: "python3 (requests)",
        program: "python3",
        itself: "python3",
        arguments: requests,
        refusing: &[REFUSED],
        variables: &["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"],
        store: "certifi's bundle, which only REQUESTS_CA_BUNDLE replaces",
        ..PLAIN
    },
    Probe {
        client: "python3 (httpx)",
        program: "python3",
        itself: "python3",
        arguments: httpx,
        refusing: &[REFUSED],
        variables: &["SSL_CERT_FILE"],
        store: "certifi's bundle, which only SSL_CERT_FILE replaces",
        ..PLAIN
    },
    Probe {
        client: "node",
        program: "node",
        itself: "node",
        arguments: node,
        refusing: &[REFUSED],
        variables: &["NODE_EXTRA_CA_CERTS"],
        store: "roots of its own, which only NODE_EXTRA_CA_CERTS adds to",
        ..PLAIN
    },
    Probe {
        client: "java",
        program: "java",
        itself: "java",
        arguments: java,
        refusing: &[REFUSED],
        variables: &[],
        store: "cacerts",
        ..PLAIN
    },
];

#[cfg(test)]
mod tests;
