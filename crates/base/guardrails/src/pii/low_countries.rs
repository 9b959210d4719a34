//! The Netherlands, Belgium and Luxembourg.

use super::dates;
use super::draft::{alone, fits};
use super::sums::{digits, luhn, monotonous, number, verhoeff, weighted};
use crate::rule::Rule;

const BSN: &[&str] = &[
    "bsn",
    "burgerservicenummer",
    "sofinummer",
    "sofi",
    "persoonsnummer",
    "citizen",
];
const NRN: &[&str] = &[
    "rijksregister",
    "rijksregisternummer",
    "insz",
    "niss",
    "national",
    "nationaal",
    "registre",
    "rrn",
    "nrn",
    "identificatienummer",
];
const LU: &[&str] = &["matricule", "cns", "ccss", "national", "luxembourg"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "nl-bsn",
            "A Dutch citizen service number (BSN)",
            &["nl"],
            r"\d{4}\.?\d{2}\.?\d{3}|\d{3}[ .-]\d{3}[ .-]\d{3}",
            fits!(bsn, 0.3, 0.45),
            BSN,
        ),
        alone(
            "be-national-number",
            "A Belgian national register number",
            &["be"],
            r"\d{2}[. ]?\d{2}[. ]?\d{2}[- ]?\d{3}[. ]?\d{2}",
            fits!(national, 0.5, 0.9),
            NRN,
        ),
        alone(
            "lu-matricule",
            "A Luxembourgish national number",
            &["lu"],
            r"(?:19|20)\d{11}",
            fits!(matricule, 0.6, 0.6),
            LU,
        ),
    ]
}

/// The eleven test: weights from 9 to 2, and the last counts against.
fn bsn(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let sum = weighted(&all, &[9, 8, 7, 6, 5, 4, 3, 2]);
        sum % 11 == u32::from(all[8]) && !monotonous(&all)
    })
}

/// 97 less the rest of the first nine digits, with 2 in front for those born since 2000. The month is 20 or
/// 40 more in numbers given to people who are not in the register, and 0 where it is not known.
fn national(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let (body, check) = (number(&all[..9]), number(&all[9..]));
        let month = dates::pair(all[2], all[3]) % 20;
        let born = month <= 12 && dates::pair(all[4], all[5]) <= 31 && all[2] < 6;
        let fits = |body: u64| 97 - body % 97 == check;
        born && (fits(body) || fits(2_000_000_000 + body)) && !monotonous(&all)
    })
}

/// A birthday, a serial, then Luhn's and Verhoeff's digit of the same eleven.
fn matricule(text: &str) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let year = number(&all[..4]) as u32;
        let mut other = [0; 12];
        other[..11].copy_from_slice(&all[..11]);
        other[11] = all[12];
        dates::exists(
            year,
            dates::pair(all[4], all[5]),
            dates::pair(all[6], all[7]),
        ) && luhn(&all[..12])
            && verhoeff(&other)
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn registers() {
        takes(
            "nl-bsn",
            "BSN",
            &["111222333", "1112.22.333", "111.222.333", "123456782"],
            &["111252333", "123456781"],
        );
        refuses("nl-bsn", "bestelling 123456782");
        takes(
            "be-national-number",
            "rijksregisternummer",
            &["85.07.30-033.28", "85073003328", "17.07.30-033.84"],
            &["85.07.30-033.29", "85.17.30-033.28"],
        );
        finds("be-national-number", "85.07.30-033.28", "85.07.30-033.28");
        takes(
            "lu-matricule",
            "matricule",
            &["1980011512341"],
            &["1980011512342", "1980131512341"],
        );
    }
}
