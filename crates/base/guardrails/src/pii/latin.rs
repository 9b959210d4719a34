//! Latin America: Brazil, Argentina, Chile, Mexico, Colombia, Peru.

mod brazil;
mod mexico;

use super::draft::{self, alone, fits, labelled};
use super::sums::{digits, monotonous, number, weighted};
use crate::rule::{Candidate, Checked, Rule};

const CUIT: &[&str] = &["cuit", "cuil", "cdi", "afip", "arca"];
const RUT: &[&str] = &["rut", "run", "rol", "cédula", "cedula"];
const RUC: &[&str] = &["ruc", "contribuyente", "sunat"];

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = vec![
        alone(
            "ar-cuit",
            "An Argentine taxpayer's or worker's number (CUIT, CUIL)",
            &["ar"],
            r"(?:2[034567]|3[034])-?\d{8}-?\d",
            fits!(cuit, 0.3, 0.8),
            CUIT,
        ),
        alone(
            "cl-rut",
            "A Chilean personal or tax number (RUN, RUT)",
            &["cl"],
            r"\d{1,2}\.\d{3}\.\d{3}-[0-9kK]|\d{7,8}-?[0-9kK]",
            rut,
            RUT,
        ),
        labelled(
            "co-cedula",
            "A Colombian citizen's or tax number beside a word for it",
            &["co"],
            r"c(?:é|É|e)dula|c\.c\.|\bCC\b|\bNIT\b|tarjeta de identidad|NUIP",
            r"\d{1,3}(?:\.\d{3}){2,3}(?:-\d)?|\d{6,10}(?:-\d)?",
            cedula,
        ),
        alone(
            "pe-ruc",
            "A Peruvian taxpayer's number (RUC)",
            &["pe"],
            r"(?:1[05]|17|20)\d{9}",
            fits!(ruc, 0.3, 0.3),
            RUC,
        ),
        labelled(
            "pe-dni",
            "A Peruvian identity number beside a word for it",
            &["pe"],
            r"\bDNI\b|documento nacional de identidad|reniec",
            r"\d{8}(?:-?[0-9A-K])?",
            apart,
        ),
    ];
    rules.extend(brazil::rules());
    rules.extend(mexico::rules());
    rules
}

/// 11 less the rest; 9 where that is 10.
fn cuit(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let rest = weighted(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        ((11 - rest) % 11).min(9) == u32::from(all[10])
    })
}

fn rut(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        let Some((body, check)) = text.split_at_checked(text.len() - 1) else {
            return false;
        };
        let digits: Vec<u8> = body
            .bytes()
            .filter(u8::is_ascii_digit)
            .map(|sign| sign - b'0')
            .collect();
        let weights = [2, 3, 4, 5, 6, 7, 2, 3];
        let sum: u32 = digits
            .iter()
            .rev()
            .zip(weights)
            .map(|(digit, weight)| u32::from(*digit) * weight)
            .sum();
        let expected = match (11 - sum % 11) % 11 {
            10 => 'K',
            digit => char::from_digit(digit, 10).unwrap_or('0'),
        };
        (7..=8).contains(&digits.len())
            && check.eq_ignore_ascii_case(expected.encode_utf8(&mut [0; 4]))
            && !monotonous(&digits)
    }
    let formed = if candidate.text.contains('.') {
        0.85
    } else {
        0.45
    };
    draft::graded(candidate, fits, 0.3, formed)
}

fn cedula(candidate: &Candidate<'_>) -> Checked {
    let Some((body, check)) = candidate.text.rsplit_once('-') else {
        return apart(candidate);
    };
    // A NIT has a check digit, by weights of prime numbers from the right.
    let weights = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43];
    let digits = body
        .bytes()
        .rev()
        .filter(u8::is_ascii_digit)
        .map(|sign| u32::from(sign - b'0'));
    let rest = digits
        .zip(weights)
        .map(|(digit, weight)| digit * weight)
        .sum::<u32>()
        % 11;
    let expected = if rest < 2 { rest } else { 11 - rest };
    if check.parse() == Ok(expected) {
        Checked::Score(0.9)
    } else {
        Checked::No
    }
}

fn apart(candidate: &Candidate<'_>) -> Checked {
    if draft::apart(candidate) {
        Checked::Maybe
    } else {
        Checked::No
    }
}

fn ruc(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let rest = weighted(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        (11 - rest) % 10 == u32::from(all[10]) && number(&all) > 0
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn southern_numbers() {
        takes(
            "ar-cuit",
            "CUIT",
            &["20-05536168-2", "20055361682"],
            &["20-05536168-3", "21-05536168-2"],
        );
        finds("ar-cuit", "es 20-05536168-2", "20-05536168-2");
        refuses("ar-cuit", "pedido 20055361682");
        takes(
            "cl-rut",
            "RUT",
            &["12.531.909-2", "12531909-2", "125319092", "76.086.428-5"],
            &["12.531.909-3", "12531909-K"],
        );
        refuses("cl-rut", "125319092");
        takes(
            "pe-ruc",
            "RUC",
            &["20512333797"],
            &["20512333798", "40512333797"],
        );
        finds("pe-dni", "DNI N° 10117410", "10117410");
        finds(
            "co-cedula",
            "cédula de ciudadanía 1.032.456.789",
            "1.032.456.789",
        );
        finds("co-cedula", "NIT 213.123.432-1", "213.123.432-1");
        refuses("co-cedula", "NIT 213.123.432-2");
        refuses("co-cedula", "vale 1.032.456.789");
    }
}
