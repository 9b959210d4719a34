//! Papers and things that many countries share: passports, days of birth, vehicles.

use super::dates;
use super::draft::{self, alone, fits};
use super::sums::number;
use crate::rule::{Candidate, Checked, Rule, Specificity};

const VIN: &[&str] = &[
    "vin",
    "chassis",
    "vehicle",
    "fahrgestellnummer",
    "fin",
    "fahrzeug",
    "bastidor",
    "telaio",
    "châssis",
];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        passport(),
        birthday(),
        alone(
            "vin",
            "A vehicle's identification number",
            &[],
            "[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{4}[0-9]{4}",
            fits!(vin, 0.4, 0.4),
            VIN,
        ),
    ]
}

/// No passport number has a shape of its own: nine digits in the US and Britain, letters and digits
/// elsewhere. Only a word tells.
fn passport() -> Rule {
    let latin = r"passport|reisepass|passeport|pasaporte|passaporto|passaporte|paspoort|paszport|passnummer|passnr|pasnummer|útlevél|passi\b|pașaport|pasaport";
    let others =
        "паспорт|διαβατήρι|护照|護照|パスポート|여권|หนังสือเดินทาง|דרכון|پاسپورت|جواز|पासपोर्ट";
    let number = r"[A-Za-z]{1,2} ?\d{6,8}|\d{9}|\d{2}[A-Z]{2}\d{5}|[CFGHJK][CFGHJKLMNPRTVWXYZ0-9]{7}\d|[A-Z]{3}\d{6}|[A-Z]\d{2}[A-Z]{2}\d{4}|\d{7,8}";
    let pattern = format!(
        r"(?:\b(?i:{latin})|{others})(?:[^0-9\n]{{0,40}}?[^0-9A-Za-z\n])??({number})\b(?:[-/:@_]\w)?"
    );
    let check = |candidate: &Candidate<'_>| {
        if candidate.whole.ends_with(candidate.text) {
            Checked::Maybe
        } else {
            Checked::No
        }
    };
    let rule = draft::rule(
        "passport",
        "A passport's number beside a word for it",
        &[],
        pattern,
        check,
        &[],
    );
    Rule {
        specificity: Specificity::Assigned,
        score: 0.7,
        ..rule
    }
}

/// A day alone is no one's; after a word for birth it is someone's.
fn birthday() -> Rule {
    let latin = r"dob|d\.o\.b\.?|date of birth|birth ?date|birthday|born(?: on)?|geboren(?: am)?|geburtsdatum|geb\.|geburtstag|n(?:é|É|e)e? le|date de naissance|nacid[oa](?: el)?|fecha de nacimiento|nat[oa] il|data di nascita|geboortedatum|geboren op|född|födelsedatum|urodzon[ya]|data urodzenia|data de nascimento|nascid[oa](?: em)?|fødselsdato|født|syntymäaika|datum narození|data nașterii|születési dátum|doğum tarihi";
    let others =
        "生年月日|出生日期|생년월일|(?:Д|д)ата рождения|(?:Η|η)μερομηνία γέννησης|วันเกิด|जन्म";
    let months = "(?i:jan|feb|fév|m(?:a|ä|á)r|mei|mai|ma[jy]|apr|av?r|abr|mag|jui?n|giu|jui?l|lug|aug|ago|ao(?:u|û)|sep|set|o[ck]t|out|ott|nov|de[czs]|déc|dic|ene|gen|sty|lut|kwi|cze|lip|sie|wrz|paź|lis|gru)[a-z\\x80-\\xFF]{0,10}";
    let year = r"(?:1[89]|20)\d{2}";
    let day = format!(
        r"\d{{1,2}}[./ -]{{1,2}}\d{{1,2}}[./ -]{{1,2}}(?:{year}|\d{{2}})|{year}[./-]\d{{1,2}}[./-]\d{{1,2}}|\d{{1,2}}(?:st|nd|rd|th|er|\.|º)?(?: de)? {months}\.?,?(?: de)? {year}|{months}\.? \d{{1,2}}(?:st|nd|rd|th)?,? {year}|{year} ?(?:年|년) ?\d{{1,2}} ?(?:月|월) ?\d{{1,2}} ?(?:日|일)?"
    );
    let pattern = format!(
        r"(?:\b(?i:{latin})|{others})(?:[^0-9A-Za-z\n]{{0,8}}(?:(?:is|was|ist|war|est|es|è|é|on|am|el|le|il|op)[ :]{{1,2}})?)({day})(?:\d)?"
    );
    let rule = draft::rule(
        "date-of-birth",
        "A day of birth beside a word for it",
        &[],
        pattern,
        day_of_birth,
        &[],
    );
    Rule {
        specificity: Specificity::Assigned,
        score: 0.8,
        ..rule
    }
}

fn day_of_birth(candidate: &Candidate<'_>) -> Checked {
    let parts: Vec<u32> = candidate
        .text
        .split(|sign: char| !sign.is_ascii_digit())
        .filter_map(|part| part.parse().ok())
        .collect();
    let exists = match parts[..] {
        // A month in letters.
        [day, year] => year > 31 && (1..=31).contains(&day),
        [year, month, day] if year > 31 => dates::exists(year, month, day),
        [first, second, year] => {
            dates::exists(year, second, first) || dates::exists(year, first, second)
        }
        _ => false,
    };
    if exists && candidate.whole.ends_with(candidate.text) {
        Checked::Maybe
    } else {
        Checked::No
    }
}

/// 49 CFR 565.15: letters by their worth, weights, the rest by 11 in the ninth place (X is 10). Vehicles of
/// other markets mostly have no check digit and are not found.
fn vin(text: &str) -> bool {
    let worth = |sign: u8| match sign {
        b'0'..=b'9' => u32::from(sign - b'0'),
        b'A'..=b'H' => u32::from(sign - b'A') + 1,
        b'J'..=b'R' => u32::from(sign - b'J') + 1,
        b'S'..=b'Z' => u32::from(sign - b'S') + 2,
        _ => 0,
    };
    let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: u32 = text
        .bytes()
        .zip(weights)
        .map(|(sign, weight)| worth(sign) * weight)
        .sum();
    let check = match sum % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    let serial: Vec<u8> = text
        .bytes()
        .rev()
        .take(4)
        .map(|sign| sign.saturating_sub(b'0'))
        .collect();
    text.chars().nth(8) == Some(check) && letters >= 3 && number(&serial) < 10_000
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn passports_take_a_word() {
        finds("passport", "Passport number: 912803456", "912803456");
        finds("passport", "my passport is X12345678.", "X12345678");
        finds("passport", "Reisepass-Nr. C01X00T47", "C01X00T47");
        finds("passport", "passeport n° 12AB34567", "12AB34567");
        finds("passport", "パスポート番号はTK1234567です", "TK1234567");
        finds("passport", "паспорт 123456789", "123456789");
        refuses("passport", "912803456");
        refuses("passport", "the passport of page 12");
    }

    #[test]
    fn birthdays_take_a_word() {
        for (text, day) in [
            ("DOB: 03/15/1985", "03/15/1985"),
            ("date of birth 1985-03-15", "1985-03-15"),
            ("Born on March 15, 1985 in", "March 15, 1985"),
            ("geboren am 15. März 1985", "15. März 1985"),
            ("né le 15 mars 1985", "15 mars 1985"),
            ("née le 15/03/1985", "15/03/1985"),
            (
                "fecha de nacimiento: 15 de marzo de 1985",
                "15 de marzo de 1985",
            ),
            ("生年月日：1985年3月15日", "1985年3月15日"),
            ("\"birthdate\":\"1985-03-15\"", "1985-03-15"),
        ] {
            finds("date-of-birth", text, day);
        }
        for text in [
            "released 1985-03-15",
            "DOB: 31/31/1985",
            "born in 1985",
            "geboren am 15.03.19855",
        ] {
            refuses("date-of-birth", text);
        }
    }

    #[test]
    fn vehicles() {
        takes(
            "vin",
            "VIN",
            &["1M8GDM9AXKP042788", "1HGCM82633A004352"],
            &["1M8GDM9A1KP042788", "1HGCM82643A004352"],
        );
        refuses("vin", "1HGCM82633A004352");
    }
}
