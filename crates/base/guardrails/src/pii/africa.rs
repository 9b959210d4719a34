//! South Africa and Nigeria.

use super::dates;
use super::draft::{self, alone, fits, labelled};
use super::sums::{digits, luhn};
use crate::rule::{Candidate, Checked, Rule};

const ZA: &[&str] = &["id", "identity", "identiteit", "rsa", "sa"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "za-id",
            "A South African identity number",
            &["za"],
            r"\d{6} ?\d{4} ?[012]\d{2}",
            fits!(south_african, 0.4, 0.6),
            ZA,
        ),
        labelled(
            "ng-nin",
            "A Nigerian national identification number beside a word for it",
            &["ng"],
            r"\bNIN\b|national identification number",
            r"\d{11}",
            nigerian,
        ),
    ]
}

/// A birthday, a serial, citizenship, Luhn.
fn south_african(text: &str) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let [y1, y2, m1, m2, d1, d2, ..] = all;
        dates::yymmdd([y1, y2, m1, m2, d1, d2]) && luhn(&all)
    })
}

fn nigerian(candidate: &Candidate<'_>) -> Checked {
    let fits = digits::<11>(candidate.text).is_some_and(|all| super::sums::verhoeff(&all));
    match (draft::apart(candidate), fits) {
        (false, _) => Checked::No,
        (true, true) => Checked::Score(0.9),
        (true, false) => Checked::Score(0.6),
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn numbers() {
        takes(
            "za-id",
            "ID",
            &["7503305044089", "750330 5044 089"],
            &["7503305044088", "7513305044089", "7503305044387"],
        );
        refuses("za-id", "7503305044089");
        finds("ng-nin", "my NIN is 12345678901", "12345678901");
        refuses("ng-nin", "12345678901");
    }
}
