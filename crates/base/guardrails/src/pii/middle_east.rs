//! Greece, Türkiye, Israel, the United Arab Emirates.

use super::dates;
use super::draft::{alone, fits};
use super::sums::{digits, luhn, monotonous};
use crate::rule::Rule;

const AMKA: &[&str] = &["αμκα", "amka", "ασφαλισμένου", "α", "μ"];
const AFM: &[&str] = &["αφμ", "afm", "φορολογικού", "vat", "tin"];
const TCKN: &[&str] = &["tckn", "tc", "kimlik", "kimliği", "vatandaşlık", "nüfus"];
const IL: &[&str] = &["תעודת", "זהות", "teudat", "zehut", "ת", "identity", "id"];
const AE: &[&str] = &["emirates", "eid", "هوية", "الهوية", "identity"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "gr-amka",
            "A Greek social security number (AMKA)",
            &["gr"],
            r"\d{11}",
            fits!(amka, 0.4, 0.4),
            AMKA,
        ),
        alone(
            "gr-afm",
            "A Greek taxpayer's number (AFM)",
            &["gr"],
            r"\d{9}",
            fits!(afm, 0.3, 0.3),
            AFM,
        ),
        alone(
            "tr-tckn",
            "A Turkish identity number",
            &["tr"],
            r"[1-9]\d{10}",
            fits!(tckn, 0.4, 0.4),
            TCKN,
        ),
        alone(
            "il-id",
            "An Israeli identity number",
            &["il"],
            r"\d{8}-?\d",
            fits!(israeli, 0.3, 0.4),
            IL,
        ),
        alone(
            "ae-emirates-id",
            "An identity number of the United Arab Emirates",
            &["ae"],
            r"784-?(?:19|20)\d{2}-?\d{7}-?\d",
            fits!(emirates, 0.7, 0.9),
            AE,
        ),
    ]
}

fn amka(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [d1, d2, m1, m2, y1, y2, ..] = all;
        dates::ddmmyy([d1, d2, m1, m2, y1, y2]) && luhn(&all)
    })
}

/// Powers of two from the right, by 11, by 10.
fn afm(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let sum = all[..8]
            .iter()
            .fold(0, |sum, digit| (sum + u32::from(*digit)) * 2);
        sum % 11 % 10 == u32::from(all[8]) && !monotonous(&all)
    })
}

/// Seven times the odd places less the even ones; then the sum of ten.
fn tckn(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [a, b, c, d, e, f, g, h, i, tenth, last] = all.map(i32::from);
        let (odd, even) = (a + c + e + g + i, b + d + f + h);
        (odd * 7 - even).rem_euclid(10) == tenth && (odd + even + tenth) % 10 == last
    })
}

fn israeli(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| luhn(&all) && !monotonous(&all))
}

fn emirates(text: &str) -> bool {
    digits::<15>(text).is_some_and(|all| luhn(&all))
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn numbers() {
        takes(
            "gr-amka",
            "ΑΜΚΑ",
            &["01013099997"],
            &["01013099999", "32013099997"],
        );
        takes("gr-afm", "ΑΦΜ", &["094259216", "023456780"], &["123456781"]);
        takes(
            "tr-tckn",
            "kimlik",
            &["17291716060"],
            &["17291716050", "07291716060", "17291716061"],
        );
        refuses("tr-tckn", "sipariş 17291716060");
        takes(
            "il-id",
            "זהות",
            &["039337423", "03933742-3"],
            &["039337422"],
        );
        takes(
            "ae-emirates-id",
            "Emirates",
            &["784-1970-1234567-0", "784197012345670"],
            &["784-1970-1234567-7"],
        );
        finds("ae-emirates-id", "784-1970-1234567-0", "784-1970-1234567-0");
    }
}
