//! Germany, Austria and Switzerland.

use super::dates;
use super::draft::{self, alone, fits, labelled};
use super::sums::{crosswise, digits, mod_11_10, monotonous, weighted, worth};
use crate::rule::{Candidate, Checked, Rule};

const DE: &[&str] = &["de"];
const TAX: &[&str] = &[
    "steuer",
    "steueridentifikationsnummer",
    "steuernummer",
    "steuerid",
    "idnr",
    "identifikationsnummer",
    "tin",
    "tax",
    "tid",
];
const CARD: &[&str] = &[
    "personalausweis",
    "ausweis",
    "ausweisnummer",
    "personalausweisnummer",
    "reisepass",
    "passnummer",
    "reisepassnummer",
    "pass",
    "passport",
    "identity",
    "perso",
];
const PENSION: &[&str] = &[
    "rentenversicherung",
    "rentenversicherungsnummer",
    "sozialversicherungsnummer",
    "sozialversicherung",
    "rvnr",
    "svnr",
    "sv",
    "rente",
    "social",
];
const HEALTH: &[&str] = &[
    "krankenversicherung",
    "krankenversichertennummer",
    "versichertennummer",
    "krankenkasse",
    "kvnr",
    "gesundheitskarte",
    "egk",
    "versicherten",
];
const VAT: &[&str] = &[
    "ust",
    "umsatzsteuer",
    "ustid",
    "vat",
    "umsatzsteueridentifikationsnummer",
    "idnr",
];
const SVNR: &[&str] = &[
    "svnr",
    "sozialversicherungsnummer",
    "sozialversicherung",
    "versicherungsnummer",
    "sv",
    "vsnr",
];
const AHV: &[&str] = &[
    "ahv",
    "avs",
    "ahvn13",
    "navs13",
    "sozialversicherungsnummer",
    "oasi",
    "versichertennummer",
];

pub(super) fn rules() -> Vec<Rule> {
    let card = "[CFGHJKLMNPRTVWXYZ][CFGHJKLMNPRTVWXYZ0-9]{8}";
    vec![
        alone(
            "de-tax-id",
            "A German tax identification number",
            DE,
            r"[1-9]\d(?: ?\d{3}){3}",
            fits!(tax_id, 0.5, 0.7),
            TAX,
        ),
        alone(
            "de-id-card",
            "A German identity card's or passport's number with its check digit",
            DE,
            &format!("{card}\\d"),
            fits!(id_card, 0.4, 0.4),
            CARD,
        ),
        labelled(
            "de-id-card-short",
            "A German identity card's or passport's number beside a word for it",
            DE,
            r"(?:personal)?ausweis(?:nummer|nr\.?)?|reisepass(?:nummer|nr\.?)?|passnummer|passport",
            card,
            short_card,
        ),
        alone(
            "de-social-security",
            "A German pension insurance number",
            DE,
            r"\d{2} ?\d{6} ?[A-Z] ?\d{3}",
            fits!(pension, 0.7, 0.8),
            PENSION,
        ),
        alone(
            "de-health-insurance",
            "A German health insurance number (KVNR)",
            DE,
            r"[A-Z]\d{9}",
            fits!(health, 0.4, 0.4),
            HEALTH,
        ),
        alone(
            "de-vat",
            "A German VAT number",
            DE,
            r"DE ?[1-9]\d{2} ?\d{3} ?\d{3}",
            fits!(vat, 0.6, 0.7),
            VAT,
        ),
        alone(
            "at-svnr",
            "An Austrian social insurance number",
            &["at"],
            r"[1-9]\d{3}[ -]?\d{6}",
            fits!(svnr, 0.4, 0.6),
            SVNR,
        ),
        alone(
            "ch-ahv",
            "A Swiss social insurance number (AHV, AVS)",
            &["ch"],
            r"756\.?\d{4}\.?\d{4}\.?\d{2}",
            fits!(ahv, 0.6, 0.9),
            AHV,
        ),
    ]
}

/// Of the first ten digits one stands twice or thrice, and no other twice (BZSt); ISO 7064 MOD 11,10.
fn tax_id(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let mut counts = [0_u8; 10];
        for digit in &all[..10] {
            if let Some(count) = counts.get_mut(usize::from(*digit)) {
                *count += 1;
            }
        }
        let more = counts.iter().filter(|count| **count > 1).count();
        more == 1 && counts.iter().all(|count| *count < 4) && mod_11_10(&all)
    })
}

/// Weights 7, 3, 1 (ICAO Doc 9303 part 3), with at least two digits so that it is no word.
fn id_card(text: &str) -> bool {
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 = text
        .bytes()
        .take(9)
        .zip(weights)
        .map(|(sign, weight)| worth(sign) * weight)
        .sum();
    let figures = text.bytes().take(9).filter(u8::is_ascii_digit).count();
    figures >= 2 && text.bytes().last().map(worth) == Some(sum % 10)
}

fn short_card(candidate: &Candidate<'_>) -> Checked {
    let figures = candidate.text.bytes().filter(u8::is_ascii_digit).count();
    if figures >= 2 && draft::apart(candidate) {
        Checked::Score(0.8)
    } else {
        Checked::No
    }
}

/// VKVV section 4: area, birthday, initial as two digits, serial; cross sums of products.
fn pension(text: &str) -> bool {
    let mut all = [0; 13];
    let mut length = 0;
    for sign in text.bytes().filter(u8::is_ascii_alphanumeric) {
        let letter = if sign.is_ascii_uppercase() {
            sign - b'A' + 1
        } else {
            0
        };
        let (first, second) = if letter > 0 {
            (letter / 10, Some(letter % 10))
        } else {
            (sign - b'0', None)
        };
        for digit in [Some(first), second].into_iter().flatten() {
            if let Some(place) = all.get_mut(length) {
                *place = digit;
            }
            length += 1;
        }
    }
    let [_, _, d1, d2, m1, m2, ..] = all;
    // Where two were born with one number, 50 is added to the day.
    let day = dates::pair(d1, d2);
    let born = dates::exists(
        2000,
        dates::pair(m1, m2),
        if day > 50 { day - 50 } else { day },
    );
    let sum = crosswise(&all, &[2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]);
    length == 13 && born && sum % 10 == u32::from(all[12])
}

/// SGB V section 290, annex 1: the letter as two digits, then as Luhn from the left.
fn health(text: &str) -> bool {
    let (Some(letter), Some(nine)) = (text.bytes().next(), text.get(1..).and_then(digits::<9>))
    else {
        return false;
    };
    let order = letter.saturating_sub(b'A') + 1;
    let sum =
        crosswise(&[order / 10, order % 10], &[1, 2]) + crosswise(&nine, &[1, 2, 1, 2, 1, 2, 1, 2]);
    sum % 10 == u32::from(nine[8])
}

fn vat(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| mod_11_10(&all))
}

/// The check digit is the fourth, the birthday follows; months 13 to 15 are given when days run out.
fn svnr(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [a, b, c, check, d1, d2, m1, m2, ..] = all;
        let sum = weighted(&[a, b, c], &[3, 7, 9]) + weighted(&all[4..], &[5, 8, 4, 2, 1, 6]);
        let month = dates::pair(m1, m2);
        let born = (1..=15).contains(&month) && (1..=31).contains(&dates::pair(d1, d2));
        sum % 11 == u32::from(check) && born
    })
}

/// EAN-13 with Switzerland's 756.
fn ahv(text: &str) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let sum = weighted(&all, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]);
        (10 - sum % 10) % 10 == u32::from(all[12]) && !monotonous(&all[3..])
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn germany() {
        takes(
            "de-tax-id",
            "Steuer-ID",
            &["36574261809", "86095742719", "86 095 742 719"],
            &["36574261890", "36554266806", "06574261809"],
        );
        finds("de-tax-id", "86 095 742 719", "86 095 742 719");
        takes(
            "de-id-card",
            "Personalausweis",
            &["T220001293", "C01X00T478", "L01X00T471"],
            &["T220001294", "A220001293"],
        );
        refuses("de-id-card", "T220001293");
        finds("de-id-card-short", "Reisepass Nr. C01X00T47", "C01X00T47");
        takes(
            "de-social-security",
            "Rentenversicherungsnummer",
            &["15070649C103", "15 070649 C 103"],
            &["15070649C104", "15074649C103"],
        );
        finds("de-social-security", "15070649C103", "15070649C103");
        takes(
            "de-health-insurance",
            "Krankenkasse",
            &["A000500015"],
            &["A000500016", "B000500015"],
        );
        takes(
            "de-vat",
            "USt",
            &["DE136695976", "DE 136 695 976"],
            &["DE136695978"],
        );
    }

    #[test]
    fn austria_and_switzerland() {
        takes(
            "at-svnr",
            "SVNR",
            &["1237010180", "1237 010180"],
            &["2237010180", "1237 013280"],
        );
        refuses("at-svnr", "1237010180");
        takes(
            "ch-ahv",
            "AHV",
            &["756.9217.0769.85", "7569217076985"],
            &["756.9217.0769.84", "755.9217.0769.85"],
        );
        finds("ch-ahv", "756.9217.0769.85", "756.9217.0769.85");
    }
}
