//! International bank account numbers (ISO 13616): the length follows from the country, and the rest by
//! 97 is 1.

use crate::pii::draft;
use crate::pii::sums::mod_97;
use crate::rule::{Candidate, Checked, Rule};

/// Countries by the length of their numbers, as the SWIFT registry has them.
const LENGTHS: [(usize, &str); 19] = [
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FK FO GL NL SD"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU MN XK"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO EG GT HN HU LB NI PL SV"),
    (29, "BR PS QA UA"),
    (30, "JO KW MU"),
    (31, "MT SC YE"),
    (32, "LC"),
    (33, "RU"),
    (28, "GA"),
];

pub(super) fn rule(words: &'static [&'static str]) -> Rule {
    // One branch for each length, so that the match ends where the number does though words of capitals
    // follow it.
    let branches: Vec<String> = LENGTHS
        .iter()
        .map(|(length, countries)| branch(*length, countries))
        .collect();
    let pattern = format!(r"\b({})\b(?:[-/]\w)?", branches.join("|"));
    draft::rule(
        "iban",
        "An international bank account number (IBAN)",
        &[],
        pattern,
        check,
        words,
    )
}

fn branch(length: usize, countries: &str) -> String {
    let rest = length - 4;
    let last = match rest % 4 {
        0 => String::new(),
        more => format!("[ -]?[A-Za-z0-9]{{{more}}}"),
    };
    let countries = countries.replace(' ', "|");
    format!(
        r"(?i:{countries})\d{{2}}(?:[ -]?[A-Za-z0-9]{{4}}){{{}}}{last}",
        rest / 4
    )
}

fn check(candidate: &Candidate<'_>) -> Checked {
    let signs = || {
        candidate
            .text
            .bytes()
            .filter(u8::is_ascii_alphanumeric)
            .map(|sign| sign.to_ascii_uppercase())
    };
    let turned = signs().skip(4).chain(signs().take(4));
    let fits = mod_97(turned) == 1 && draft::apart(candidate);
    // Words in small letters with spaces between them are seldom an account.
    let digits = signs().filter(u8::is_ascii_digit).count();
    if fits && digits >= 8 {
        Checked::Sure
    } else {
        Checked::No
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses};

    #[test]
    fn numbers_of_many_countries_are_found() {
        for iban in [
            "DE89370400440532013000",
            "DE89 3704 0044 0532 0130 00",
            "GB29 NWBK 6016 1331 9268 19",
            "NO9386011117947",
            "FR14 2004 1010 0505 0001 3M02 606",
            "BE68 5390 0754 7034",
            "NL91ABNA0417164300",
            "MT84MALT011000012345MTLCAST001S",
            "ch93 0076 2011 6238 5295 7",
            "PL61109010140000071219812874",
            "BR1800360305000010009795493C1",
            "SE45 5000 0000 0583 9825 7466",
        ] {
            finds("iban", &format!("to {iban} BIC DEUTDEFF"), iban);
            finds("iban", &format!("IBAN:{iban}."), iban);
        }
    }

    #[test]
    fn a_wrong_digit_length_or_country_is_refused() {
        for text in [
            "DE89370400440532013001",
            "DE8937040044053201300",
            "DE893704004405320130000",
            "XX89370400440532013000",
            "DE98 3704 0044 0532 0130 00",
            "xDE89370400440532013000",
        ] {
            refuses("iban", text);
        }
    }
}
