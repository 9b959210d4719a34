//! National forms of telephone numbers. Grouped as the country groups them they may count by
//! themselves; as bare digits only after a word.

use super::{american, raised};
use crate::pii::draft;
use crate::rule::{Candidate, Checked, Rule};

/// What follows a number that goes on, with room for an extension.
const MORE: &str = r"(?:[-/:@_]\w|\.\d)?";

pub(super) fn rules() -> Vec<Rule> {
    let mut rules = european();
    rules.extend(of_other_continents());
    rules
}

type Judge = fn(&Candidate<'_>) -> Checked;

fn form(
    id: &str,
    country: &str,
    regions: &'static [&'static str],
    shape: &str,
    check: Judge,
) -> Rule {
    let what = format!("A telephone number as written in {country}");
    let pattern = format!(r"({shape})\b{MORE}");
    raised(draft::rule(id, &what, regions, pattern, check, &[]))
}

fn european() -> Vec<Rule> {
    vec![
        form(
            "phone-gb",
            "Britain",
            &["gb"],
            r"\b0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}|\b0\d{4}[ -]\d{5,6}|\(0\d{2,4}\) ?\d{3,4}[ -]?\d{3,4}|\b0\d{9,10}",
            british,
        ),
        form(
            "phone-de",
            "Germany",
            &["de", "at"],
            r"\(0\d{2,5}\) ?\d{3,8}|\b0\d{2,5}(?: ?[/-] ?| )\d{3,8}(?:[ -]\d{2,8}){0,3}|\b0\d{9,11}",
            german,
        ),
        form(
            "phone-fr",
            "France",
            &["fr"],
            r"\b0[1-9](?:[ .-]?\d{2}){4}",
            french,
        ),
        form(
            "phone-es",
            "Spain",
            &["es"],
            r"\b[6-9]\d{2}(?:[ .-]?\d{3}){2}|\b[6-9]\d{2}(?:[ .-]\d{2}){3}",
            |c| written(c, 9..=9, (0.2, 0.3, 0.45)),
        ),
        form(
            "phone-it",
            "Italy",
            &["it"],
            r"\b3\d{2}[ ./-]?\d{3}[ .-]?\d{3,4}|\b0\d{1,3}[ ./-]\d{3,4}[ .-]\d{3,4}|\b0\d{1,3}[ ./-]?\d{4,8}",
            italian,
        ),
        form(
            "phone-nl",
            "the Netherlands",
            &["nl"],
            r"\b06(?:[ -]?\d{2}){4}|\b06[ -]?\d{8}|\b0[1-9]\d{1,2}[ -]?\d{6,7}|\b0[1-9]\d[ -]\d{3}[ -]?\d{4}|\(0\d{2,3}\) ?\d{6,7}",
            |c| written(c, 10..=10, (0.3, 0.55, 0.6)),
        ),
        form(
            "phone-se",
            "Sweden",
            &["se"],
            r"\b0\d{1,3}[ /-]{1,3}\d{2,3}(?: ?\d{2,3}){1,2}|\b07\d{8}",
            |c| written(c, 8..=10, (0.3, 0.5, 0.55)),
        ),
        form(
            "phone-pl",
            "Poland",
            &["pl"],
            r"\b[1-9]\d{2}[ -]?\d{3}[ -]?\d{3}|\b\d{2} \d{3} \d{2} \d{2}",
            |c| written(c, 9..=9, (0.1, 0.3, 0.4)),
        ),
        form(
            "phone-fi",
            "Finland",
            &["fi"],
            r"\b0[1-9]\d{0,2}[ -]?\d{3,4}[ -]?\d{3,4}",
            |c| written(c, 8..=11, (0.25, 0.4, 0.5)),
        ),
    ]
}

fn of_other_continents() -> Vec<Rule> {
    vec![
        form(
            "phone-us",
            "North America",
            &["us", "ca"],
            r"(?:\b1[-. ])?(?:\(\d{3}\) ?|\b\d{3}[-. ]?)\d{3}[-. ]?\d{4}",
            north_america,
        ),
        form(
            "phone-au",
            "Australia",
            &["au"],
            r"\b0[2-478](?:[ -]?\d{4}){2}|\(0[2-478]\) ?\d{4}[ -]?\d{4}|\b04\d{2}[ -]?\d{3}[ -]?\d{3}",
            |c| written(c, 10..=10, (0.35, 0.55, 0.6)),
        ),
        form(
            "phone-in",
            "India",
            &["in"],
            r"\b0?[6-9]\d{4}[ -]?\d{5}|\b0?[6-9]\d{2}[ -]\d{3}[ -]\d{4}|\b0[1-9]\d{1,3}[ -]?\d{6,8}",
            |c| written(c, 10..=11, (0.25, 0.45, 0.45)),
        ),
        form(
            "phone-br",
            "Brazil",
            &["br"],
            r"\(0?\d{2}\) ?(?:9 ?)?\d{4}[- ]?\d{4}|\b(?:0?[1-9]\d )?9?\d{4}[- ]\d{4}|\b0?[1-9]\d9\d{8}",
            brazilian,
        ),
        form(
            "phone-sg",
            "Singapore",
            &["sg"],
            r"\b[3689]\d{3} ?\d{4}",
            |c| written(c, 8..=8, (0.2, 0.3, 0.3)),
        ),
        form(
            "phone-za",
            "South Africa",
            &["za"],
            r"\b0\d{2}[ -]?\d{3}[ -]?\d{4}|\(0\d{2}\) ?\d{3}[ -]?\d{4}",
            |c| written(c, 10..=10, (0.3, 0.45, 0.55)),
        ),
        form(
            "phone-kr",
            "Korea",
            &["kr"],
            r"\b0\d{1,2}[ -]\d{3,4}[ -]\d{4}|\b010\d{8}",
            |c| written(c, 9..=11, (0.35, 0.5, 0.6)),
        ),
        form(
            "phone-tr",
            "Türkiye",
            &["tr"],
            r"\b0?[2-5]\d{2}[ -]?\d{3}[ -]?\d{2}[ -]?\d{2}|\(0?[2-5]\d{2}\) ?\d{3}[ -]?\d{2}[ -]?\d{2}",
            |c| written(c, 10..=11, (0.25, 0.4, 0.5)),
        ),
        form(
            "phone-jp",
            "Japan",
            &["jp"],
            r"\b0\d{1,4}-\d{1,4}-\d{4}|\b0[789]0\d{8}|\(0\d{1,4}\) ?\d{1,4}-\d{4}",
            |c| written(c, 10..=11, (0.3, 0.6, 0.65)),
        ),
    ]
}

/// Whether the number begins and ends for itself; a bracket behind a word is a call of a function.
fn apart(candidate: &Candidate<'_>) -> bool {
    let joined = candidate
        .before
        .ends_with(|sign: char| sign.is_ascii_alphanumeric());
    draft::apart(candidate) && !(candidate.text.starts_with('(') && joined)
}

fn count(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

/// By how it is written: as bare digits, in groups, in three groups, in more.
fn written(
    candidate: &Candidate<'_>,
    length: std::ops::RangeInclusive<usize>,
    (bare, groups, more): (f32, f32, f32),
) -> Checked {
    let text = candidate.text;
    // No area begins with a second zero: 0027-47458 is a number of something else.
    let zeros = text.trim_start_matches('(').starts_with("00");
    if zeros || !apart(candidate) || !length.contains(&count(text)) {
        return Checked::No;
    }
    let parts = text
        .split(|sign: char| !sign.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .count();
    Checked::Score(match parts {
        _ if text.starts_with('(') => 0.7,
        0 | 1 => bare,
        2 => groups,
        3 => more,
        _ => more + 0.1,
    })
}

fn north_america(candidate: &Candidate<'_>) -> Checked {
    let all: Vec<u8> = candidate
        .text
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|sign| sign - b'0')
        .collect();
    let ten = all.get(all.len().saturating_sub(10)..).unwrap_or_default();
    if !apart(candidate) || !american(ten) {
        return Checked::No;
    }
    let text = candidate.text;
    let between: Vec<char> = text
        .chars()
        .filter(|sign| matches!(sign, '-' | '.' | ' '))
        .collect();
    let even = between.windows(2).all(|pair| pair.first() == pair.last());
    Checked::Score(match between.last() {
        _ if text.contains('(') => 0.75,
        Some('-') if even && between.len() > 1 => 0.65,
        Some('.') if even && between.len() > 1 => 0.5,
        Some(' ') if even && between.len() > 1 => 0.4,
        _ => 0.2,
    })
}

fn british(candidate: &Candidate<'_>) -> Checked {
    let second = candidate.text.bytes().filter(u8::is_ascii_digit).nth(1);
    let mobile = candidate.text.starts_with("07") && count(candidate.text) == 11;
    match second {
        Some(b'1' | b'2' | b'3' | b'5' | b'7' | b'8' | b'9') => written(
            candidate,
            10..=11,
            (if mobile { 0.4 } else { 0.3 }, 0.5, 0.55),
        ),
        _ => Checked::No,
    }
}

fn german(candidate: &Candidate<'_>) -> Checked {
    let long = count(candidate.text) > 8;
    written(
        candidate,
        7..=13,
        (
            0.3,
            if long { 0.5 } else { 0.35 },
            if long { 0.5 } else { 0.35 },
        ),
    )
}

fn french(candidate: &Candidate<'_>) -> Checked {
    let mut between = candidate.text.bytes().filter(|sign| !sign.is_ascii_digit());
    let first = between.next();
    if between.any(|sign| Some(sign) != first) {
        Checked::No
    } else {
        written(candidate, 10..=10, (0.35, 0.35, 0.65))
    }
}

/// Mobile numbers begin with 3 and no zero; nine digits in threes are an amount as well.
fn italian(candidate: &Candidate<'_>) -> Checked {
    let amount = candidate.text.starts_with('3') && count(candidate.text) == 9;
    written(
        candidate,
        8..=11,
        (0.25, 0.45, if amount { 0.4 } else { 0.5 }),
    )
}

fn brazilian(candidate: &Candidate<'_>) -> Checked {
    // Two groups of four digits alone are years, versions, anything.
    let area = count(candidate.text) > 9;
    written(
        candidate,
        8..=12,
        (0.25, if area { 0.5 } else { 0.3 }, 0.55),
    )
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses};

    #[test]
    fn forms_that_count_by_themselves() {
        for (id, number) in [
            ("phone-us", "(415) 555-2671"),
            ("phone-us", "415-555-2671"),
            ("phone-us", "1-415-555-2671"),
            ("phone-us", "415.555.2671"),
            ("phone-gb", "020 7946 0958"),
            ("phone-gb", "(020) 7946 0958"),
            ("phone-gb", "07700 900123"),
            ("phone-de", "030/12345678"),
            ("phone-de", "(030) 12345678"),
            ("phone-de", "0170 1234567"),
            ("phone-fr", "06 12 34 56 78"),
            ("phone-fr", "01.23.45.67.89"),
            ("phone-it", "06 1234 5678"),
            ("phone-nl", "06-12345678"),
            ("phone-nl", "020 123 4567"),
            ("phone-se", "070-123 45 67"),
            ("phone-se", "08-123 456 78"),
            ("phone-au", "0412 345 678"),
            ("phone-au", "(02) 1234 5678"),
            ("phone-br", "(11) 91234-5678"),
            ("phone-jp", "090-1234-5678"),
            ("phone-jp", "03-1234-5678"),
            ("phone-za", "071 150 7113"),
            ("phone-kr", "010-1234-5678"),
            ("phone-tr", "0532 123 45 67"),
            ("phone-es", "612 43 97 25"),
            ("phone-pl", "12 356 09 40"),
        ] {
            finds(id, &format!("at {number}, or"), number);
        }
    }

    #[test]
    fn forms_that_take_a_word() {
        for (id, text, number) in [
            ("phone-us", "call 4155552671 now", "4155552671"),
            ("phone-es", "teléfono: 612 345 678", "612 345 678"),
            ("phone-pl", "zadzwoń pod 512 345 678", "512 345 678"),
            ("phone-in", "mobile 98765 43210", "98765 43210"),
            ("phone-it", "cellulare 3401234567", "3401234567"),
            ("phone-br", "celular 11912345678", "11912345678"),
            ("phone-sg", "telephone: 6153 4843", "6153 4843"),
            ("phone-fi", "puhelin 0401234567", "0401234567"),
            ("phone-tr", "telefon 05321234567", "05321234567"),
        ] {
            finds(id, text, number);
            refuses(id, number);
        }
    }

    #[test]
    fn what_is_no_telephone_number() {
        for text in [
            "1700000000",
            "115-555-2671",
            "415-155-2671",
            "911-555-2671-4",
            "4155552671123",
            "2024-01-02",
            "415-55-2671",
            "3.415-555-2671",
        ] {
            refuses("phone-us", &format!("call {text} x"));
        }
        for (id, text) in [
            ("phone-fr", "tel 00 12 34 56 78"),
            ("phone-de", "seit 01.02.2024"),
            ("phone-jp", "2024-01-0123"),
            ("phone-br", "2019-2024"),
            ("phone-se", "2024-01-02 10:30"),
        ] {
            refuses(id, text);
        }
    }
}
