//! Italy: codice fiscale, partita IVA, papers.

use super::dates;
use super::draft::{self, alone, fits, labelled};
use super::sums::{digits, luhn, monotonous, worth};
use crate::rule::{Candidate, Checked, Rule};

const IT: &[&str] = &["it"];
const IVA: &[&str] = &["iva", "piva", "partita", "vat", "vies"];

pub(super) fn rules() -> Vec<Rule> {
    // Digits may be replaced by letters where two people would have one code: 0 to 9 are LMNPQRSTUV.
    let figure = "[0-9LMNP-V]";
    let code = format!(
        "[A-Za-z]{{6}}{figure}{{2}}[A-EHLMPRSTa-ehlmprst]{figure}{{2}}[A-Za-z]{figure}{{3}}[A-Za-z]"
    );
    vec![
        alone(
            "it-codice-fiscale",
            "An Italian personal tax code",
            IT,
            &code,
            code_check,
            &[],
        ),
        alone(
            "it-partita-iva",
            "An Italian VAT number",
            IT,
            r"(?:IT ?)?\d{11}",
            fits!(iva, 0.3, 0.3),
            IVA,
        ),
        labelled(
            "it-identity-card",
            "An Italian identity card's number beside a word for it",
            IT,
            r"carta d(?:'|’)identit(?:à|a)|\bCIE\b|\bCI\b",
            r"[A-Z]{2} ?\d{7}|C[A-Z]\d{5}[A-Z]{2}|\d{7}[A-Z]{2}",
            apart,
        ),
        labelled(
            "it-driver-license",
            "An Italian driving licence's number beside a word for it",
            IT,
            r"patente(?: di guida)?",
            r"[A-Z]{2}\d{7}[A-Z]|U1[A-HJ-NP-Z0-9]{7}[A-Z]",
            apart,
        ),
    ]
}

fn apart(candidate: &Candidate<'_>) -> Checked {
    if draft::apart(candidate) {
        Checked::Score(0.8)
    } else {
        Checked::No
    }
}

/// The worth of signs in odd places (Decree of 23 December 1976).
const ODD: [u32; 26] = [
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
];

fn code_check(candidate: &Candidate<'_>) -> Checked {
    let upper = candidate.text.to_ascii_uppercase();
    let signs = upper.as_bytes();
    let order = |sign: u8| {
        if sign.is_ascii_digit() {
            worth(sign)
        } else {
            u32::from(sign - b'A')
        }
    };
    let sum: u32 = signs
        .iter()
        .take(15)
        .enumerate()
        .map(|(place, sign)| {
            let order = order(*sign);
            // Places count from one, so that the first is odd.
            if place % 2 == 0 {
                ODD.get(order as usize).copied().unwrap_or(0)
            } else {
                order
            }
        })
        .sum();
    let last = signs.get(15).map(|sign| u32::from(sign - b'A'));
    let day = signs
        .get(9..11)
        .unwrap_or_default()
        .iter()
        .fold(0, |day, sign| day * 10 + figure(*sign));
    let day = if day > 40 { day - 40 } else { day };
    let month = signs
        .get(8)
        .and_then(|sign| "ABCDEHLMPRST".find(char::from(*sign)))
        .map_or(0, |place| place as u32 + 1);
    if last == Some(sum % 26) && dates::exists(2000, month, day) && draft::apart(candidate) {
        Checked::Sure
    } else {
        Checked::No
    }
}

/// A digit, or the letter in its place.
fn figure(sign: u8) -> u32 {
    let letter = "LMNPQRSTUV"
        .find(char::from(sign))
        .map(|place| place as u32);
    letter.unwrap_or_else(|| worth(sign))
}

fn iva(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let office = dates::pair(all[8], all[9]) + u32::from(all[7]) * 100;
        luhn(&all)
            && !monotonous(&all)
            && all[..7] != [0; 7]
            && (matches!(office, 1..=100 | 120 | 121 | 888 | 999))
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn codes_and_papers() {
        takes(
            "it-codice-fiscale",
            "codice fiscale",
            &["RCCMNL83S18D969H", "MRTMTT25D09F205Z", "RSSMRA85T10A562S"],
            &["RCCMNL83S18D969I", "RCCMNL83S32D969H"],
        );
        finds(
            "it-codice-fiscale",
            "è rccmnl83s18d969h",
            "rccmnl83s18d969h",
        );
        takes(
            "it-partita-iva",
            "partita IVA",
            &["00743110157", "IT00743110157"],
            &["00743110158"],
        );
        refuses("it-partita-iva", "00743110157");
        finds(
            "it-identity-card",
            "carta d'identità CA00000AA",
            "CA00000AA",
        );
        finds(
            "it-driver-license",
            "patente di guida n. AA0123456B",
            "AA0123456B",
        );
        refuses("it-driver-license", "AA0123456B");
    }
}
