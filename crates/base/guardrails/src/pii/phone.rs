//! Telephone numbers: international ones by their country's code and length, national ones by the forms
//! that people of the country write.

mod national;

use super::draft;
use super::sums::number;
use crate::rule::{Candidate, Checked, Context, Rule};

pub(super) const WORDS: &[&str] = &[
    "phone",
    "phones",
    "telephone",
    "tel",
    "tél",
    "mobile",
    "cell",
    "cellphone",
    "call",
    "fax",
    "whatsapp",
    "sms",
    "signal",
    "reach",
    "dial",
    "text",
    "ring",
    "hotline",
    "landline",
    "telefon",
    "telefonnummer",
    "telefonisch",
    "handy",
    "handynummer",
    "mobil",
    "mobilnummer",
    "rufnummer",
    "festnetz",
    "rückruf",
    "anrufen",
    "erreichbar",
    "téléphone",
    "telephone",
    "portable",
    "appeler",
    "appelez",
    "joindre",
    "joignable",
    "teléfono",
    "telefono",
    "móvil",
    "movil",
    "llamar",
    "llame",
    "llámame",
    "cellulare",
    "chiamare",
    "chiamami",
    "recapito",
    "telefoon",
    "telefoonnummer",
    "mobiel",
    "bellen",
    "bel",
    "ringa",
    "nås",
    "mobilen",
    "telefonu",
    "komórka",
    "komórkowy",
    "zadzwoń",
    "telefone",
    "celular",
    "telemóvel",
    "ligue",
    "ligar",
    "contato",
    "phno",
    "電話",
    "携帯",
    "電話番号",
    "携帯電話",
    "电话",
    "手机",
    "전화",
    "전화번호",
    "телефон",
    "тел",
    "puhelin",
    "telefonnr",
    "mobilnr",
];

pub(super) fn rules() -> Vec<Rule> {
    // A country's code, perhaps an area in brackets, groups parted by at most two signs. A group of one
    // digit is only right behind the code (Paris, Stockholm), so that `+49 30 1234567 2 persons` ends early.
    let pattern = r"((?:\+|\b00[ -]?)[1-9]\d{0,2}(?:[ .-]?\(\d{1,5}\))?(?:[ ./-]{0,2}\d{1,8})(?:[ ./-]{0,3}\d{2,8}){0,5})\b(?:[-/:@_]\w|\.\d)?";
    let international = draft::rule(
        "phone",
        "A telephone number with its country's code",
        &[],
        pattern.to_owned(),
        international,
        &[],
    );
    let mut rules = vec![raised(international)];
    rules.extend(national::rules());
    rules
}

/// With the words for telephones.
fn raised(rule: Rule) -> Rule {
    Rule {
        context: Some(Context {
            words: WORDS,
            score: 0.85,
        }),
        ..rule
    }
}

/// Lengths of national numbers, shortest and longest, for country codes (ITU-T E.164 and the national plans
/// that the ITU publishes).
const LENGTHS: [(usize, usize, &[u64]); 25] = [
    (4, 7, &[290, 500, 682, 683, 690, 676, 677, 678, 688, 247]),
    (5, 8, &[47, 386, 686, 298, 299, 672, 687, 597]),
    (5, 11, &[31, 852, 27, 64, 685, 352]),
    (5, 12, &[61, 358, 971, 98]),
    (6, 9, &[40, 252, 355, 376, 421, 508, 681, 689]),
    (6, 11, &[48, 53, 95, 880, 375, 595]),
    (6, 13, &[39, 46, 359, 381, 63, 43]),
    (5, 13, &[49]),
    (
        7,
        7,
        &[
            238, 239, 246, 248, 269, 291, 297, 592, 673, 674, 680, 691, 692,
        ],
    ),
    (7, 8, &[241, 599, 670, 675, 853, 961, 965, 975]),
    (7, 9, &[220, 231, 245, 265, 354, 385, 423, 967, 968]),
    (7, 10, &[44, 84, 230, 243, 254, 263, 267, 353, 372, 960]),
    (
        7,
        12,
        &[501, 503, 507, 679, 886, 974, 86, 882, 972, 90, 62, 82],
    ),
    (
        8,
        8,
        &[
            45, 216, 222, 223, 226, 227, 228, 232, 235, 236, 253, 257, 266, 350, 356, 357, 370,
            371, 373, 374, 389, 505, 509, 800, 808, 973, 993,
        ],
    ),
    (
        8,
        9,
        &[
            32, 36, 51, 213, 224, 233, 237, 250, 258, 264, 268, 377, 382, 387, 591, 962, 963,
        ],
    ),
    (8, 10, &[20, 60, 378, 506, 850, 855, 856, 964, 970, 976]),
    (8, 11, &[55, 57, 65, 502, 504, 593, 977]),
    (8, 13, &[92, 383, 883, 66, 91, 81]),
    (
        9,
        9,
        &[
            33, 34, 93, 94, 211, 212, 218, 221, 240, 242, 244, 249, 251, 255, 256, 260, 261, 262,
            351, 590, 594, 596, 979, 992, 994, 995, 998,
        ],
    ),
    (9, 10, &[380, 881, 966, 996]),
    (9, 12, &[56, 41, 420, 870, 598]),
    (10, 10, &[1, 52, 58, 225, 229]),
    (10, 12, &[54, 30, 888, 878]),
    (10, 11, &[7]),
    (8, 11, &[234]),
];

fn international(candidate: &Candidate<'_>) -> Checked {
    let text = candidate.text;
    if candidate.whole.len() > text.len() || !begins(candidate.before) {
        return Checked::No;
    }
    // A trunk zero in brackets is for those who call from inside: +44 (0)20 7946 0958.
    let inside = text.replacen("(0)", "", 1);
    let all: Vec<u8> = inside
        .bytes()
        .filter(u8::is_ascii_digit)
        .map(|sign| sign - b'0')
        .collect();
    let plus = text.starts_with('+');
    let all = if plus {
        &all[..]
    } else {
        all.get(2..).unwrap_or_default()
    };
    let known = (1..=3).any(|code| fits(all, code));
    let formed = text.bytes().skip(1).any(|sign| !sign.is_ascii_digit());
    match (known && (7..=15).contains(&all.len()), plus, formed) {
        (false, ..) => Checked::No,
        (_, true, true) => Checked::Score(0.8),
        (_, true, false) => Checked::Score(0.7),
        (_, false, true) => Checked::Score(0.5),
        (_, false, false) => Checked::Score(0.3),
    }
}

/// Whether a number may begin after this text: `a+1555…` and `1+1555…` are sums.
fn begins(before: &str) -> bool {
    let last = before.bytes().last().unwrap_or(b' ');
    !last.is_ascii_alphanumeric()
        && !matches!(last, b'+' | b'.' | b'\\' | b'$' | b'-' | b'_' | b')')
}

/// Whether the digits are a country's code of so many digits and a number of one of its lengths.
fn fits(all: &[u8], code: usize) -> bool {
    let Some((code, rest)) = all.split_at_checked(code) else {
        return false;
    };
    let code = number(code);
    let mut places = LENGTHS.iter().filter(|(.., codes)| codes.contains(&code));
    let trunk = usize::from(rest.first() == Some(&0));
    let long = places.any(|(least, most, _)| (*least..=*most + trunk).contains(&rest.len()));
    long && (code != 1 || american(rest))
}

/// North America's plan: areas and exchanges begin with 2 to 9, areas have no 9 in the middle, and neither
/// ends in 11.
pub(super) fn american(ten: &[u8]) -> bool {
    match *ten {
        [a, b, c, d, e, f, _, _, _, _] => {
            let service = |first, second| (first, second) == (1, 1);
            a >= 2 && d >= 2 && b != 9 && !service(b, c) && !service(e, f)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses};

    #[test]
    fn numbers_of_many_countries() {
        for number in [
            "+14155552671",
            "+1 (415) 555-2671",
            "+1-415-555-2671",
            "+44 20 7946 0958",
            "+44 (0)20 7946 0958",
            "+49 30 901820",
            "+49 (0)170 1234567",
            "+33 6 12 34 56 78",
            "+46 8 123 456 78",
            "+34 612 345 678",
            "+39 06 1234 5678",
            "+31 6 12345678",
            "+48 512 345 678",
            "+61 2 1234 5678",
            "+91 98765 43210",
            "+55 11 91234-5678",
            "+81 90-1234-5678",
            "+351 912 345 678",
            "+45 12 34 56 78",
            "0049 30 901820",
            "+86 138 0013 8000",
            "+65 6123 4567",
        ] {
            finds("phone", &format!("call me at {number}."), number);
            finds("phone", &format!("({number})"), number);
        }
        finds("phone", "+49 30 901820 2 persons", "+49 30 901820");
    }

    #[test]
    fn sums_and_numbers_of_no_country() {
        for text in [
            "x+14155552671",
            "3+14155552671",
            "+999123456789",
            "+1 555",
            "+12345",
            "+1700000000",
            "+14155552671.5",
            "0.0014155552671",
            "+491234567890123456",
        ] {
            refuses("phone", text);
        }
    }
}
