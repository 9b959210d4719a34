//! Poland, Czechia, Slovakia, Hungary, Romania, Bulgaria, and the lands of former Yugoslavia.

mod south;

use super::dates;
use super::draft::{alone, fits};
use super::sums::{digits, monotonous, number, weighted};
use crate::rule::Rule;

const PL: &[&str] = &["pl"];
const PESEL: &[&str] = &["pesel", "ewidencyjny", "peselu"];
const NIP: &[&str] = &["nip", "podatkowy", "podatnika", "vat"];
const REGON: &[&str] = &["regon"];
const DOWOD: &[&str] = &[
    "dowód",
    "dowodu",
    "dowod",
    "osobisty",
    "osobistego",
    "dowodem",
];
const RC: &[&str] = &["rodné", "rodne", "rč", "rc", "číslo", "rodného"];
const HU_TAX: &[&str] = &["adóazonosító", "adóazonosítója", "adószám", "adojel", "tax"];
const HU_TAJ: &[&str] = &["taj", "tajszám", "társadalombiztosítási", "social"];

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = vec![
        alone(
            "pl-pesel",
            "A Polish personal number (PESEL)",
            PL,
            r"\d{11}",
            fits!(pesel, 0.4, 0.4),
            PESEL,
        ),
        alone(
            "pl-nip",
            "A Polish taxpayer's number (NIP)",
            PL,
            r"(?:PL ?)?(?:\d{10}|\d{3}-\d{3}-\d{2}-\d{2}|\d{3}-\d{2}-\d{2}-\d{3})",
            fits!(nip, 0.3, 0.7),
            NIP,
        ),
        alone(
            "pl-regon",
            "A Polish firm's number (REGON)",
            PL,
            r"\d{9}(?:\d{5})?",
            fits!(regon, 0.3, 0.3),
            REGON,
        ),
        alone(
            "pl-dowod",
            "A Polish identity card's number",
            PL,
            r"[A-Z]{3} ?\d{6}",
            fits!(dowod, 0.4, 0.4),
            DOWOD,
        ),
        alone(
            "cz-rodne-cislo",
            "A Czech or Slovak birth number",
            &["cz", "sk"],
            r"\d{6}/?\d{3,4}",
            fits!(birth_number, 0.3, 0.7),
            RC,
        ),
        alone(
            "hu-tax-id",
            "A Hungarian person's tax number",
            &["hu"],
            r"8\d{9}",
            fits!(hungarian_tax, 0.3, 0.3),
            HU_TAX,
        ),
        alone(
            "hu-taj",
            "A Hungarian social insurance number (TAJ)",
            &["hu"],
            r"\d{3}[ -]?\d{3}[ -]?\d{3}",
            fits!(taj, 0.3, 0.4),
            HU_TAJ,
        ),
    ];
    rules.extend(south::rules());
    rules
}

/// A birthday whose month is 80, 20, 40 or 60 more in other centuries than the twentieth.
fn pesel(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [y1, y2, m1, m2, d1, d2, ..] = all;
        let month = dates::pair(m1 % 2, m2);
        let born = dates::exists(2000 + dates::pair(y1, y2), month, dates::pair(d1, d2));
        born && weighted(&all, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]).is_multiple_of(10)
            && !monotonous(&all)
    })
}

fn nip(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| {
        weighted(&all, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 == u32::from(all[9]) && !monotonous(&all)
    })
}

fn regon(text: &str) -> bool {
    let nine = text.get(..9).and_then(digits::<9>).is_some_and(|all| {
        weighted(&all, &[8, 9, 2, 3, 4, 5, 6, 7]) % 11 % 10 == u32::from(all[8])
            && !monotonous(&all)
    });
    let long = digits::<14>(text).is_none_or(|all| {
        weighted(&all, &[2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11 % 10 == u32::from(all[13])
    });
    nine && long
}

/// Letters and digits by 7, 3, 1, of which the check digit is the first digit.
fn dowod(text: &str) -> bool {
    super::sums::signs::<9>(text).is_some_and(|all| {
        let weights = [7, 3, 1, 9, 7, 3, 1, 7, 3];
        let sum: u32 = all
            .iter()
            .zip(weights)
            .map(|(sign, weight)| super::sums::worth(*sign) * weight)
            .sum();
        sum.is_multiple_of(10)
    })
}

/// Ten digits by 11 are 0 (or 10 where the check digit is 0, until 1985). 50 is added to women's months,
/// 20 where numbers ran out. Nine digits without a check were given until 1953.
fn birth_number(text: &str) -> bool {
    let born = |y1, y2, m1: u8, m2, d1, d2| {
        let month = dates::pair(m1, m2) % 50;
        let month = if month > 20 { month - 20 } else { month };
        dates::exists(2000 + dates::pair(y1, y2), month, dates::pair(d1, d2))
    };
    if let Some([y1, y2, m1, m2, d1, d2, a, b, c, check]) = digits::<10>(text) {
        let rest = number(&[y1, y2, m1, m2, d1, d2, a, b, c]) % 11 % 10;
        return born(y1, y2, m1, m2, d1, d2) && rest == u64::from(check);
    }
    // Nine bare digits with a possible day are too many; the slash makes the difference.
    digits::<9>(text).is_some_and(|[y1, y2, m1, m2, d1, d2, ..]| {
        text.contains('/') && dates::pair(y1, y2) < 54 && born(y1, y2, m1, m2, d1, d2)
    })
}

fn hungarian_tax(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| {
        weighted(&all, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == u32::from(all[9]) && !monotonous(&all)
    })
}

fn taj(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| {
        weighted(&all, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == u32::from(all[8]) && !monotonous(&all)
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn poland() {
        takes(
            "pl-pesel",
            "PESEL",
            &["44051401359", "02070803628"],
            &["44051401358", "44131401359"],
        );
        refuses("pl-pesel", "zamówienie 44051401359");
        takes(
            "pl-nip",
            "NIP",
            &["856-734-62-15", "8567346215", "PL8567346215"],
            &["8567346216"],
        );
        finds("pl-nip", "856-734-62-15", "856-734-62-15");
        takes(
            "pl-regon",
            "REGON",
            &["192598184", "12345678512347"],
            &["192598183", "12345678612342"],
        );
        takes(
            "pl-dowod",
            "dowód osobisty",
            &["ABA300000", "ABA 300000"],
            &["ABA400000"],
        );
    }

    #[test]
    fn the_middle() {
        takes(
            "cz-rodne-cislo",
            "rodné číslo",
            &["710319/2745", "7103192745", "531231/123"],
            &["710319/2746", "711419/2745"],
        );
        refuses("cz-rodne-cislo", "7103192745");
        takes(
            "hu-tax-id",
            "adóazonosító",
            &["8071592153"],
            &["8071592152", "7071592153"],
        );
        takes(
            "hu-taj",
            "TAJ",
            &["123 456 788", "123456788"],
            &["123 456 789"],
        );
    }
}
