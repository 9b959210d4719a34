//! Addresses of wallets. All but Solana's carry a checksum, so that what fits is certain.

use sha2::{Digest as _, Sha256};
use sha3::Keccak256;

use super::draft::alone;
use crate::rule::{Candidate, Checked, Rule};

pub(super) fn rules() -> Vec<Rule> {
    const BASE58: &str = "[1-9A-HJ-NP-Za-km-z]";
    const DATA: &str = "[02-9ac-hj-np-z]{11,71}|[02-9AC-HJ-NP-Z]{11,71}";
    let bitcoin = format!("[13]{BASE58}{{25,34}}|(?:bc1|BC1)(?:{DATA})");
    let litecoin = format!("[LM3]{BASE58}{{25,33}}|(?:ltc1|LTC1)(?:{DATA})");
    let tron = format!("T{BASE58}{{33}}");
    let ripple = format!("r{BASE58}{{24,34}}");
    let solana = format!("{BASE58}{{32,44}}");
    let words: &[&str] = &["sol", "solana", "phantom", "wallet"];
    vec![
        alone(
            "bitcoin-address",
            "A Bitcoin address",
            &[],
            &bitcoin,
            in_bitcoin,
            &[],
        ),
        alone(
            "litecoin-address",
            "A Litecoin address",
            &[],
            &litecoin,
            in_litecoin,
            &[],
        ),
        alone(
            "ethereum-address",
            "An Ethereum address",
            &[],
            "0x[0-9A-Fa-f]{40}",
            in_ethereum,
            &["eth", "ethereum", "wallet", "erc20"],
        ),
        alone("tron-address", "A TRON address", &[], &tron, in_tron, &[]),
        alone(
            "xrp-address",
            "An XRP Ledger address",
            &[],
            &ripple,
            in_ripple,
            &[],
        ),
        alone(
            "solana-address",
            "A Solana address beside a word for it",
            &[],
            &solana,
            in_solana,
            words,
        ),
    ]
}

fn sure(fits: bool) -> Checked {
    if fits { Checked::Sure } else { Checked::No }
}

fn in_bitcoin(candidate: &Candidate<'_>) -> Checked {
    let text = candidate.text;
    sure(base58check(text, bs58::Alphabet::BITCOIN, &[0x00, 0x05]) || segwit(text, "bc"))
}

/// Version 0x05 (`3…`) was Litecoin's before `M…`, and is Bitcoin's: that rule has it.
fn in_litecoin(candidate: &Candidate<'_>) -> Checked {
    let text = candidate.text;
    sure(base58check(text, bs58::Alphabet::BITCOIN, &[0x30, 0x32]) || segwit(text, "ltc"))
}

fn in_tron(candidate: &Candidate<'_>) -> Checked {
    sure(base58check(
        candidate.text,
        bs58::Alphabet::BITCOIN,
        &[0x41],
    ))
}

fn in_ripple(candidate: &Candidate<'_>) -> Checked {
    sure(base58check(candidate.text, bs58::Alphabet::RIPPLE, &[0x00]))
}

/// A key of 32 octets, and nothing that tells it from another.
fn in_solana(candidate: &Candidate<'_>) -> Checked {
    let mut key = [0; 33];
    let length = bs58::decode(candidate.text).onto(&mut key[..]);
    let mixed = candidate.text.bytes().any(|sign| sign.is_ascii_digit())
        && candidate.text.bytes().any(|sign| sign.is_ascii_uppercase())
        && candidate.text.bytes().any(|sign| sign.is_ascii_lowercase());
    if length == Ok(32) && mixed {
        Checked::Score(0.2)
    } else {
        Checked::No
    }
}

/// An address of a witness program (BIP 173; BIP 350 from version 1 on) of the chain with this prefix.
fn segwit(text: &str, prefix: &str) -> bool {
    bech32::segwit::decode(text)
        .is_ok_and(|(chain, ..)| chain.as_str().eq_ignore_ascii_case(prefix))
}

/// One octet of version, twenty of a hash, four of its double SHA-256.
fn base58check(text: &str, alphabet: &bs58::Alphabet, versions: &[u8]) -> bool {
    let mut all = [0; 25];
    let Ok(25) = bs58::decode(text)
        .with_alphabet(alphabet)
        .onto(&mut all[..])
    else {
        return false;
    };
    let (body, check) = all.split_at(21);
    let hash = Sha256::digest(Sha256::digest(body));
    hash.starts_with(check)
        && body
            .first()
            .is_some_and(|version| versions.contains(version))
}

/// EIP-55: in an address of both cases, a letter is a capital where the digit of its Keccak-256 is 8 or
/// more. In one case it has no checksum.
fn in_ethereum(candidate: &Candidate<'_>) -> Checked {
    let Some(digits) = candidate.text.strip_prefix("0x") else {
        return Checked::No;
    };
    let small = digits.to_ascii_lowercase();
    let telling = small
        .bytes()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
        > 4;
    if !telling {
        return Checked::No;
    }
    if digits == small || digits.bytes().all(|sign| !sign.is_ascii_lowercase()) {
        return Checked::Score(0.6);
    }
    let hash = Keccak256::digest(small.as_bytes());
    let nibbles = hash.iter().flat_map(|octet| [octet >> 4, octet & 15]);
    sure(
        digits
            .bytes()
            .zip(nibbles)
            .all(|(sign, nibble)| match sign {
                b'A'..=b'F' => nibble >= 8,
                b'a'..=b'f' => nibble < 8,
                _ => true,
            }),
    )
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, scored};

    #[test]
    fn wallets_with_a_checksum_are_found() {
        for (id, address) in [
            ("bitcoin-address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            ("bitcoin-address", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"),
            (
                "bitcoin-address",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ),
            (
                "bitcoin-address",
                "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
            ),
            (
                "bitcoin-address",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            ),
            (
                "ethereum-address",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            ),
            (
                "ethereum-address",
                "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
            ),
            ("tron-address", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            ("xrp-address", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"),
            ("litecoin-address", "LM2WMpR1Rp6j3Sa59cMXMs1SPzj9eXpGc1"),
        ] {
            finds(id, &format!("send it to {address}."), address);
            let last = if address.ends_with('3') { "4" } else { "3" };
            let wrong = format!("{}{last}", &address[..address.len() - 1]);
            if !address.starts_with("0xf") {
                refuses(id, &format!("send it to {wrong}."));
            }
            refuses(id, &format!("send it to {address}{last}"));
        }
    }

    #[test]
    fn mixed_case_must_be_the_checksums() {
        refuses(
            "ethereum-address",
            "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        );
        refuses(
            "ethereum-address",
            "0x0000000000000000000000000000000000000000",
        );
    }

    #[test]
    fn solana_takes_a_word() {
        let key = "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU";
        finds("solana-address", &format!("my solana wallet {key}"), key);
        assert!(scored("solana-address", key) < 0.5);
    }
}
