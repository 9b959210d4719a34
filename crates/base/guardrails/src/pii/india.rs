//! India.

use super::draft::{self, alone, fits, labelled};
use super::sums::{digits, monotonous, verhoeff, worth};
use crate::rule::{Candidate, Checked, Rule};

const IN: &[&str] = &["in"];
const AADHAAR: &[&str] = &["aadhaar", "aadhar", "uidai", "uid", "आधार", "aadhaarcard"];
const PAN: &[&str] = &["pan", "permanent", "income", "tax", "पैन"];
const GSTIN: &[&str] = &["gstin", "gst", "gstn"];
const VOTER: &[&str] = &["voter", "epic", "election", "elector", "मतदाता"];
const PASSPORT: &[&str] = &["passport"];
const VEHICLE: &[&str] = &["vehicle", "registration", "number", "plate", "rto", "car"];

pub(super) fn rules() -> Vec<Rule> {
    // Four more digits behind would make a card of it.
    let aadhaar =
        r"\b([2-9]\d{3}[ -]?\d{4}[ -]?\d{4})\b(?:[ -]?\d{4}|[-/:@\\_]\w|\.[0-9a-z])?".to_owned();
    let pan = "[A-Z]{3}[ABCFGHJLPT][A-Z]\\d{4}[A-Z]";
    let states = "AN|AP|AR|AS|BR|CG|CH|DD|DL|DN|GA|GJ|HP|HR|JH|JK|KA|KL|LA|LD|MH|ML|MN|MP|MZ|NL|OD|PB|PY|RJ|SK|TN|TR|TS|UK|UP|WB";
    vec![
        draft::rule(
            "in-aadhaar",
            "An Indian resident's number (Aadhaar)",
            IN,
            aadhaar,
            aadhaar_check,
            AADHAAR,
        ),
        alone(
            "in-pan",
            "An Indian taxpayer's number (PAN)",
            IN,
            pan,
            fits!(|_| true, 0.6, 0.6),
            PAN,
        ),
        alone(
            "in-gstin",
            "An Indian goods and services taxpayer's number (GSTIN)",
            IN,
            &format!(r"\d{{2}}{pan}[1-9A-Z]Z[0-9A-Z]"),
            fits!(gstin, 0.95, 0.95),
            GSTIN,
        ),
        alone(
            "in-voter",
            "An Indian voter's number (EPIC)",
            IN,
            r"[A-Z]{3}\d{7}",
            fits!(|_| true, 0.2, 0.2),
            VOTER,
        ),
        alone(
            "in-passport",
            "An Indian passport's number",
            IN,
            r"[A-PR-WY][1-9]\d ?\d{4}[1-9]",
            fits!(|_| true, 0.2, 0.2),
            PASSPORT,
        ),
        alone(
            "in-vehicle-registration",
            "An Indian vehicle's registration",
            IN,
            &format!(r"(?:{states})[ -]?\d{{1,2}}[ -]?[A-Z]{{1,3}}[ -]?\d{{4}}"),
            vehicle,
            VEHICLE,
        ),
        labelled(
            "in-driving-licence",
            "An Indian driving licence's number beside a word for it",
            IN,
            r"driving licen[cs]e|\bDL\b",
            &format!(r"(?:{states})[ -]?\d{{2}}[ -]?(?:19|20)\d{{2}}[ -]?\d{{7}}"),
            apart,
        ),
    ]
}

fn aadhaar_check(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        let palindrome = |all: [u8; 12]| all.iter().eq(all.iter().rev());
        digits::<12>(text)
            .is_some_and(|all| verhoeff(&all) && !monotonous(&all) && !palindrome(all))
    }
    draft::graded(candidate, fits, 0.3, 0.6)
}

/// State, PAN, entity, Z, a check sign by 36.
fn gstin(text: &str) -> bool {
    let state = text
        .get(..2)
        .and_then(|state| state.parse::<u32>().ok())
        .unwrap_or(0);
    let sum: u32 = text
        .bytes()
        .take(14)
        .enumerate()
        .map(|(place, sign)| {
            let product = worth(sign) * if place % 2 == 0 { 1 } else { 2 };
            product / 36 + product % 36
        })
        .sum();
    matches!(state, 1..=38 | 96 | 97 | 99)
        && text.bytes().last().map(worth) == Some((36 - sum % 36) % 36)
}

fn vehicle(candidate: &Candidate<'_>) -> Checked {
    draft::graded(candidate, |_| true, 0.3, 0.4)
}

fn apart(candidate: &Candidate<'_>) -> Checked {
    if draft::apart(candidate) {
        Checked::Score(0.8)
    } else {
        Checked::No
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn residents_and_taxpayers() {
        takes(
            "in-aadhaar",
            "Aadhaar",
            &["2341 2341 2346", "234123412346", "2341-2341-2346"],
            &["2341 2341 2347", "1234 1234 1234"],
        );
        finds("in-aadhaar", "it is 2341 2341 2346.", "2341 2341 2346");
        refuses("in-aadhaar", "2341 2341 2346 1111");
        refuses("in-aadhaar", "234123412346");
        takes(
            "in-pan",
            "PAN",
            &["ACUPA7085R"],
            &["ACUDA7085R", "ACUPA70851"],
        );
        takes(
            "in-gstin",
            "GSTIN",
            &["27AAPFU0939F1ZV", "29AABCR1718E1ZL"],
            &["27AAPFU0939F1ZO", "99AAPFU0939F1ZV"],
        );
        takes("in-voter", "voter", &["WKH1186253"], &[]);
        refuses("in-voter", "WKH1186253");
        takes(
            "in-passport",
            "passport",
            &["J8369854"],
            &["J8369850", "Q8369854"],
        );
        finds(
            "in-vehicle-registration",
            "vehicle KA 01 AB 1234",
            "KA 01 AB 1234",
        );
        finds(
            "in-driving-licence",
            "driving licence: MH12 20110012345",
            "MH12 20110012345",
        );
    }
}
