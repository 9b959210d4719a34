//! Mexico: CURP of people, RFC of taxpayers. Both are letters of the name and the day of birth.

use crate::pii::dates;
use crate::pii::draft::{self, alone, fits};
use crate::pii::sums::worth;
use crate::rule::{Candidate, Checked, Rule};

const CURP: &[&str] = &["curp", "población", "poblacion", "clave"];
const RFC: &[&str] = &["rfc", "contribuyente", "contribuyentes", "sat"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "mx-curp",
            "A Mexican population registry key (CURP)",
            &["mx"],
            "[A-Z]{4}\\d{6}[HMX][A-Z]{5}[0-9A-Z]\\d",
            fits!(curp, 0.95, 0.95),
            CURP,
        ),
        alone(
            "mx-rfc",
            "A Mexican taxpayer's key (RFC)",
            &["mx"],
            r"[A-Z&]{3,4}[ -]?\d{6}[ -]?[0-9A-Z]{2}[0-9A]",
            rfc,
            RFC,
        ),
    ]
}

/// The day in the six digits at this place.
fn day_at(text: &str, place: usize) -> bool {
    let six = text
        .get(place..place + 6)
        .and_then(crate::pii::sums::digits::<6>);
    six.is_some_and(dates::yymmdd)
}

fn curp(text: &str) -> bool {
    // The sixteen signs before the last by weights from 18; letters after N are one more, for Ñ.
    let value = |sign: u8| {
        if sign > b'N' {
            worth(sign) + 1
        } else {
            worth(sign)
        }
    };
    let weights = (2..=18).rev();
    let sum: u32 = text
        .bytes()
        .zip(weights)
        .map(|(sign, weight)| value(sign) * weight)
        .sum();
    let check = (10 - sum % 10) % 10;
    day_at(text, 4) && text.ends_with(|last: char| last.to_digit(10) == Some(check))
}

fn rfc(candidate: &Candidate<'_>) -> Checked {
    let text: String = candidate
        .text
        .chars()
        .filter(|sign| !matches!(sign, ' ' | '-'))
        .collect();
    let letters = text
        .bytes()
        .take_while(|sign| !sign.is_ascii_digit())
        .count();
    if !day_at(&text, letters) || !draft::apart(candidate) {
        return Checked::No;
    }
    // The last sign is a check digit, but old keys were given without it: it adds to the score, no more.
    let padded = format!("{text: >13}");
    let sum: u32 = padded
        .bytes()
        .take(12)
        .zip((2..=13).rev())
        .map(|(sign, weight)| rfc_worth(sign) * weight)
        .sum();
    let expected = match (11 - sum % 11) % 11 {
        10 => 'A',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let fits = text.ends_with(expected);
    Checked::Score(match (letters, fits) {
        (4, true) => 0.8,
        (4, false) => 0.5,
        (_, true) => 0.6,
        _ => 0.3,
    })
}

/// Digits, A to N, `&` and Ñ in between; a firm's key has a blank (37) in front.
fn rfc_worth(sign: u8) -> u32 {
    match sign {
        b' ' => 37,
        b'&' => 24,
        sign if sign > b'N' => worth(sign) + 1,
        sign => worth(sign),
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn keys() {
        takes(
            "mx-curp",
            "CURP",
            &["BOXW310820HNERXN09"],
            &["BOXW310820HNERXN08", "BOXW313220HNERXN09"],
        );
        finds("mx-curp", "BOXW310820HNERXN09", "BOXW310820HNERXN09");
        finds("mx-rfc", "RFC GODE561231GR8", "GODE561231GR8");
        finds("mx-rfc", "RFC: VACE-460910-SX6", "VACE-460910-SX6");
        refuses("mx-rfc", "GODE561331GR8");
        refuses("mx-rfc", "ABC123456789");
    }
}
