//! The command line of every probe, and how ends are read.

use std::path::Path;

use super::*;
use crate::doctor::{
    listener::Seen,
    probe::{Ended, MISSING},
    report::Verdict,
};

const HOST: &str = "api.example.com";

fn target() -> Target<'static> {
    Target {
        host: HOST,
        port: 4433,
        folder: Path::new("/run/doctor"),
        person: "ada",
    }
}

fn probe(client: &str) -> &'static Probe {
    let found = PROBES.iter().find(|probe| probe.client == client);
    found.unwrap_or_else(|| panic!("no probe of {client}"))
}

fn line(client: &str) -> String {
    (probe(client).arguments)(&target()).join(" ")
}

#[test]
fn every_client_goes_to_loopback_and_asks_for_the_name() {
    assert_eq!(
        line("curl"),
        "-q -sS --max-time 10 -o /dev/null --noproxy * --resolve api.example.com:4433:127.0.0.1 \
         https://api.example.com:4433/"
    );
    assert_eq!(
        line("openssl s_client"),
        "s_client -connect 127.0.0.1:4433 -servername api.example.com -verify_hostname api.example.com \
         -verify_return_error -brief"
    );
    assert_eq!(
        line("git"),
        "-c http.curloptResolve=api.example.com:4433:127.0.0.1 -c http.sslVerify=true -c http.proxy= \
         ls-remote https://api.example.com:4433/doctor.git"
    );
    let wget = line("wget");
    assert!(
        wget.starts_with("--mount -- sh -c mount --bind \"$1\" /etc/hosts || exit 98; exec wget ")
    );
    assert!(wget.ends_with("sh /run/doctor/hosts https://api.example.com:4433/"));
    assert!(line("java").ends_with("/run/doctor/Probe.java api.example.com 4433"));
    for client in ["python3 (ssl)", "python3 (requests)", "python3 (httpx)"] {
        let line = line(client);
        assert!(line.starts_with("-I -c ") && line.ends_with(" api.example.com 4433"));
        assert!(line.contains("127.0.0.1"), "{client}");
    }
    assert!(line("node").starts_with("-e ") && line("node").ends_with(" api.example.com 4433"));
    assert!(line("node").contains("127.0.0.1"));
}

#[test]
fn no_client_is_told_not_to_verify() {
    for probe in PROBES {
        let line = (probe.arguments)(&target()).join(" ").to_ascii_lowercase();
        for off in [
            "insecure",
            "--no-check-certificate",
            "sslverify=false",
            "verify=false",
            "rejectunauthorized: false",
            "cert_none",
            " -k ",
        ] {
            assert!(!line.contains(off), "{}: {off}", probe.client);
        }
    }
}

fn ended(code: i32, said: &str) -> Ended {
    Ended {
        code: Some(code),
        said: said.into(),
    }
}

fn came(request: bool) -> Seen {
    Seen {
        name: Some(HOST.into()),
        request,
        refused: false,
    }
}

#[test]
fn trust_takes_the_clients_word_and_the_listeners() {
    let curl = probe("curl");
    let verdict = |ended: &Ended, seen: &[Seen]| curl.judge(ended, seen, HOST).verdict;
    assert_eq!(verdict(&ended(0, ""), &[came(true)]), Verdict::Trusts);
    assert_eq!(verdict(&ended(0, ""), &[]), Verdict::CannotTell);
    let other = Seen {
        name: Some("other.example.com".into()),
        ..came(true)
    };
    assert_eq!(verdict(&ended(0, ""), &[other]), Verdict::CannotTell);
    assert_eq!(verdict(&ended(60, ""), &[]), Verdict::DoesNotTrust);
    assert_eq!(verdict(&ended(7, "no route"), &[]), Verdict::CannotTell);
    let refused = Seen {
        refused: true,
        ..Seen::default()
    };
    assert_eq!(verdict(&ended(1, ""), &[refused]), Verdict::DoesNotTrust);
}

#[test]
fn git_is_judged_by_its_request() {
    let git = probe("git");
    let failed = ended(128, "fatal: repository not found");
    assert_eq!(
        git.judge(&failed, &[came(true)], HOST).verdict,
        Verdict::Trusts
    );
    let said =
        "fatal: unable to access\nerror: server certificate verification failed. CAfile: none";
    let outcome = git.judge(&ended(128, said), &[came(false)], HOST);
    assert_eq!(outcome.verdict, Verdict::DoesNotTrust);
    assert_eq!(
        outcome.detail.as_deref(),
        Some("error: server certificate verification failed. CAfile: none")
    );
}

#[test]
fn a_library_that_is_missing_is_not_installed() {
    let outcome = probe("python3 (httpx)").judge(&ended(MISSING, ""), &[], HOST);
    assert_eq!(outcome.verdict, Verdict::NotInstalled);
    let outcome = probe("wget").judge(&ended(98, "mount: permission denied"), &[], HOST);
    assert_eq!(outcome.verdict, Verdict::CannotTell);
    assert_eq!(outcome.detail.as_deref(), Some("mount: permission denied"));
}
