//! Brazil: CPF of people, CNPJ of firms (with letters as well, since July 2026).

use crate::pii::draft::{self, alone, fits};
use crate::pii::sums::{digits, monotonous, signs};
use crate::rule::{Candidate, Checked, Rule};

const CPF: &[&str] = &["cpf", "contribuinte", "pessoa", "física", "fisica"];
const CNPJ: &[&str] = &["cnpj", "empresa", "jurídica", "juridica"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "br-cpf",
            "A Brazilian person's taxpayer number (CPF)",
            &["br"],
            r"\d{3}\.\d{3}\.\d{3}-\d{2}|\d{9}-?\d{2}",
            fits!(cpf, 0.4, 0.9),
            CPF,
        ),
        alone(
            "br-cnpj",
            "A Brazilian firm's taxpayer number (CNPJ)",
            &["br"],
            r"[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}|[0-9A-Z]{8}/?[0-9A-Z]{4}-?\d{2}",
            cnpj,
            CNPJ,
        ),
    ]
}

fn cpf(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let check = |length: usize| {
            let pairs = all
                .iter()
                .take(length)
                .zip((2..).map(|back| length as u32 + 3 - back));
            let sum: u32 = pairs
                .map(|(digit, weight)| u32::from(*digit) * weight)
                .sum();
            sum * 10 % 11 % 10
        };
        check(9) == u32::from(all[9]) && check(10) == u32::from(all[10]) && !monotonous(&all)
    })
}

fn cnpj(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        // A letter is worth its ASCII code less 48 (Receita Federal, Nota COCAD 49/2024).
        signs::<14>(text).is_some_and(|all| {
            let check = |length: usize| {
                let worths = all
                    .iter()
                    .take(length)
                    .rev()
                    .map(|sign| u32::from(sign.saturating_sub(b'0')));
                let sum: u32 = worths
                    .zip((2..=9).cycle())
                    .map(|(worth, weight)| worth * weight)
                    .sum();
                let rest = sum % 11;
                if rest < 2 { 0 } else { 11 - rest }
            };
            check(12) == u32::from(all[12] - b'0')
                && check(13) == u32::from(all[13] - b'0')
                && !monotonous(&all)
        })
    }
    // The branch is mostly the first: 0001 in the middle tells one from any other fourteen signs.
    let first = signs::<14>(candidate.text).is_some_and(|all| all[8..12] == *b"0001");
    draft::graded(candidate, fits, if first { 0.6 } else { 0.3 }, 0.95)
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn taxpayers() {
        takes(
            "br-cpf",
            "CPF",
            &["390.533.447-05", "39053344705", "390533447-05"],
            &["390.533.447-06", "111.111.111-11", "390.533.447-5"],
        );
        finds("br-cpf", "é 390.533.447-05.", "390.533.447-05");
        refuses("br-cpf", "39053344705");
        takes(
            "br-cnpj",
            "CNPJ",
            &["16.727.230/0001-97", "16727230000197", "12.ABC.345/01DE-35"],
            &["16.727.230/0001-98", "12.ABC.345/01DE-36"],
        );
        finds("br-cnpj", "16.727.230/0001-97", "16.727.230/0001-97");
        refuses("br-cnpj", "at 20240101123045");
    }
}
