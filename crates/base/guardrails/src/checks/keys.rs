//! Private keys in armour: what stands between the lines decodes to a key.

use base64::Engine as _;

use super::containers::STANDARD;
use crate::rule::{Candidate, Checked};

/// How many characters of the body are decoded: enough to see what it is.
const LOOKED_AT: usize = 64;

/// The first characters of base64 between the armour's lines. Headers (`Proc-Type: …`), quotes, line ends
/// and escaped line ends (`\n`) of the source around it are left out.
fn body(text: &str) -> String {
    let after = text
        .split_once("-----BEGIN")
        .and_then(|(_, rest)| rest.split_once("-----"))
        .map_or("", |(_, rest)| rest);
    let inside = after.split("-----").next().unwrap_or_default();
    let unescaped = inside.replace("\\r", "").replace("\\n", "\n");
    unescaped
        .lines()
        .filter(|line| !line.contains(':'))
        .flat_map(str::chars)
        .filter(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '/' | '='))
        .take(LOOKED_AT)
        .collect()
}

/// Whether bytes begin as a private key does: a DER sequence, or OpenSSH's own form.
fn begins_as_key(bytes: &[u8]) -> bool {
    bytes.starts_with(b"openssh-key-v1\0") || bytes.starts_with(&[0x30])
}

/// A key in PEM. Encrypted bodies of the traditional form are random bytes, and armour may be damaged, so
/// what does not decode to a key is only less sure; a body with no base64 in it is none.
pub(super) fn private_key(candidate: &Candidate<'_>) -> Checked {
    let body = body(candidate.text);
    if body.len() < 32 || body.bytes().all(|byte| body.starts_with(char::from(byte))) {
        return Checked::No;
    }
    let whole = body.get(..body.len() / 4 * 4).unwrap_or_default();
    match STANDARD.decode(whole) {
        Ok(bytes) if begins_as_key(&bytes) => Checked::Sure,
        _ => Checked::Maybe,
    }
}

/// PEM inside base64: the line that it begins with says that it is a private key.
pub(super) fn private_key_in_base64(candidate: &Candidate<'_>) -> Checked {
    let head = candidate.text.get(..80).unwrap_or_default();
    let decoded = STANDARD.decode(head).unwrap_or_default();
    let line = decoded.split(|byte| *byte == b'\n').next();
    let line = line.and_then(|bytes| std::str::from_utf8(bytes).ok());
    if line.is_some_and(|line| line.contains("PRIVATE KEY")) {
        Checked::Sure
    } else {
        Checked::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::check;

    fn pem(kind: &str, body: &[u8], line_end: &str) -> String {
        let body = STANDARD.encode(body);
        format!("-----BEGIN {kind}-----{line_end}{body}{line_end}-----END {kind}-----")
    }

    #[test]
    fn der_and_openssh_are_sure() {
        let mut der = vec![0x30, 0x82, 0x04, 0xbd];
        der.extend(0..120_u8);
        let mut ssh = b"openssh-key-v1\0".to_vec();
        ssh.extend(0..120_u8);
        for (kind, bytes) in [("RSA PRIVATE KEY", &der), ("OPENSSH PRIVATE KEY", &ssh)] {
            for end in ["\n", "\r\n", "\\n", "\\r\\n"] {
                assert_eq!(check(private_key, &pem(kind, bytes, end)), Checked::Sure);
            }
        }
        let wrapped = STANDARD.encode(pem("PRIVATE KEY", &der, "\n"));
        assert_eq!(check(private_key_in_base64, &wrapped), Checked::Sure);
    }

    #[test]
    fn an_encrypted_one_may_be() {
        let body: Vec<u8> = (100..200).collect();
        let text = pem("RSA PRIVATE KEY", &body, "\n").replacen(
            "-----\n",
            "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n",
            1,
        );
        assert_eq!(check(private_key, &text), Checked::Maybe);
    }

    #[test]
    fn dots_and_certificates_are_none() {
        let dots = "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----";
        assert_eq!(check(private_key, dots), Checked::No);
        let x = format!("-----BEGIN PRIVATE KEY-----\n{}\n", "x".repeat(90));
        assert_eq!(check(private_key, &x), Checked::No);
        let certificate = STANDARD.encode(pem("CERTIFICATE", &[0x30; 90], "\n"));
        assert_eq!(check(private_key_in_base64, &certificate), Checked::No);
        assert_eq!(check(private_key, ""), Checked::No);
    }
}
