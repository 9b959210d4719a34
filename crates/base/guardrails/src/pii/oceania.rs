//! Australia and New Zealand.

use super::draft::{alone, fits};
use super::sums::{digits, monotonous, weighted};
use crate::rule::Rule;

const AU: &[&str] = &["au"];
const TFN: &[&str] = &["tfn", "tax", "ato"];
const ABN: &[&str] = &["abn", "business"];
const ACN: &[&str] = &["acn", "company"];
const MEDICARE: &[&str] = &["medicare"];
const IRD: &[&str] = &["ird", "inland", "tax"];

pub(super) fn rules() -> Vec<Rule> {
    let nine = r"\d{3} ?\d{3} ?\d{3}";
    vec![
        alone(
            "au-tfn",
            "An Australian tax file number",
            AU,
            r"\d{3}[ -]?\d{3}[ -]?\d{2,3}",
            fits!(tfn, 0.3, 0.45),
            TFN,
        ),
        alone(
            "au-abn",
            "An Australian business number",
            AU,
            r"[1-9]\d ?\d{3} ?\d{3} ?\d{3}",
            fits!(abn, 0.4, 0.7),
            ABN,
        ),
        alone(
            "au-acn",
            "An Australian company's number",
            AU,
            nine,
            fits!(acn, 0.3, 0.45),
            ACN,
        ),
        alone(
            "au-medicare",
            "An Australian Medicare card's number",
            AU,
            r"[2-6]\d{3}[ -]?\d{5}[ -]?\d(?:[-/ ]?[1-9])?",
            fits!(medicare, 0.3, 0.6),
            MEDICARE,
        ),
        alone(
            "nz-ird",
            "A New Zealand tax number",
            &["nz"],
            r"\d{2,3}[ -]?\d{3}[ -]?\d{3}",
            fits!(ird, 0.3, 0.4),
            IRD,
        ),
    ]
}

fn tfn(text: &str) -> bool {
    let nine = digits::<9>(text).is_some_and(|all| {
        weighted(&all, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && !monotonous(&all)
    });
    nine || digits::<8>(text).is_some_and(|all| {
        weighted(&all, &[10, 7, 8, 4, 6, 3, 5, 1]).is_multiple_of(11) && !monotonous(&all)
    })
}

/// One less in the first digit, then by 89.
fn abn(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let sum = weighted(&all, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
        all[0] > 0 && (sum - 10).is_multiple_of(89)
    })
}

fn acn(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let sum = weighted(&all, &[8, 7, 6, 5, 4, 3, 2, 1]);
        (10 - sum % 10) % 10 == u32::from(all[8]) && !monotonous(&all)
    })
}

/// The ninth digit is the check; the tenth counts cards, an eleventh the person on the card.
fn medicare(text: &str) -> bool {
    let fits = |all: &[u8]| {
        let (check, body) = (all.get(8).copied(), all.get(..8).unwrap_or_default());
        check.map(u32::from) == Some(weighted(body, &[1, 3, 7, 9, 1, 3, 7, 9]) % 10)
            && !monotonous(all)
    };
    digits::<10>(text).is_some_and(|all| fits(&all) && all[9] > 0)
        || digits::<11>(text).is_some_and(|all| fits(&all) && all[9] > 0)
}

/// By 11 with one set of weights, and with another where the first gives 10.
fn ird(text: &str) -> bool {
    let Some(all) = digits::<9>(text)
        .or_else(|| digits::<8>(text).map(|[a, b, c, d, e, f, g, h]| [0, a, b, c, d, e, f, g, h]))
    else {
        return false;
    };
    let by = |weights: &[u32]| (11 - weighted(&all, weights) % 11) % 11;
    let first = by(&[3, 2, 7, 6, 5, 4, 3, 2]);
    let check = if first == 10 {
        by(&[7, 4, 3, 2, 5, 2, 7, 6])
    } else {
        first
    };
    let value = super::sums::number(&all);
    check == u32::from(all[8]) && (10_000_000..150_000_000).contains(&value)
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn numbers() {
        takes(
            "au-tfn",
            "TFN",
            &["123 456 782", "123456782"],
            &["123 456 783", "999999999"],
        );
        refuses("au-tfn", "123456782");
        takes(
            "au-abn",
            "ABN",
            &["83 914 571 673", "51824753556"],
            &["99 999 999 999", "51824753557"],
        );
        finds("au-abn", "51 824 753 556", "51 824 753 556");
        takes(
            "au-acn",
            "ACN",
            &["004 085 616", "010499966"],
            &["999 999 999", "004 085 617"],
        );
        takes(
            "au-medicare",
            "Medicare",
            &["2123 45670 1", "2123456701", "2123 45670 1/1"],
            &["2123 45671 1", "7123456701"],
        );
        takes(
            "nz-ird",
            "IRD",
            &["49-091-850", "136410132"],
            &["136410133", "9125568"],
        );
    }
}
