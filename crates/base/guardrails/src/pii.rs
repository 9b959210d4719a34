//! Rules for personal data: what has a shape or a check digit of its own.
//!
//! Names and postal addresses are not here: no pattern tells them from other words. They take a model
//! of the language, which an operator's own service has (Presidio, Azure AI Language, Bedrock).
//!
//! How sure a rule is follows from how many random texts of its shape would pass its check:
//!
//! | what is seen | score |
//! |---|---|
//! | one in ten random numbers passes, and nothing else speaks for it | 0.3 to 0.4 |
//! | the same, in the separators that its country writes | 0.5 to 0.8 |
//! | one in several hundred passes (two check digits, a birthday, letters in their places) | 0.5 to 0.9 |
//! | a word for it stands before, in English or the country's language | 0.85 or more |
//! | chance is out of the question (IBAN, cards written in groups, wallets with a hash) | 1 |
//!
//! So a bare run of digits in code or logs stays below one half, where the product draws its line.
//!
//! Every pattern starts at a boundary of words with a letter or digit of its shape, or with a word that
//! labels the datum, is bounded in length, and takes one sign more than the datum where that sign would
//! show that it goes on (`123-45-6789-1`, `1.2.3.4.5`); the check then refuses it.

mod africa;
mod america;
mod asia;
mod baltic;
mod british;
mod contact;
mod crypto;
mod dates;
mod draft;
mod east_europe;
mod french;
mod german;
mod india;
mod italian;
mod latin;
mod low_countries;
mod middle_east;
mod money;
mod network;
mod nordic;
mod oceania;
mod papers;
mod phone;
mod south_east_asia;
mod spanish;
mod sums;

use crate::rule::Rule;

/// All rules for personal data.
#[must_use]
pub fn rules() -> Vec<Rule> {
    let subjects: [fn() -> Vec<Rule>; 22] = [
        contact::rules,
        phone::rules,
        network::rules,
        money::rules,
        crypto::rules,
        papers::rules,
        america::rules,
        latin::rules,
        british::rules,
        german::rules,
        french::rules,
        italian::rules,
        spanish::rules,
        low_countries::rules,
        nordic::rules,
        baltic::rules,
        east_europe::rules,
        middle_east::rules,
        africa::rules,
        india::rules,
        asia::rules,
        south_east_asia::rules,
    ];
    let mut all: Vec<Rule> = subjects.iter().flat_map(|subject| subject()).collect();
    all.extend(oceania::rules());
    all
}

/// The rules that hold everywhere, and those of these parts of the world (ISO 3166-1 alpha-2, any
/// case; `uk` is understood as `gb`). Parts that no rule is for add nothing.
#[must_use]
pub fn in_regions(regions: &[&str]) -> Vec<Rule> {
    let asked = |here: &&str| {
        regions.iter().any(|region| {
            let region = if region.eq_ignore_ascii_case("uk") {
                "gb"
            } else {
                region
            };
            region.eq_ignore_ascii_case(here)
        })
    };
    let mut rules = rules();
    rules.retain(|rule| rule.regions.is_empty() || rule.regions.iter().any(asked));
    rules
}

#[cfg(test)]
mod tests;
