//! Addresses of machines: IPv4, IPv6, hardware. Those that say nothing of anyone (private, loopback, of
//! documentation) score low, and so do four short numbers that are as likely a version.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::draft;
use crate::rule::{Candidate, Checked, Rule};

const WORDS: &[&str] = &[
    "ip",
    "ipv4",
    "ipv6",
    "address",
    "host",
    "client",
    "adresse",
    "dirección",
    "indirizzo",
];
/// What an address scores that is nobody's.
const LOW: f32 = 0.2;

pub(super) fn rules() -> Vec<Rule> {
    let v4 = r"\b(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})\b(?:\.\d|[-_]\w)?".to_owned();
    // All that are handed out begin with 2 or 3, so that no time of day begins one.
    let v6 = version_six_beginning("[23][0-9A-Fa-f]{3}");
    let pair = "[0-9A-Fa-f]{2}";
    let mac = format!(
        r"\b({pair}(?::{pair}){{5}}|{pair}(?:-{pair}){{5}}|[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}}\.[0-9A-Fa-f]{{4}})\b(?:[:.-]\w)?"
    );
    vec![
        draft::rule("ipv4", "An IPv4 address", &[], v4, version_four, &[]),
        draft::rule("ipv6", "An IPv6 address", &[], v6, version_six, &[]),
        draft::rule(
            "mac-address",
            "A hardware (MAC) address",
            &[],
            mac,
            hardware,
            &["mac", "hardware", "bssid", "ethernet"],
        ),
    ]
}

/// The pattern of an IPv6 address whose first group is one of these.
fn version_six_beginning(first: &str) -> String {
    let groups = "[0-9A-Fa-f]{1,4}";
    format!(
        r"(\b{first}:{{1,2}}(?:{groups}:{{1,2}}){{0,7}}(?:{groups}(?:(?:\.\d{{1,3}}){{3}})?)?)(?:\w|:\w|\.\d|::)?"
    )
}

fn version_four(candidate: &Candidate<'_>) -> Checked {
    let Ok(address) = candidate.text.parse::<Ipv4Addr>() else {
        return Checked::No;
    };
    if !draft::apart(candidate) || after_version(candidate.before) {
        return Checked::No;
    }
    let [first, ..] = address.octets();
    let shared = first == 100 && (64..128).contains(&address.octets()[1]);
    let nobodys = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_multicast()
        || address.is_unspecified()
        || shared
        || first == 0
        || first >= 240;
    // 4.18.0.1 is a version as often as an address: a word decides. But no word makes 127.0.0.1 anyone's,
    // which is why the words are not the rule's own.
    let long = address.octets().iter().filter(|octet| **octet > 30).count() > 1;
    Checked::Score(match (nobodys, draft::said(candidate.before, WORDS)) {
        (true, _) => LOW,
        (false, true) => 0.85,
        (false, false) => {
            if long {
                0.6
            } else {
                0.3
            }
        }
    })
}

/// Whether the words before speak of versions.
fn after_version(before: &str) -> bool {
    let tail = before.trim_end_matches([' ', ':', '=', '"', '\'', '^', '~', '(']);
    let word = tail
        .rsplit(|sign: char| !sign.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    [
        "v", "ver", "version", "release", "build", "chrome", "section", "oid",
    ]
    .iter()
    .any(|name| word.eq_ignore_ascii_case(name))
}

fn version_six(candidate: &Candidate<'_>) -> Checked {
    let Ok(address) = candidate.text.parse::<Ipv6Addr>() else {
        return Checked::No;
    };
    // Only what is handed out: `12::30` and `a::b` parse as well, and are times and code.
    let global = address.segments()[0] & 0xe000 == 0x2000;
    let before = candidate.before.as_bytes().last().copied().unwrap_or(b' ');
    if !global || candidate.whole.len() > candidate.text.len() || matches!(before, b':' | b'.') {
        return Checked::No;
    }
    let documentation = address.segments()[..2] == [0x2001, 0x0db8];
    Checked::Score(if documentation { LOW } else { 0.8 })
}

fn hardware(candidate: &Candidate<'_>) -> Checked {
    let before = candidate.before.as_bytes().last().copied().unwrap_or(b' ');
    let digits = || candidate.text.bytes().filter(u8::is_ascii_hexdigit);
    let (mut lower, mut zeros) = (digits(), digits());
    let everyones =
        lower.all(|digit| digit.eq_ignore_ascii_case(&b'f')) || zeros.all(|digit| digit == b'0');
    if candidate.whole.len() > candidate.text.len()
        || matches!(before, b':' | b'-' | b'.')
        || everyones
    {
        return Checked::No;
    }
    // Three groups of four digits may be a number with dots; twelve figures may be a time and a date.
    let telling = candidate
        .text
        .bytes()
        .any(|sign| sign.is_ascii_alphabetic());
    let common = candidate.text.contains(':') || telling;
    Checked::Score(if common { 0.7 } else { 0.4 })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        Limits, Mode, Plan, Ruleset,
        pii::tests::{finds, refuses, scored},
    };

    proptest! {
        #[test]
        fn no_address_begins_with_another_group(
            pieces in proptest::collection::vec(prop_oneof![
                4 => "[23][0-9a-f]{3}",
                2 => "[0-9A-F]{0,4}",
                6 => ":{1,2}",
                1 => "[ .x]",
                1 => "2001:7f8::1:[0-9]{1,2}|:1\\.22\\.3\\.4",
            ], 0..18),
        ) {
            static SETS: std::sync::LazyLock<[Ruleset; 2]> = std::sync::LazyLock::new(|| {
                let any = version_six_beginning("[0-9A-Fa-f]{1,4}");
                let six = || rules().into_iter().find(|rule| &*rule.id == "ipv6").unwrap();
                let any = Rule { pattern: any.into(), ..six() };
                [any, six()].map(|rule| Ruleset::compile(vec![rule], &Limits::default()).unwrap())
            });
            let text = pieces.concat();
            let [any, six] = SETS.each_ref().map(|set| {
                set.scan(&Plan::all(set, Mode::Hold), &text, &mut set.pool().take())
            });
            prop_assert_eq!(any, six, "{}", text);
        }
    }

    #[test]
    fn public_addresses_are_found() {
        finds("ipv4", "from 93.184.216.34:443", "93.184.216.34");
        finds("ipv4", "net 93.184.216.34/24.", "93.184.216.34");
        finds("ipv4", "client ip 8.8.8.8", "8.8.8.8");
        finds(
            "ipv6",
            "at 2606:2800:220:1:248:1893:25c8:1946.",
            "2606:2800:220:1:248:1893:25c8:1946",
        );
        finds("ipv6", "[2a00:1450:4001::8a]:443", "2a00:1450:4001::8a");
        finds("mac-address", "hw 3c:22:FB:9a:01:7e,", "3c:22:FB:9a:01:7e");
        finds("mac-address", "3C-22-FB-9A-01-7E", "3C-22-FB-9A-01-7E");
        finds("mac-address", "mac 3c22.fb9a.017e", "3c22.fb9a.017e");
    }

    #[test]
    fn addresses_of_nobody_versions_times_and_code_are_not() {
        for text in [
            "host 192.168.1.20",
            "127.0.0.1",
            "198.51.100.7",
            "version 193.184.216.34",
            "1.2.3.4",
            "193.184.216.34.5",
            "193.184.216.340",
            "v121.0.6167.85",
            "0.0.0.0",
        ] {
            assert!(scored("ipv4", text) < 0.5, "{text}");
        }
        for text in [
            "12:30:45",
            "std::add::face",
            "a::b",
            "fe80::1",
            "::1",
            "2001:db8::1",
            "3c:22:fb:9a:01:7e",
        ] {
            assert!(scored("ipv6", text) < 0.5, "{text}");
        }
        for text in [
            "3c:22:fb:9a:01:7e:11",
            "00:00:00:00:00:00",
            "ff:ff:ff:ff:ff:ff",
            "2024-01-01",
            "3c:22:fb:9a:01:7g",
        ] {
            refuses("mac-address", text);
        }
    }
}
