//! Sweden, Finland, Denmark, Norway, Iceland.

use super::dates;
use super::draft::{self, alone, fits};
use super::sums::{digits, luhn, monotonous, number, weighted};
use crate::rule::{Candidate, Checked, Rule};

const SE: &[&str] = &[
    "personnummer",
    "personnr",
    "samordningsnummer",
    "pnr",
    "person",
    "födelsenummer",
    "identity",
    "personal",
];
const SE_FIRM: &[&str] = &[
    "organisationsnummer",
    "orgnr",
    "org",
    "organisationsnr",
    "företag",
];
const FI: &[&str] = &[
    "henkilötunnus",
    "hetu",
    "henkilötunnuksesi",
    "sotu",
    "personbeteckning",
    "identity",
];
const DK: &[&str] = &["cpr", "personnummer", "cprnummer", "cprnr", "personnr"];
const NO: &[&str] = &[
    "fødselsnummer",
    "personnummer",
    "fnr",
    "fødselsnr",
    "personnr",
    "dnummer",
];
const IS: &[&str] = &["kennitala", "kt", "kennitölu", "kennitalan"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "se-personnummer",
            "A Swedish personal or coordination number",
            &["se"],
            r"(?:19|20)?\d{6}[-+]?\d{4}",
            swedish,
            SE,
        ),
        alone(
            "se-organisationsnummer",
            "A Swedish organisation's number",
            &["se"],
            r"[235-9]\d[2-9]\d{3}-?\d{4}",
            fits!(organisation, 0.3, 0.5),
            SE_FIRM,
        ),
        alone(
            "fi-hetu",
            "A Finnish personal identity code",
            &["fi"],
            r"\d{6}[-+ABCDEFYXWVU]\d{3}[0-9A-FHJ-NPR-Y]",
            fits!(finnish, 0.7, 0.7),
            FI,
        ),
        alone(
            "dk-cpr",
            "A Danish personal number (CPR)",
            &["dk"],
            r"\d{6}[- ]?\d{4}",
            danish,
            DK,
        ),
        alone(
            "no-fodselsnummer",
            "A Norwegian birth or D number",
            &["no"],
            r"\d{6}[ .]?\d{5}",
            fits!(norwegian, 0.5, 0.7),
            NO,
        ),
        alone(
            "is-kennitala",
            "An Icelandic identification number",
            &["is"],
            r"\d{6}-?\d{4}",
            fits!(icelandic, 0.4, 0.6),
            IS,
        ),
    ]
}

/// A birthday (60 added to the day in coordination numbers), a serial, Luhn over the ten short digits.
fn swedish(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        let short = text.len() - usize::from(text.contains(['-', '+']));
        let ten = text.get(short.saturating_sub(10)..).and_then(digits::<10>);
        ten.is_some_and(|all| {
            let day = dates::pair(all[4], all[5]);
            let day = if day > 60 { day - 60 } else { day };
            dates::exists(
                2000 + dates::pair(all[0], all[1]),
                dates::pair(all[2], all[3]),
                day,
            ) && luhn(&all)
        })
    }
    draft::graded(candidate, fits, 0.4, 0.7)
}

/// The third digit is 2 or more, which tells firms from people.
fn organisation(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| luhn(&all) && !monotonous(&all))
}

/// The rest of nine digits by 31 as a sign. The sign in the middle is the century's (Act 2023: more of them).
fn finnish(text: &str) -> bool {
    let (Some(six), Some(three)) = (
        text.get(..6).and_then(digits::<6>),
        text.get(7..10).and_then(digits::<3>),
    ) else {
        return false;
    };
    let rest = (number(&six) * 1000 + number(&three)) % 31;
    let expected = b"0123456789ABCDEFHJKLMNPRSTUVWXY"
        .get(rest as usize)
        .copied();
    dates::ddmmyy(six) && number(&three) >= 2 && text.bytes().last() == expected
}

/// Since 2007 numbers are given whose check digit does not fit: it adds to the score, no more.
fn danish(candidate: &Candidate<'_>) -> Checked {
    let Some(all) = digits::<10>(candidate.text) else {
        return Checked::No;
    };
    let [d1, d2, m1, m2, y1, y2, ..] = all;
    let fits = weighted(&all, &[4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11);
    if !dates::ddmmyy([d1, d2, m1, m2, y1, y2]) || !draft::apart(candidate) {
        return Checked::No;
    }
    Checked::Score(match (candidate.text.contains('-'), fits) {
        (true, true) => 0.6,
        (true, false) => 0.4,
        (false, true) => 0.3,
        (false, false) => 0.1,
    })
}

/// Two check digits. 40 is added to the day in D numbers, to the month in those for tests and helpers.
fn norwegian(text: &str) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [d1, d2, m1, m2, y1, y2, ..] = all;
        let day = dates::pair(d1, d2);
        let day = if day > 40 { day - 40 } else { day };
        let month = dates::pair(m1, m2);
        let month = if month > 80 {
            month - 80
        } else if month > 40 {
            month - 40
        } else {
            month
        };
        dates::exists(2000 + dates::pair(y1, y2), month, day)
            && weighted(&all, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]).is_multiple_of(11)
            && weighted(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
    })
}

/// 40 is added to the day for firms; the last digit is the century.
fn icelandic(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [d1, d2, m1, m2, y1, y2, ..] = all;
        let day = dates::pair(d1, d2);
        let day = if day > 40 { day - 40 } else { day };
        dates::exists(2000 + dates::pair(y1, y2), dates::pair(m1, m2), day)
            && weighted(&all, &[3, 2, 7, 6, 5, 4, 3, 2, 1]).is_multiple_of(11)
            && matches!(all[9], 0 | 8 | 9)
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn north() {
        takes(
            "se-personnummer",
            "personnummer",
            &[
                "880320-0016",
                "8803200016",
                "19880320-0016",
                "880320+0016",
                "880380-0013",
            ],
            &["880320-0018", "881320-0016"],
        );
        finds("se-personnummer", "19880320-0016", "19880320-0016");
        refuses("se-personnummer", "8803200016");
        takes(
            "se-organisationsnummer",
            "organisationsnummer",
            &["556036-0793", "5560360793"],
            &["556036-0794", "551036-0793"],
        );
        takes(
            "fi-hetu",
            "hetu",
            &["311280-888Y", "131052-308T", "131052A308T"],
            &["311280-888X", "321280-888Y"],
        );
        finds("fi-hetu", "131052-308T", "131052-308T");
        takes(
            "dk-cpr",
            "CPR",
            &["211062-5629", "2110625629"],
            &["321062-5629"],
        );
        refuses("dk-cpr", "2110625629");
        takes(
            "no-fodselsnummer",
            "fødselsnummer",
            &["15108695088", "151086 95088"],
            &["15108695077", "15108695089"],
        );
        finds("no-fodselsnummer", "151086 95088", "151086 95088");
        takes(
            "is-kennitala",
            "kennitala",
            &["120174-3399", "1201743399", "450401-3150"],
            &["320174-3399", "120174-3389"],
        );
    }
}
