//! Singapore, Thailand, Malaysia, Indonesia, the Philippines.

use super::dates;
use super::draft::{self, alone, fits, graded_near, labelled};
use super::sums::{digits, monotonous, weighted};
use crate::rule::{Candidate, Checked, Rule};

const NRIC: &[&str] = &["nric", "fin", "identity", "ic"];
const THAI: &[&str] = &[
    "เลขประจำตัวประชาชน",
    "บัตรประชาชน",
    "citizen",
    "tnin",
    "national",
];
const MY: &[&str] = &["nric", "mykad", "ic", "kad", "pengenalan"];
const NIK: &[&str] = &["nik", "ktp", "kependudukan", "induk"];

pub(super) fn rules() -> Vec<Rule> {
    vec![
        alone(
            "sg-nric",
            "A Singaporean identity number (NRIC, FIN)",
            &["sg"],
            r"[STFGMstfgm]\d{7}[A-Za-z]",
            fits!(singaporean, 0.7, 0.7),
            NRIC,
        ),
        alone(
            "th-tnin",
            "A Thai citizen's number",
            &["th"],
            r"[1-8]-?\d{4}-?\d{5}-?\d{2}-?\d",
            thai,
            THAI,
        ),
        alone(
            "my-nric",
            "A Malaysian identity number (MyKad)",
            &["my"],
            r"\d{6}-?\d{2}-?\d{4}",
            fits!(malaysian, 0.2, 0.7),
            MY,
        ),
        alone(
            "id-nik",
            "An Indonesian citizen's number (NIK)",
            &["id"],
            r"[1-9]\d{15}",
            fits!(indonesian, 0.3, 0.3),
            NIK,
        ),
        labelled(
            "ph-number",
            "A Philippine number (TIN, SSS, UMID, PhilSys, PhilHealth) beside a word for it",
            &["ph"],
            r"\bTIN\b|\bSSS\b|\bUMID\b|\bCRN\b|PhilSys|PhilHealth|\bPSN\b|\bPCN\b",
            r"\d{4}[- ]?\d{7}[- ]?\d|\d{3}[- ]?\d{3}[- ]?\d{3}(?:[- ]?\d{3,5})?|\d{2}[- ]?\d{7}[- ]?\d|\d{2}-?\d{9}-?\d|\d{4}[- ]?\d{4}[- ]?\d{4}(?:[- ]?\d{4})?",
            apart,
        ),
    ]
}

/// Weights 2, 7 … 2; 4 more for T and G, 3 for M; letters by series.
fn singaporean(text: &str) -> bool {
    let first = text.bytes().next().unwrap_or(0).to_ascii_uppercase();
    let last = text.bytes().last().map(|sign| sign.to_ascii_uppercase());
    let Some(all) = digits::<7>(text) else {
        return false;
    };
    let more = match first {
        b'T' | b'G' => 4,
        b'M' => 3,
        _ => 0,
    };
    let letters = match first {
        b'S' | b'T' => b"JZIHGFEDCBA",
        b'F' | b'G' => b"XWUTRQPNMLK",
        _ => b"XWUTRQPNJLK",
    };
    let rest = (weighted(&all, &[2, 7, 6, 5, 4, 3, 2]) + more) % 11;
    last.as_ref() == letters.get(rest as usize)
}

/// Weights from 13; 11 less the rest, its last digit.
fn thai(candidate: &Candidate<'_>) -> Checked {
    fn fits(text: &str) -> bool {
        digits::<13>(text).is_some_and(|all| {
            let rest = weighted(&all, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
            (11 - rest) % 10 == u32::from(all[12]) && !monotonous(&all)
        })
    }
    graded_near(candidate, fits, (0.3, 0.9), &["ประชาชน", "ประจำตัว"])
}

/// Birthday and place of birth; no check digit.
fn malaysian(text: &str) -> bool {
    digits::<12>(text).is_some_and(|[y1, y2, m1, m2, d1, d2, p1, p2, ..]| {
        let place = dates::pair(p1, p2);
        dates::yymmdd([y1, y2, m1, m2, d1, d2])
            && matches!(place, 1..=16 | 21..=68 | 71..=72 | 74..=79 | 82..=93 | 98..=99)
    })
}

/// Province, regency, district, birthday (40 added to women's days), serial.
fn indonesian(text: &str) -> bool {
    digits::<16>(text).is_some_and(|all| {
        let day = dates::pair(all[6], all[7]);
        let day = if day > 40 { day - 40 } else { day };
        let province = dates::pair(all[0], all[1]);
        matches!(province, 11..=21 | 31..=36 | 51..=53 | 61..=65 | 71..=76 | 81..=82 | 91..=97)
            && dates::exists(
                2000 + dates::pair(all[10], all[11]),
                dates::pair(all[8], all[9]),
                day,
            )
            && all[12..] != [0; 4]
    })
}

fn apart(candidate: &Candidate<'_>) -> Checked {
    if draft::apart(candidate) {
        Checked::Maybe
    } else {
        Checked::No
    }
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn numbers() {
        takes(
            "sg-nric",
            "NRIC",
            &[
                "S1234567D",
                "T0123456G",
                "F1234567N",
                "G1234567X",
                "M1234567K",
            ],
            &["S1234567A", "F1234567X", "M1234567L"],
        );
        takes(
            "th-tnin",
            "citizen",
            &["1-2345-45678-78-1", "1234545678781"],
            &["1234545678789"],
        );
        refuses("th-tnin", "at 1234545678781");
        takes(
            "my-nric",
            "NRIC",
            &["770305-02-1234", "770305021234"],
            &["771305-02-1234", "770305-17-1234"],
        );
        takes(
            "id-nik",
            "NIK",
            &["3171011708450001", "3171015708450001"],
            &["3171013208450001", "0171011708450001"],
        );
        refuses("id-nik", "3171011708450001");
        finds("ph-number", "TIN: 123-456-789-000", "123-456-789-000");
        finds("ph-number", "SSS no. 34-1234567-8", "34-1234567-8");
        refuses("ph-number", "123-456-789-000");
    }
}
