//! Papers of the United States: Medicare cards, driver licences, registrations of prescribers.

use crate::pii::draft::{self, alone, fits, labelled};
use crate::pii::sums::digits;
use crate::rule::{Candidate, Checked, Rule};

const US: &[&str] = &["us"];
const MBI: &[&str] = &["mbi", "medicare", "beneficiary", "cms"];
const DEA: &[&str] = &[
    "dea",
    "prescriber",
    "registration",
    "medical",
    "license",
    "licence",
    "certificate",
];

pub(super) fn rules() -> Vec<Rule> {
    // CMS, "Understanding the MBI format": letters without S, L, O, I, B, Z.
    let (letter, either) = ("[AC-HJKMNP-RT-Y]", "[AC-HJKMNP-RT-Y0-9]");
    let mbi = format!(r"[1-9]{letter}{either}\d-?{letter}{either}\d-?{letter}{{2}}\d{{2}}");
    vec![
        alone(
            "us-mbi",
            "A US Medicare beneficiary's number",
            US,
            &mbi,
            fits!(|_| true, 0.5, 0.7),
            MBI,
        ),
        labelled(
            "us-driver-license",
            "A US driver licence's number beside a word for it",
            US,
            r"(?:driver'?s?'?|driving|operator'?s?)[ _-]{0,2}(?:licen[cs]e|lic\b|permit)|licen[cs]e (?:number|no\b|#)|dl ?(?:number|no\b|#|:)|lic#",
            r"[A-Z]\d{2,3}(?:-\d{2,4}){2,4}(?:-\d)?|[A-Z]{1,2}\d{3,14}[A-Z]?|\d{6,14}[A-Z]{0,2}|\d{3}[A-Z]{2}\d{4}|\d{2}[A-Z]{3}\d{5,6}|[A-Z]{3}[A-Z*]{2}\d{3}[A-Z0-9]{4}",
            licence,
        ),
        alone(
            "us-dea",
            "A US prescriber's registration with the DEA",
            US,
            r"[ABCDEFGHJKLMPRSTUXabcdefghjklmprstux][A-Za-z9]\d{7}",
            fits!(dea, 0.4, 0.4),
            DEA,
        ),
    ]
}

fn licence(candidate: &Candidate<'_>) -> Checked {
    if draft::apart(candidate) {
        Checked::Maybe
    } else {
        Checked::No
    }
}

/// 21 CFR 1301: the first, third and fifth digits, and twice the others; the last digit of the sum.
fn dea(text: &str) -> bool {
    let Some([a, b, c, d, e, f, check]) = digits::<7>(text.get(2..).unwrap_or_default()) else {
        return false;
    };
    (a + c + e + 2 * (b + d + f)) % 10 == check
}

#[cfg(test)]
mod tests {
    use crate::pii::tests::{finds, refuses, takes};

    #[test]
    fn papers_of_the_states() {
        takes(
            "us-mbi",
            "Medicare",
            &["1EG4-TE5-MK73", "1EG4TE5MK73"],
            &["0EG4-TE5-MK73", "1SG4TE5MK73", "1EG4TE5MKA3"],
        );
        takes(
            "us-dea",
            "DEA",
            &["AB1234563", "F91234563"],
            &["AB1234564", "AB123456"],
        );
        refuses("us-dea", "part AB1234563");
        finds(
            "us-driver-license",
            "Driver's license: D1234567",
            "D1234567",
        );
        finds(
            "us-driver-license",
            "driver license number F123-456-78-901-0",
            "F123-456-78-901-0",
        );
        finds(
            "us-driver-license",
            "her driving licence is 123456789.",
            "123456789",
        );
        refuses("us-driver-license", "the license of version 12");
        refuses("us-driver-license", "D1234567");
    }
}
