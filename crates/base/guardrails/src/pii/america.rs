//! The United States and Canada.

mod papers;

use super::draft::{self, alone, fits, graded, labelled};
use super::sums::{digits, luhn, monotonous, number, weighted};
use crate::rule::{Candidate, Checked, Rule};

const US: &[&str] = &["us"];
const SSN: &[&str] = &[
    "ssn", "ssns", "social", "socials", "ss", "ssa", "taxpayer", "seguro",
];
const ITIN: &[&str] = &["itin", "tin", "taxpayer", "individual"];
const NPI: &[&str] = &["npi", "provider", "npin", "prescriber", "physician"];
const ABA: &[&str] = &["aba", "routing", "rtn", "transit", "ach", "fedwire"];
const SIN: &[&str] = &["sin", "sins", "social", "insurance", "nas", "assurance"];

pub(super) fn rules() -> Vec<Rule> {
    let nine = r"\d{3}[-. ]?\d{2}[-. ]?\d{4}";
    let mut rules = vec![
        alone("us-ssn", "A US Social Security number", US, nine, ssn, SSN),
        alone(
            "us-itin",
            "A US individual taxpayer number",
            US,
            r"9\d{2}[- ]?\d{2}[- ]?\d{4}",
            itin,
            ITIN,
        ),
        alone(
            "us-npi",
            "A US healthcare provider's number",
            US,
            r"[12]\d{9}",
            fits!(npi, 0.3, 0.3),
            NPI,
        ),
        alone(
            "us-aba-routing",
            "A US bank's routing number",
            US,
            r"[0-368]\d{3}-?\d{4}-?\d",
            fits!(aba, 0.3, 0.4),
            ABA,
        ),
        labelled(
            "us-bank-account",
            "A US bank account number beside a word for it",
            US,
            r"(?:bank|checking|savings?|debit|deposit)[ _-]{1,2}(?:account|acct|a/c)|(?:account|acct|a/c)[ ._]{0,2}(?:number|num|no\b|nr|#)",
            r"\d{8,17}",
            account,
        ),
        alone(
            "ca-sin",
            "A Canadian social insurance number",
            &["ca"],
            r"[1-79]\d{2}[- ]?\d{3}[- ]?\d{3}",
            fits!(sin, 0.3, 0.6),
            SIN,
        ),
    ];
    rules.extend(papers::rules());
    rules
}

fn ssn(candidate: &Candidate<'_>) -> Checked {
    let Some(all) = digits::<9>(candidate.text) else {
        return Checked::No;
    };
    let value = number(&all);
    let (area, group, serial) = (value / 1_000_000, value / 10_000 % 100, value % 10_000);
    // 20 CFR 422.103 and the SSA's list of what was never given; the last are those of advertisements.
    let never = matches!(area, 0 | 666 | 900..) || group == 0 || serial == 0;
    let known = matches!(value, 78_051_120 | 219_099_999 | 123_456_789);
    let separators: Vec<u8> = candidate
        .text
        .bytes()
        .filter(|sign| !sign.is_ascii_digit())
        .collect();
    let formed = match separators[..] {
        [] => 0.1,
        [b'-', b'-'] => 0.7,
        [first, second] if first == second => 0.3,
        _ => return Checked::No,
    };
    if never || known || monotonous(&all) || !draft::apart(candidate) {
        return Checked::No;
    }
    Checked::Score(formed)
}

fn itin(candidate: &Candidate<'_>) -> Checked {
    fn given(text: &str) -> bool {
        // IRS Publication 1915: the fourth and fifth digits.
        digits::<9>(text).is_some_and(
            |all| matches!(number(&all) / 10_000 % 100, 50..=65 | 70..=88 | 90..=92 | 94..=99),
        )
    }
    graded(
        candidate,
        given,
        0.1,
        if candidate.text.len() == 11 { 0.6 } else { 0.2 },
    )
}

/// Luhn with the prefix 80840 (45 CFR 162.406), which adds 24 to the sum.
fn npi(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| (super::sums::luhn_sum(&all) + 24).is_multiple_of(10))
}

fn aba(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let district = number(&all) / 10_000_000;
        matches!(district, 0..=12 | 21..=32 | 61..=72 | 80)
            && weighted(&all, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
            && !monotonous(&all)
    })
}

fn account(candidate: &Candidate<'_>) -> Checked {
    let same = candidate
        .text
        .as_bytes()
        .windows(2)
        .all(|pair| pair.first() == pair.last());
    if same || !draft::apart(candidate) {
        Checked::No
    } else {
        Checked::Maybe
    }
}

fn sin(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| luhn(&all) && !monotonous(&all))
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn social_security() {
        takes(
            "us-ssn",
            "SSN",
            &["536-90-4399", "536904399", "536 90 4399"],
            &[
                "000-12-3456",
                "666-12-3456",
                "912-12-3456",
                "536-00-4399",
                "536-90-0000",
                "078-05-1120",
                "536-90 4399",
                "111-11-1111",
            ],
        );
        finds("us-ssn", "it is 536-90-4399", "536-90-4399");
        refuses("us-ssn", "order 536904399 of 2024-01-02");
        takes(
            "us-itin",
            "ITIN",
            &["912-70-1234", "912701234"],
            &["912-69-1234", "812-70-1234"],
        );
        takes(
            "ca-sin",
            "SIN",
            &["130 692 544", "130-692-544", "130692544"],
            &["130 692 545", "046 454 286"],
        );
        refuses("ca-sin", "order 130692544");
    }

    #[test]
    fn providers_and_banks() {
        takes(
            "us-npi",
            "NPI",
            &["1245319599", "1234567893"],
            &["1234567890", "3245319599"],
        );
        refuses("us-npi", "at 1700000008 seconds");
        takes(
            "us-aba-routing",
            "routing",
            &["021000021", "121000358", "011401533"],
            &["021000022", "501000021"],
        );
        finds(
            "us-bank-account",
            "Bank account number is 945456787654",
            "945456787654",
        );
        finds("us-bank-account", "acct no: 12345678", "12345678");
        refuses("us-bank-account", "account manager called 12345678 times");
        refuses("us-bank-account", "945456787654");
    }
}
