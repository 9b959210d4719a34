//! Texts made from the templates in the rule files, with a seed: the same texts every time, and nowhere a
//! token that a scanner of repositories would stumble over.
//!
//! `{hex:32}` is 32 random hex digits; the classes are in [`alphabet`]. `{x:20}` is a placeholder of 20
//! `x`. `{crc62:30}` is 30 letters and digits with GitHub's checksum, `{badcrc62:30}` with a wrong one. The
//! other makers are in [`make`]. What is none of these stays as it is, so JSON needs no escapes.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// A source of numbers that are the same for the same beginning (splitmix64).
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let start = name
            .bytes()
            .fold(seed ^ 0x9e37_79b9_7f4a_7c15, |state, byte| {
                (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self(start)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next().to_le_bytes()[3]).collect()
    }

    fn text(&mut self, alphabet: &str, count: usize) -> String {
        let digits: Vec<char> = alphabet.chars().collect();
        let size = digits.len() as u64;
        (0..count)
            .map(|_| digits[(self.next() % size) as usize])
            .collect()
    }

    /// Text that looks random: letters and digits where the alphabet has both, no sign at the ends.
    fn class(&mut self, alphabet: &str, count: usize) -> String {
        let has = |of: fn(&char) -> bool, text: &str| text.chars().any(|char| of(&char));
        let mixed = has(char::is_ascii_digit, alphabet) && has(char::is_ascii_alphabetic, alphabet);
        loop {
            let text = self.text(alphabet, count);
            let ends = text.starts_with(|char: char| char.is_ascii_alphanumeric())
                && text.ends_with(|char: char| char.is_ascii_alphanumeric());
            let enough = count < 6
                || !mixed
                || (has(char::is_ascii_digit, &text) && has(char::is_ascii_alphabetic, &text));
            if ends && enough {
                return text;
            }
        }
    }
}

const DIGITS: &str = "0123456789";
const ALNUM: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The alphabet of a class.
fn alphabet(class: &str) -> Option<&'static str> {
    Some(match class {
        "digit" => DIGITS,
        "hex" => "0123456789abcdef",
        "HEX" => "0123456789ABCDEF",
        "lower" => "abcdefghijklmnopqrstuvwxyz",
        "upper" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "alpha" => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        "low36" => "0123456789abcdefghijklmnopqrstuvwxyz",
        "up36" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "alnum" => ALNUM,
        "b32" => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
        "b32l" => "abcdefghijklmnopqrstuvwxyz234567",
        "bech32" => "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
        "word" => "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
        "url" | "eq" => "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz",
        "b64" => "+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
        _ => return None,
    })
}

fn in_base(mut value: u32, digits: &str, width: usize) -> String {
    let digits: Vec<char> = digits.chars().collect();
    let base = digits.len() as u32;
    let mut text = Vec::new();
    for _ in 0..width {
        text.push(digits[(value % base) as usize]);
        value /= base;
    }
    text.iter().rev().collect()
}

fn uuid(numbers: &mut Numbers) -> String {
    [8, 4, 4, 4, 12]
        .map(|count| numbers.class("0123456789abcdef", count))
        .join("-")
}

fn jwt(numbers: &mut Numbers) -> String {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let subject = numbers.class(DIGITS, 10);
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"sub":"{subject}","iat":1700000000}}"#));
    format!(
        "{header}.{payload}.{}",
        URL_SAFE_NO_PAD.encode(numbers.bytes(32))
    )
}

fn armour(kind: &str, body: &[u8]) -> String {
    let body = STANDARD.encode(body);
    let lines: Vec<&str> = (0..body.len())
        .step_by(64)
        .map(|at| &body[at..body.len().min(at + 64)])
        .collect();
    format!(
        "-----BEGIN {kind}-----\n{}\n-----END {kind}-----",
        lines.join("\n")
    )
}

fn pem(kind: &str, numbers: &mut Numbers) -> String {
    let mut body = if kind.contains("OPENSSH") {
        b"openssh-key-v1\0".to_vec()
    } else {
        vec![0x30, 0x82, 0x02, 0x5c]
    };
    body.extend(numbers.bytes(300));
    armour(&format!("{kind}PRIVATE KEY"), &body)
}

fn gitlab(prefix: &str, version: &str, numbers: &mut Numbers) -> String {
    let payload = URL_SAFE_NO_PAD.encode(numbers.bytes(30));
    let length = in_base(payload.len() as u32, &ALNUM.to_lowercase()[..36], 2);
    let summed = format!("{prefix}{payload}.{version}{length}");
    let sum = in_base(
        crc32fast::hash(summed.as_bytes()),
        &ALNUM.to_lowercase()[..36],
        7,
    );
    summed + &sum
}

/// What a maker makes.
fn make(name: &str, argument: &str, numbers: &mut Numbers) -> Option<String> {
    let count = argument.parse::<usize>().unwrap_or(0);
    if let Some(alphabet) = alphabet(name) {
        return (count > 0).then(|| numbers.class(alphabet, count));
    }
    Some(match name {
        "x" if count > 0 => "x".repeat(count),
        "uuid" => uuid(numbers),
        "crc62" | "badcrc62" => {
            let body = numbers.class(ALNUM, count);
            let wrong = u32::from(name == "badcrc62");
            let sum = crc32fast::hash(body.as_bytes()).wrapping_add(wrong);
            body + &in_base(sum, ALNUM, 6)
        }
        "gitlab" => gitlab(argument, "01.", numbers),
        "gitlab0" => gitlab(argument, "", numbers),
        "gitlabbad" => {
            let token = gitlab(argument, "01.", numbers);
            token[..token.len() - 7].to_owned() + "0000000"
        }
        "grafana" => {
            let summed = format!("glsa_{}", numbers.class(ALNUM, 32));
            let sum = crc32fast::hash(summed.as_bytes()).swap_bytes();
            format!("{summed}_{sum:08x}")
        }
        "jwt" => jwt(numbers),
        "jwt64" => STANDARD_NO_PAD.encode(jwt(numbers)),
        "jwe" => {
            let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"dir","enc":"A256GCM"}"#);
            let [iv, text, tag] = [16, 60, 22].map(|count| numbers.class(ALNUM, count));
            format!("{header}..{iv}.{text}.{tag}")
        }
        "discord" => {
            let id = URL_SAFE_NO_PAD.encode(format!("1{}", numbers.class(DIGITS, 17)));
            let [time, sum] = [6, 38].map(|count| numbers.class(ALNUM, count));
            format!("{id}.{time}.{sum}")
        }
        "sentry" => {
            let fields = r#"{"iat":1700000000.5,"url":"https://sentry.io","region_url":"https://us.sentry.io","org":"acme"}"#;
            let secret = STANDARD_NO_PAD.encode(numbers.bytes(32));
            format!("sntrys_{}_{secret}", STANDARD.encode(fields))
        }
        "basic" => STANDARD.encode(format!("svc:{}", numbers.class(ALNUM, 14))),
        "pem" => pem(argument, numbers),
        "pem64" => STANDARD.encode(pem("", numbers)),
        "cert64" => STANDARD.encode(armour("CERTIFICATE", &numbers.bytes(200))),
        "pgp" => {
            let body = numbers.bytes(300);
            armour("PGP PRIVATE KEY BLOCK", &body).replacen("-----\n", "-----\n\n", 1)
        }
        _ => return None,
    })
}

/// The text that a template describes.
pub(crate) fn expand(template: &str, numbers: &mut Numbers) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        text += before;
        let made = from.find('}').and_then(|end| {
            let (name, argument) = from[1..end].split_once(':').unwrap_or((&from[1..end], ""));
            Some((make(name, argument, numbers)?, end + 1))
        });
        match made {
            Some((made, end)) => {
                text += &made;
                rest = &from[end..];
            }
            None => {
                text.push('{');
                rest = &from[1..];
            }
        }
    }
    text + rest
}
