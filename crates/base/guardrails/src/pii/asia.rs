//! China, Taiwan, Hong Kong, Japan, Korea. Where no spaces stand between words, the words are looked for
//! in the text before as they are.

use super::dates;
use super::draft::{self, alone, fits, graded_near};
use super::sums::{digits, monotonous, number, signs, weighted, worth};
use crate::rule::{Candidate, Checked, Rule};

const CN: &[&str] = &[
    "身份证",
    "身份证号",
    "身份证号码",
    "resident",
    "identity",
    "shenfenzheng",
];
const TW: &[&str] = &["身分證", "身分證字號", "identity", "arc"];
const HK: &[&str] = &["hkid", "身份證", "identity"];
const JP: &[&str] = &["マイナンバー", "個人番号", "mynumber", "individual"];
const KR: &[&str] = &[
    "주민등록번호",
    "주민번호",
    "rrn",
    "외국인등록번호",
    "resident",
];
const KR_FIRM: &[&str] = &["사업자등록번호", "brn", "business"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "cn-resident-id",
            "A Chinese resident's number",
            &["cn"],
            r"[1-8]\d{5}(?:18|19|20)\d{9}[0-9Xx]",
            chinese,
            CN,
        ),
        alone(
            "tw-id",
            "A Taiwanese national's or resident's number",
            &["tw"],
            r"[A-Z][1289A-D]\d{8}",
            taiwanese,
            TW,
        ),
        alone(
            "hk-id",
            "A Hong Kong identity card's number",
            &["hk"],
            r"[A-Z]{1,2}\d{6}[0-9A]",
            hong_kong,
            HK,
        ),
        // The same with its check digit in brackets, where no boundary of words follows.
        draft::rule(
            "hk-id-bracketed",
            "A Hong Kong identity card's number as printed",
            &["hk"],
            r"\b([A-Z]{1,2}\d{6} ?\([0-9A]\))".to_owned(),
            hong_kong,
            HK,
        ),
        alone(
            "jp-my-number",
            "A Japanese individual's number",
            &["jp"],
            r"\d{4}[ -]?\d{4}[ -]?\d{4}",
            japanese,
            JP,
        ),
        alone(
            "kr-rrn",
            "A Korean resident's or foreigner's number",
            &["kr"],
            r"\d{6}-?[1-8]\d{6}",
            korean,
            KR,
        ),
        alone(
            "kr-brn",
            "A Korean firm's number",
            &["kr"],
            r"\d{3}-?\d{2}-?\d{5}",
            fits!(korean_firm, 0.3, 0.6),
            KR_FIRM,
        ),
    ]
}

/// Region, birthday, serial; GB 11643: ISO 7064 MOD 11-2.
fn chinese(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        let Some(all) = text.get(..17).and_then(digits::<17>) else {
            return false;
        };
        let rest = all
            .iter()
            .fold(0, |rest, digit| (rest + u32::from(*digit)) * 2 % 11);
        let check = (12 - rest) % 11;
        let expected = if check == 10 {
            'X'
        } else {
            char::from_digit(check, 10).unwrap_or('0')
        };
        let year = number(&all[6..10]) as u32;
        let born = dates::exists(
            year,
            dates::pair(all[10], all[11]),
            dates::pair(all[12], all[13]),
        );
        let province = dates::pair(all[0], all[1]);
        let known = matches!(province, 11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83);
        born && known && text.ends_with([expected, expected.to_ascii_lowercase()])
    }
    graded_near(candidate, fits, (0.9, 0.9), &["身份证", "证件号"])
}

/// The letter as two digits, in an order of its own; weights 1, 9, 8 … 1, 1.
fn taiwanese(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        let Some(all) = signs::<10>(text) else {
            return false;
        };
        let code = |sign: u8| {
            "ABCDEFGHJKLMNPQRSTUVXYWZIO"
                .find(char::from(sign))
                .map_or(0, |place| place as u32 + 10)
        };
        let first = code(all[0]);
        // The second sign of residents' numbers until 2021 is a letter, of which the last digit counts.
        let second = if all[1].is_ascii_digit() {
            worth(all[1])
        } else {
            code(all[1]) % 10
        };
        let rest = all[2..]
            .iter()
            .map(|sign| worth(*sign))
            .zip([7, 6, 5, 4, 3, 2, 1, 1]);
        let sum = first / 10
            + first % 10 * 9
            + second * 8
            + rest.map(|(value, weight)| value * weight).sum::<u32>();
        sum.is_multiple_of(10) && text.get(2..) != Some("23456789")
    }
    graded_near(
        candidate,
        fits,
        (0.45, 0.45),
        &["身分證", "身份證", "統一證號", "居留證"],
    )
}

/// Weights from 9; a number of one letter has a blank (36) before it.
fn hong_kong(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        let plain: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).collect();
        let blank = if plain.len() == 8 { 36 * 9 } else { 0 };
        let weights = (1..=9).rev().skip(if plain.len() == 8 { 1 } else { 0 });
        let sum: u32 = blank
            + plain
                .iter()
                .zip(weights)
                .map(|(sign, weight)| worth(*sign) * weight)
                .sum::<u32>();
        matches!(plain.len(), 8 | 9) && sum.is_multiple_of(11)
    }
    graded_near(candidate, fits, (0.4, 0.9), &["身份證", "身份证"])
}

/// Weights 6 to 2 and 7 to 2 (Ministry of Internal Affairs, ordinance 85 of 2014, article 5).
fn japanese(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        digits::<12>(text).is_some_and(|all| {
            let rest = weighted(&all, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
            let check = if rest < 2 { 0 } else { 11 - rest };
            check == u32::from(all[11]) && !monotonous(&all)
        })
    }
    graded_near(candidate, fits, (0.3, 0.4), &["マイナンバー", "個人番号"])
}

/// Birthday, century and sex, serial. Numbers given since October 2020 have no check digit.
fn korean(candidate: &Candidate<'_>) -> Checked {
    fn born(text: &str) -> bool {
        digits::<13>(text)
            .is_some_and(|[y1, y2, m1, m2, d1, d2, ..]| dates::yymmdd([y1, y2, m1, m2, d1, d2]))
    }
    let checked = digits::<13>(candidate.text).is_some_and(|all| {
        let sum = weighted(&all, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
        let foreign = all[6] > 4;
        let check = (11 - sum % 11 + if foreign { 2 } else { 0 }) % 10;
        check == u32::from(all[12])
    });
    let recent = digits::<13>(candidate.text)
        .is_some_and(|all| matches!(all[6], 3 | 4 | 7 | 8) && all[0] >= 2 && all[0] < 4);
    let (bare, formed) = match (checked, recent) {
        (true, _) => (0.4, 0.8),
        (false, true) => (0.2, 0.6),
        (false, false) => (0.1, 0.5),
    };
    graded_near(
        candidate,
        born,
        (bare, formed),
        &["주민등록번호", "주민번호", "외국인등록번호"],
    )
}

fn korean_firm(text: &str) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let sum = weighted(&all, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + u32::from(all[8]) * 5 / 10;
        (10 - sum % 10) % 10 == u32::from(all[9]) && !monotonous(&all)
    })
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn numbers() {
        takes(
            "cn-resident-id",
            "身份证号",
            &["360426199101010071", "11010519491231002X"],
            &[
                "360426199101010072",
                "360426199113010079",
                "990426199101010071",
            ],
        );
        finds(
            "cn-resident-id",
            "我的身份证号码是11010519491231002X。",
            "11010519491231002X",
        );
        takes("tw-id", "身分證字號", &["F131104093"], &["F131104091"]);
        takes("hk-id", "HKID", &["C1234569"], &["C1234568"]);
        finds("hk-id-bracketed", "G123456(A)", "G123456(A)");
        takes(
            "jp-my-number",
            "マイナンバー",
            &["123456789018", "1234 5678 9018"],
            &["1234 5678 9012"],
        );
        finds(
            "jp-my-number",
            "私のマイナンバーは123456789018です",
            "123456789018",
        );
        refuses("jp-my-number", "1234 5678 9018");
        takes(
            "kr-rrn",
            "주민등록번호",
            &["210123-3123456", "971013-1019908"],
            &["971313-1019908"],
        );
        finds("kr-rrn", "주민등록번호: 210123-3123456", "210123-3123456");
        takes(
            "kr-brn",
            "사업자등록번호",
            &["116-82-00276", "1168200276"],
            &["116-82-00277"],
        );
    }
}
