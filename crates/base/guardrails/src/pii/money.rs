//! Cards and bank accounts that many countries share: card numbers, IBAN, BIC.

mod iban;

use super::draft::{self, alone, fits};
use super::sums::{digits, luhn, monotonous, number};
use crate::rule::{Candidate, Checked, Rule};

const CARD: &[&str] = &[
    "card",
    "credit",
    "debit",
    "visa",
    "mastercard",
    "amex",
    "discover",
    "diners",
    "maestro",
    "pan",
    "cc",
    "kreditkarte",
    "karte",
    "kartennummer",
    "carte",
    "tarjeta",
    "carta",
    "kaart",
    "kort",
    "kortnummer",
    "karta",
    "karty",
    "cartão",
    "cartao",
    "カード",
    "卡号",
    "карта",
    "карты",
    "kart",
    "creditcard",
    "bankkarte",
    "bankkort",
    "kreditkort",
    "luottokortti",
    "bancaire",
];
const ACCOUNT: &[&str] = &[
    "iban",
    "account",
    "bank",
    "konto",
    "kontonummer",
    "bankverbindung",
    "compte",
    "cuenta",
    "conto",
    "rekening",
    "rekeningnummer",
    "konta",
    "rachunek",
    "conta",
    "счет",
];
const SWIFT: &[&str] = &["bic", "swift", "swiftcode"];

pub(super) fn rules() -> Vec<Rule> {
    // The ways in which cards are grouped: 4-4-4-4, 4-4-5 or 4-6-5 of fifteen, 4-6-4 of fourteen; nineteen
    // and thirteen digits stand together.
    let card = r"[2-6]\d{3}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}|3[0689]\d{2}[ -]?\d{6}[ -]?\d{4}|6\d{18}|4\d{12}";
    vec![
        alone(
            "credit-card",
            "A payment card number",
            &[],
            card,
            payment_card,
            CARD,
        ),
        iban::rule(ACCOUNT),
        alone(
            "bic",
            "A bank's identifier (BIC, SWIFT code) beside a word for it",
            &[],
            "[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
            fits!(bic, 0.1, 0.1),
            SWIFT,
        ),
    ]
}

fn payment_card(candidate: &Candidate<'_>) -> Checked {
    if !draft::apart(candidate) || !one_separator(candidate.text) {
        return Checked::No;
    }
    let text = candidate.text;
    let formed = !text.bytes().all(|sign| sign.is_ascii_digit());
    let (issued, bare) = if let Some(all) = digits::<16>(text) {
        (issuer(&all, 16) && luhn(&all) && !monotonous(&all), 0.85)
    } else if let Some(all) = digits::<15>(text) {
        (luhn(&all), 0.7)
    } else if let Some(all) = digits::<14>(text) {
        (issuer(&all, 14) && luhn(&all), 0.5)
    } else if let Some(all) = digits::<19>(text) {
        (issuer(&all, 19) && luhn(&all), 0.4)
    } else if let Some(all) = digits::<13>(text) {
        (luhn(&all), 0.3)
    } else {
        (false, 0.0)
    };
    match (issued, formed) {
        (false, _) => Checked::No,
        (true, true) => Checked::Sure,
        (true, false) => Checked::Score(bare),
    }
}

/// Whether a range of issuer numbers (ISO/IEC 7812, as the schemes publish them) has cards of this
/// length.
fn issuer(digits: &[u8], length: usize) -> bool {
    let six = number(digits.get(..6).unwrap_or_default());
    match length {
        // Visa, Mastercard (two series), Discover, UnionPay, Maestro, JCB, Mir, RuPay, Elo, Hipercard.
        16 => matches!(
            six,
            400_000..=499_999
                | 510_000..=559_999
                | 222_100..=272_099
                | 601_100..=601_199
                | 622_126..=622_925
                | 644_000..=659_999
                | 620_000..=629_999
                | 810_000..=819_999
                | 500_000..=509_999
                | 560_000..=589_999
                | 639_000..=639_099
                | 670_000..=679_999
                | 352_800..=358_999
                | 220_000..=220_499
                | 606_282
                | 607_000..=608_999
        ),
        14 => {
            matches!(six, 300_000..=305_999 | 309_500..=309_599 | 360_000..=369_999 | 380_000..=399_999)
        }
        19 => {
            matches!(six, 620_000..=629_999 | 601_100..=601_199 | 644_000..=659_999 | 670_000..=679_999)
        }
        _ => false,
    }
}

/// Whether groups are parted by the same sign throughout, or by none.
fn one_separator(text: &str) -> bool {
    let mut between = text.bytes().filter(|sign| !sign.is_ascii_digit());
    let first = between.next();
    between.all(|sign| Some(sign) == first)
}

/// ISO 9362: bank, country, place, branch. The country must be one.
fn bic(text: &str) -> bool {
    text.get(4..6).is_some_and(|country| {
        COUNTRIES
            .as_bytes()
            .chunks(2)
            .any(|known| known == country.as_bytes())
    })
}

/// ISO 3166-1 alpha-2, and XK as banks use it.
const COUNTRIES: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCH\
CICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHU\
IDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMX\
MYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTC\
TDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, scored, takes};

    #[test]
    fn cards_of_all_lengths() {
        for card in [
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "4111111111111111",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "3782 822463 10005",
            "6011111111111117",
            "3530111333300000",
            "6200 0000 0000 0005",
        ] {
            finds("credit-card", &format!("paid with {card} on 12/26"), card);
            finds("credit-card", &format!("{card} 123"), card);
        }
        takes(
            "credit-card",
            "Karte",
            &["30569309025904", "4222222222222"],
            &["30569309025905", "4222222222223"],
        );
    }

    #[test]
    fn what_is_no_card() {
        for text in [
            "4111 1111 1111 1112",
            "4111-1111 1111-1111",
            "0000000000000000",
            "1732634482123456",
            "41111111111111111",
            "9111111111111111",
            "550e8400-e29b-41d4-a716-446655440000",
            "4111111111111111-2",
            "x4111111111111111",
            "0.4111111111111111",
            "20240101123045",
            "1732634482123",
        ] {
            refuses("credit-card", text);
        }
    }

    #[test]
    fn a_bic_takes_a_word() {
        finds("bic", "BIC: DEUTDEFF500", "DEUTDEFF500");
        finds("bic", "SWIFT code NEDSZAJJ", "NEDSZAJJ");
        assert!(scored("bic", "DOCUMENT BUSINESS") < 0.5);
        refuses("bic", "bic DEUTXXFF");
    }
}
