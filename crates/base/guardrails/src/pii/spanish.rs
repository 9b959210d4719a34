//! Spain and Portugal.

use super::draft::{self, alone, fits, graded, labelled};
use super::sums::{digits, luhn_sum, monotonous, number, weighted};
use crate::rule::{Candidate, Checked, Rule};

const ES: &[&str] = &["es"];
const DNI: &[&str] = &[
    "dni",
    "nif",
    "nie",
    "documento",
    "identidad",
    "identificación",
    "identificacion",
    "extranjero",
    "tie",
];
const CIF: &[&str] = &["cif", "nif", "empresa", "sociedad"];
const NSS: &[&str] = &[
    "seguridad",
    "nss",
    "naf",
    "afiliación",
    "afiliacion",
    "social",
];
const PT: &[&str] = &[
    "nif",
    "contribuinte",
    "nipc",
    "fiscal",
    "finanças",
    "financas",
];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "es-nif",
            "A Spanish identity or tax number (DNI, NIF)",
            ES,
            r"\d{8}[- ]?[A-HJ-NP-TV-Za-hj-np-tv-z]",
            fits!(nif, 0.5, 0.7),
            DNI,
        ),
        alone(
            "es-nie",
            "A Spanish foreigner's number (NIE)",
            ES,
            r"[XYZxyz][- ]?\d{7}[- ]?[A-HJ-NP-TV-Za-hj-np-tv-z]",
            fits!(nie, 0.6, 0.7),
            DNI,
        ),
        alone(
            "es-cif",
            "A Spanish firm's tax number (CIF)",
            ES,
            r"[A-HJNP-SUVW]-?\d{7}-?[0-9A-J]",
            fits!(cif, 0.45, 0.5),
            CIF,
        ),
        alone(
            "es-nss",
            "A Spanish social security number",
            ES,
            r"\d{2}[ /-]?\d{8}[ /-]?\d{2}",
            fits!(nss, 0.4, 0.6),
            NSS,
        ),
        labelled(
            "es-passport",
            "A Spanish passport's number beside a word for it",
            ES,
            r"pasaporte",
            r"[A-Z]{3}\d{6}[A-Z]?",
            passport,
        ),
        alone(
            "pt-nif",
            "A Portuguese taxpayer's number (NIF)",
            &["pt"],
            r"(?:PT ?)?[1235689]\d{2} ?\d{3} ?\d{3}",
            taxpayer,
            PT,
        ),
    ]
}

/// The letter of the rest by 23.
fn control(value: u64, letter: Option<u8>) -> bool {
    let expected = b"TRWAGMYFPDXBNJZSQVHLCKE".get((value % 23) as usize);
    letter.map(|letter| letter.to_ascii_uppercase()).as_ref() == expected
}

fn nif(text: &str) -> bool {
    digits::<8>(text)
        .is_some_and(|all| control(number(&all), text.bytes().last()) && !monotonous(&all))
}

/// X, Y and Z count as 0, 1 and 2.
fn nie(text: &str) -> bool {
    let first = text.bytes().next().map_or(0, |sign| {
        u64::from(sign.to_ascii_uppercase().saturating_sub(b'X'))
    });
    digits::<7>(text)
        .is_some_and(|all| control(first * 10_000_000 + number(&all), text.bytes().last()))
}

/// Luhn over seven digits: as a digit for companies; for others as a digit or a letter.
fn cif(text: &str) -> bool {
    let first = text.bytes().next().unwrap_or(0);
    let last = text.bytes().last().unwrap_or(0);
    let figures: Vec<u8> = text
        .bytes()
        .skip(1)
        .filter(u8::is_ascii_digit)
        .map(|sign| sign - b'0')
        .take(7)
        .collect();
    let mut all = [0; 8];
    for (place, digit) in all.iter_mut().zip(&figures) {
        *place = *digit;
    }
    let check = (10 - luhn_sum(&all) % 10) % 10;
    let letter = b"JABCDEFGHI".get(check as usize) == Some(&last);
    let digit = char::from(last).to_digit(10) == Some(check);
    figures.len() == 7
        && match first {
            b'A' | b'B' | b'E' | b'H' => digit,
            _ => letter || digit,
        }
}

/// Province and serial by 97.
fn nss(text: &str) -> bool {
    digits::<12>(text).is_some_and(|all| {
        let (province, serial, check) =
            (number(&all[..2]), number(&all[2..10]), number(&all[10..]));
        let value = if serial < 10_000_000 {
            province * 10_000_000 + serial
        } else {
            province * 100_000_000 + serial
        };
        matches!(province, 1..=53 | 66) && value % 97 == check
    })
}

fn passport(candidate: &Candidate<'_>) -> Checked {
    if draft::apart(candidate) {
        Checked::Score(0.8)
    } else {
        Checked::No
    }
}

fn taxpayer(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        digits::<9>(text).is_some_and(|all| {
            let check = 11 - weighted(&all, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            (if check > 9 { 0 } else { check }) == u32::from(all[8]) && !monotonous(&all)
        })
    }
    let prefixed = candidate.text.starts_with("PT");
    graded(
        candidate,
        fits,
        if prefixed { 0.6 } else { 0.3 },
        if prefixed { 0.6 } else { 0.4 },
    )
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn spain() {
        takes(
            "es-nif",
            "DNI",
            &["54362315K", "54362315-K", "12345678Z"],
            &["54362315Z", "54362315-A", "5436231K"],
        );
        takes(
            "es-nie",
            "NIE",
            &["X2482300W", "X-2482300-W", "Y1234567X"],
            &["X2482300A"],
        );
        finds("es-nie", "es X2482300W.", "X2482300W");
        takes(
            "es-cif",
            "CIF",
            &["J99216582", "B64717838", "P1300000E"],
            &["J99216583", "B64717839"],
        );
        takes(
            "es-nss",
            "Seguridad Social",
            &["281234567840", "28 12345678 40"],
            &["281234567841"],
        );
        finds("es-passport", "pasaporte: AAA123456", "AAA123456");
        refuses("es-passport", "AAA123456");
    }

    #[test]
    fn portugal() {
        takes(
            "pt-nif",
            "NIF",
            &["501964843", "501 964 843", "PT501964843"],
            &["501964842"],
        );
        refuses("pt-nif", "501964843");
    }
}
