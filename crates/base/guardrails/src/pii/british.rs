//! The United Kingdom and Ireland.

use super::dates;
use super::draft::{self, alone, fits, labelled};
use super::sums::{digits, monotonous, weighted};
use crate::rule::{Candidate, Checked, Rule};

const GB: &[&str] = &["gb"];
const NHS: &[&str] = &["nhs", "patient", "health"];
const NINO: &[&str] = &["nino", "ni", "insurance", "national"];
const UTR: &[&str] = &["utr", "taxpayer", "hmrc", "tax"];
const DRIVER: &[&str] = &["driving", "driver", "licence", "license", "dvla"];
const PPS: &[&str] = &["pps", "ppsn", "psp", "uimhir"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "gb-nhs",
            "A British patient's number (NHS)",
            GB,
            r"\d{3}[- ]?\d{3}[- ]?\d{4}",
            nhs,
            NHS,
        ),
        alone(
            "gb-nino",
            "A British national insurance number",
            GB,
            r"[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z][- ]?\d{2}[- ]?\d{2}[- ]?\d{2}[- ]?[A-Da-d]",
            fits!(nino, 0.6, 0.7),
            NINO,
        ),
        alone(
            "gb-utr",
            "A British taxpayer's reference (UTR)",
            GB,
            r"\d{5} ?\d{5}",
            fits!(utr, 0.3, 0.3),
            UTR,
        ),
        alone(
            "gb-driving-licence",
            "A British driver's number",
            GB,
            r"[A-Z]{1,5}9{0,4}\d{6}[A-Z9]{2}[A-Z0-9][A-Z]{2}",
            fits!(driver, 0.7, 0.7),
            DRIVER,
        ),
        labelled(
            "gb-vat",
            "A British VAT number beside a word for it",
            GB,
            r"VAT(?: reg(?:istration)?)?(?: no\.?| number)?",
            r"(?:GB ?)?\d{3} ?\d{4} ?\d{2}",
            vat,
        ),
        alone(
            "ie-pps",
            "An Irish personal public service number",
            &["ie"],
            r"\d{7}[A-Wa-w][A-IT-Xa-it-x]?",
            fits!(pps, 0.45, 0.45),
            PPS,
        ),
    ]
}

/// The tenth digit follows from the rest by 11 (NHS Data Dictionary).
fn nhs(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        digits::<10>(text).is_some_and(|all| {
            let check = 11 - weighted(&all, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            check % 11 == u32::from(all[9]) && check != 10 && !monotonous(&all)
        })
    }
    // With hyphens it is as likely a North American telephone number.
    draft::graded(
        candidate,
        fits,
        0.3,
        if candidate.text.contains('-') {
            0.4
        } else {
            0.5
        },
    )
}

/// HMRC, National Insurance Manual NIM39110: prefixes that are never given.
fn nino(text: &str) -> bool {
    let prefix = text.get(..2).unwrap_or_default().to_ascii_uppercase();
    !["BG", "GB", "KN", "NK", "NT", "TN", "ZZ"].contains(&&*prefix)
}

fn utr(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let rest = weighted(&all[1..], &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
        b"21987654321".get(rest as usize) == Some(&(all[0] + b'0')) && !monotonous(&all)
    })
}

/// Five signs of the name, then year, month (with 50 more for women) and day of birth, interleaved.
fn driver(text: &str) -> bool {
    let (Some(name), Some(born)) = (text.get(..5), text.get(5..11).and_then(digits::<6>)) else {
        return false;
    };
    let [_, m1, m2, d1, d2, _] = born;
    let month = dates::pair(if m1 >= 5 { m1 - 5 } else { m1 }, m2);
    let padded = name
        .trim_end_matches('9')
        .bytes()
        .all(|sign| sign.is_ascii_uppercase());
    text.len() == 16 && padded && dates::exists(2000, month, dates::pair(d1, d2))
}

fn vat(candidate: &Candidate<'_>) -> Checked {
    let fits = digits::<9>(candidate.text).is_some_and(|all| {
        let rest = (weighted(&all, &[8, 7, 6, 5, 4, 3, 2]) + dates::pair(all[7], all[8])) % 97;
        rest == 0 || rest == 42
    });
    if fits && draft::apart(candidate) {
        Checked::Score(0.9)
    } else {
        Checked::No
    }
}

/// Weights from 8; since 2013 a second letter from A to I counts nine times, and others do not count.
fn pps(text: &str) -> bool {
    let Some(seven) = text.get(..7).and_then(digits::<7>) else {
        return false;
    };
    let mut letters = text
        .bytes()
        .skip(7)
        .map(|sign| u32::from(sign.to_ascii_uppercase().saturating_sub(b'A')) + 1);
    let (check, second) = (letters.next().unwrap_or(0), letters.next().unwrap_or(0));
    let second = if second > 9 { 0 } else { second };
    (weighted(&seven, &[8, 7, 6, 5, 4, 3, 2]) + second * 9) % 23 == check % 23
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn the_islands() {
        takes(
            "gb-nhs",
            "NHS",
            &["943 476 5919", "9434765919", "943-476-5919"],
            &["943 476 5918", "987 654 3211"],
        );
        refuses("gb-nhs", "order 9434765919");
        takes(
            "gb-nino",
            "NI",
            &["AB123456C", "AB 12 34 56 C", "hh 01 02 03 d"],
            &["BG123456C", "AB123456E", "DA123456A"],
        );
        finds("gb-nino", "it is JG 10 37 59 A", "JG 10 37 59 A");
        takes(
            "gb-utr",
            "UTR",
            &["1955839661", "19558 39661"],
            &["2955839661"],
        );
        refuses("gb-utr", "1955839661");
        takes(
            "gb-driving-licence",
            "licence",
            &["MORGA657054SM9IJ"],
            &["MORGA677054SM9IJ", "MORGA657994SM9IJ"],
        );
        finds("gb-vat", "VAT number GB 980 7806 84", "GB 980 7806 84");
        refuses("gb-vat", "VAT number GB 802 3112 20");
        takes(
            "ie-pps",
            "PPS",
            &["6433435F", "6433435FT", "6433435FW"],
            &["6433435E", "643343F"],
        );
    }
}
