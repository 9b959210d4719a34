//! Estonia, Lithuania, Latvia.

use super::dates;
use super::draft::{alone, fits};
use super::sums::{digits, monotonous, weighted};
use crate::rule::Rule;

const EE: &[&str] = &[
    "isikukood",
    "isikukoodi",
    "ik",
    "personal",
    "identification",
];
const LT: &[&str] = &["asmens", "kodas", "personal", "identification"];
const LV: &[&str] = &["personas", "kods", "pk", "personal"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "ee-isikukood",
            "An Estonian personal code",
            &["ee"],
            r"[1-8]\d{10}",
            fits!(personal, 0.4, 0.4),
            EE,
        ),
        alone(
            "lt-asmens-kodas",
            "A Lithuanian personal code",
            &["lt"],
            r"[1-6]\d{10}",
            fits!(personal, 0.4, 0.4),
            LT,
        ),
        alone(
            "lv-personas-kods",
            "A Latvian personal code",
            &["lv"],
            r"\d{6}-?[012]\d{4}",
            fits!(latvian, 0.3, 0.7),
            LV,
        ),
    ]
}

/// Century and sex, birthday, serial; a rest of 10 is tried again with other weights.
fn personal(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [_, y1, y2, m1, m2, d1, d2, ..] = all;
        let first = weighted(&all, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
        let check = if first < 10 {
            first
        } else {
            weighted(&all, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10
        };
        dates::yymmdd([y1, y2, m1, m2, d1, d2]) && check == u32::from(all[10]) && !monotonous(&all)
    })
}

/// The form with a birthday, which was given until 2017.
fn latvian(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [d1, d2, m1, m2, y1, y2, ..] = all;
        let sum = 1 + weighted(&all, &[10, 5, 8, 4, 2, 1, 6, 3, 7, 9]);
        dates::ddmmyy([d1, d2, m1, m2, y1, y2]) && sum % 11 % 10 == u32::from(all[10])
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn codes() {
        takes(
            "ee-isikukood",
            "isikukood",
            &["36805280109"],
            &["36805280108", "36813280109"],
        );
        takes(
            "lt-asmens-kodas",
            "asmens kodas",
            &["33309240064"],
            &["33309240065"],
        );
        takes(
            "lv-personas-kods",
            "personas kods",
            &["161175-19997", "16117519997"],
            &["161375-19997", "161175-19998"],
        );
        finds("lv-personas-kods", "161175-19997", "161175-19997");
        refuses("ee-isikukood", "36805280109");
    }
}
