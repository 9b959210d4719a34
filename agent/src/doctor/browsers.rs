//! Browsers, as the person who called `sudo`: each has roots of its own, Chromium's partly in the person's
//! home, and it does not run as root. What they are told lies in a profile that goes with them, so neither
//! the person's own nor a browser that is open is touched.

use super::{
    clients::url,
    probe::{Probe, Target},
};

/// Told the program, the name, the URL.
const CHROMIUM: &str = r#"
HOME=$(getent passwd "$(id -un)" | cut -d: -f6) && folder=$(mktemp -d) || exit 1
export HOME
trap 'rm -rf "$folder"' EXIT
timeout -k 2 15 "$1" --headless=new --disable-gpu --no-first-run --user-data-dir="$folder" \
    --no-proxy-server --host-resolver-rules="MAP $2 127.0.0.1" --dump-dom "$3"
"#;

/// One that meets a certificate that it does not know shows that until it is ended.
const FIREFOX: &str = r#"
HOME=$(getent passwd "$(id -un)" | cut -d: -f6) && folder=$(mktemp -d) || exit 1
export HOME
trap 'rm -rf "$folder"' EXIT
printf 'user_pref("%s", %s);\n' network.dns.localDomains "\"$2\"" network.proxy.type 0 > "$folder/user.js"
timeout -k 2 15 "$1" --headless --no-remote --profile "$folder" --screenshot "$folder/page.png" "$3"
"#;

fn as_person(script: &str, program: &str, target: &Target<'_>) -> Vec<String> {
    let url = url(target);
    let words = [
        "-u",
        target.person,
        "--",
        "sh",
        "-c",
        script,
        "sh",
        program,
        target.host,
        &url,
    ];
    words.map(str::to_owned).into()
}

fn chromium(target: &Target<'_>) -> Vec<String> {
    as_person(CHROMIUM, "chromium", target)
}

fn chrome(target: &Target<'_>) -> Vec<String> {
    as_person(CHROMIUM, "google-chrome", target)
}

fn firefox(target: &Target<'_>) -> Vec<String> {
    as_person(FIREFOX, "firefox", target)
}

const BROWSER: Probe = Probe {
    client: "chromium",
    program: "runuser",
    itself: "chromium",
    arguments: chromium,
    environment: &[],
    refusing: &[],
    // An error's page is a page too.
    by_request: true,
    variables: &[],
    store: "a managed policy, or the database of the home",
};

/// All of them.
pub(super) const PROBES: &[Probe] = &[
    BROWSER,
    Probe {
        client: "google-chrome",
        itself: "google-chrome",
        arguments: chrome,
        ..BROWSER
    },
    Probe {
        // Debian's ESR has this name too.
        client: "firefox",
        itself: "firefox",
        arguments: firefox,
        store: "policies.json",
        ..BROWSER
    },
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn browsers_run_as_the_person_and_go_to_loopback() {
        let target = Target {
            host: "claude.ai",
            port: 4433,
            folder: Path::new("/run/doctor"),
            person: "ada",
        };
        for probe in PROBES {
            let words = (probe.arguments)(&target);
            assert_eq!(words[..4], ["-u", "ada", "--", "sh"], "{}", probe.client);
            let given = [probe.itself, "claude.ai", "https://claude.ai:4433/"];
            assert_eq!(words[7..], given, "{}", probe.client);
        }
        assert!(CHROMIUM.contains("MAP $2 127.0.0.1"));
        assert!(FIREFOX.contains("localDomains"));
    }
}
