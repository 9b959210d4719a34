//! France: NIR of people, SIREN and SIRET of firms and their places, identity cards.

use super::draft::{self, alone, fits, labelled};
use super::sums::{digits, luhn, monotonous, number};
use crate::rule::{Candidate, Checked, Rule};

const FR: &[&str] = &["fr"];
const NIR: &[&str] = &[
    "nir",
    "sécurité",
    "securite",
    "sociale",
    "sécu",
    "secu",
    "insee",
    "vitale",
    "social",
];
const SIREN: &[&str] = &["siren", "siret", "rcs", "entreprise", "société", "societe"];
const TAX: &[&str] = &[
    "fiscal", "fiscale", "impôt", "impot", "impôts", "spi", "nif",
];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "fr-nir",
            "A French social security number (NIR)",
            FR,
            r"[1-478][ .-]?\d{2}[ .-]?\d{2}[ .-]?(?:\d{2}|2[ABab])[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{2}",
            fits!(nir, 0.6, 0.9),
            NIR,
        ),
        draft::rule(
            "fr-siren",
            "A French firm's number (SIREN)",
            FR,
            // Five digits more would make a SIRET of it.
            r"\b(\d{3}[ .]?\d{3}[ .]?\d{3})\b(?:[ .]\d{5}\b|[-/:@\\_]\w|\.[0-9a-z])?".to_owned(),
            fits!(siren, 0.3, 0.4),
            SIREN,
        ),
        alone(
            "fr-siret",
            "A French establishment's number (SIRET)",
            FR,
            r"\d{3}[ .]?\d{3}[ .]?\d{3}[ .]?\d{5}",
            fits!(siret, 0.3, 0.5),
            SIREN,
        ),
        alone(
            "fr-tax-number",
            "A French person's tax number (SPI)",
            FR,
            r"[0-3]\d(?: ?\d{2} ?\d{3} ?\d{3} ?\d{3})",
            fits!(spi, 0.3, 0.4),
            TAX,
        ),
        labelled(
            "fr-id-card",
            "A French identity card's number beside a word for it",
            FR,
            r"carte (?:nationale )?d(?:'|’)identit(?:é|É|e)|\bCNI\b|\bCNIE\b",
            r"\d{12}|[A-HJ-NP-Z0-9]{2}\d[A-HJ-NP-Z0-9]{6}",
            id_card,
        ),
    ]
}

/// Sex, year, month, department, commune, order; 97 less the rest of them all is the key. Corsica's 2A and
/// 2B count as 19 and 18. Months above 12 are given to births whose day is not known.
fn nir(text: &str) -> bool {
    let corsican = text
        .bytes()
        .find(u8::is_ascii_alphabetic)
        .map(|sign| sign.to_ascii_uppercase());
    let signs: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let counted = |(place, sign): (usize, &u8)| match (corsican, place) {
        (Some(_), 5) => 1,
        (Some(b'A'), 6) => 9,
        (Some(_), 6) => 8,
        _ => sign.saturating_sub(b'0'),
    };
    let all: Vec<u8> = signs.iter().enumerate().map(counted).collect();
    let Some((body, key)) = all.split_at_checked(13) else {
        return false;
    };
    let month = number(all.get(3..5).unwrap_or_default());
    let born = matches!(month, 1..=12 | 20 | 30..=42 | 50..=99);
    key.len() == 2 && born && 97 - number(body) % 97 == number(key)
}

fn siren(text: &str) -> bool {
    digits::<9>(text).is_some_and(|all| luhn(&all) && !monotonous(&all))
}

/// Luhn over all and over the firm's part; those of the post office have a digit sum by five instead.
fn siret(text: &str) -> bool {
    digits::<14>(text).is_some_and(|all| {
        let post = all.starts_with(&[3, 5, 6, 0, 0, 0, 0, 0, 0]);
        let sum: u32 = all.iter().map(|digit| u32::from(*digit)).sum();
        luhn(&all[..9]) && (luhn(&all) || (post && sum.is_multiple_of(5))) && !monotonous(&all)
    })
}

/// The last three digits are the rest of the first ten by 511.
fn spi(text: &str) -> bool {
    digits::<13>(text).is_some_and(|all| number(&all[..10]) % 511 == number(&all[10..]))
}

fn id_card(candidate: &Candidate<'_>) -> Checked {
    let figures = candidate.text.bytes().filter(u8::is_ascii_digit).count();
    if figures >= 3 && draft::apart(candidate) {
        Checked::Score(0.8)
    } else {
        Checked::No
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn people_and_firms() {
        takes(
            "fr-nir",
            "NIR",
            &[
                "2 95 10 99 126 111 93",
                "295109912611193",
                "2 53 07 2B 073 004 70",
            ],
            &["295109912611199", "2 95 14 99 126 111 93"],
        );
        finds("fr-nir", "295109912611193", "295109912611193");
        takes(
            "fr-siren",
            "SIREN",
            &["552 008 443", "552008443"],
            &["552 008 444"],
        );
        refuses("fr-siren", "552 008 443");
        takes(
            "fr-siret",
            "SIRET",
            &["732 829 320 00074", "73282932000074"],
            &["73282932000079"],
        );
        takes(
            "fr-tax-number",
            "numéro fiscal",
            &["30 23 217 600 053", "3023217600053"],
            &["3023217600054"],
        );
        finds(
            "fr-id-card",
            "carte nationale d'identité n° 880692310285",
            "880692310285",
        );
        refuses("fr-id-card", "880692310285");
    }
}
