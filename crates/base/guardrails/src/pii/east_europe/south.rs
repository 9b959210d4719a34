//! Romania, Bulgaria, Croatia, Slovenia, Serbia and their neighbours.

use crate::pii::dates;
use crate::pii::draft::{alone, fits};
use crate::pii::sums::{digits, mod_11_10, monotonous, weighted};
use crate::rule::Rule;

const CNP: &[&str] = &["cnp", "numeric", "personal"];
const EGN: &[&str] = &["егн", "egn", "единен", "граждански"];
const OIB: &[&str] = &["oib", "osobni", "identifikacijski"];
const JMBG: &[&str] = &[
    "jmbg",
    "emšo",
    "emso",
    "jmb",
    "јмбг",
    "matični",
    "матични",
    "ембг",
    "embg",
];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "ro-cnp",
            "A Romanian personal code (CNP)",
            &["ro"],
            r"[1-9]\d{12}",
            fits!(cnp, 0.4, 0.4),
            CNP,
        ),
        alone(
            "bg-egn",
            "A Bulgarian civil number (EGN)",
            &["bg"],
            r"\d{10}",
            fits!(egn, 0.3, 0.3),
            EGN,
        ),
        alone(
            "hr-oib",
            "A Croatian personal number (OIB)",
            &["hr"],
            r"\d{11}",
            fits!(oib, 0.3, 0.3),
            OIB,
        ),
        alone(
            "rs-jmbg",
            "A citizen's number of former Yugoslavia (JMBG, EMŠO)",
            &["rs", "si", "ba", "me", "mk"],
            r"\d{13}",
            fits!(jmbg, 0.4, 0.4),
            JMBG,
        ),
    ]
}

/// Sex and century, birthday, county, serial.
fn cnp(text: &str) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let [_, y1, y2, m1, m2, d1, d2, c1, c2, ..] = all;
        let rest = weighted(&all, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        let county = matches!(dates::pair(c1, c2), 1..=48 | 51 | 52 | 70 | 80..=83);
        let check = if rest == 10 { 1 } else { rest };
        dates::yymmdd([y1, y2, m1, m2, d1, d2]) && county && check == u32::from(all[12])
    })
}

/// 20 is added to months of the nineteenth century, 40 to those of the twenty-first.
fn egn(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [y1, y2, m1, m2, d1, d2, ..] = all;
        let month = dates::pair(m1, m2);
        let month = if month > 40 {
            month - 40
        } else if month > 20 {
            month - 20
        } else {
            month
        };
        let born = dates::exists(2000 + dates::pair(y1, y2), month, dates::pair(d1, d2));
        born && weighted(&all, &[2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11 % 10 == u32::from(all[9])
    })
}

fn oib(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| mod_11_10(&all) && !monotonous(&all))
}

/// Day, month, three digits of the year, region, serial.
fn jmbg(text: &str) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let [d1, d2, m1, m2, y0, y1, y2, ..] = all;
        let year = u32::from(y0) * 100 + dates::pair(y1, y2) + if y0 > 7 { 1000 } else { 2000 };
        let rest = weighted(&all, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        let check = if rest < 2 { 0 } else { 11 - rest };
        dates::exists(year, dates::pair(m1, m2), dates::pair(d1, d2)) && check == u32::from(all[12])
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{refuses, takes};

    #[test]
    fn the_south() {
        takes(
            "ro-cnp",
            "CNP",
            &["1630615123457"],
            &["1630615123458", "1631315123457"],
        );
        takes(
            "bg-egn",
            "ЕГН",
            &["7523169263", "8032056031"],
            &["8032056032"],
        );
        takes("hr-oib", "OIB", &["33392005961"], &["33392005962"]);
        takes(
            "rs-jmbg",
            "JMBG",
            &["0101006500006"],
            &["0101006500007", "0113006500006"],
        );
        refuses("ro-cnp", "1630615123457");
    }
}
