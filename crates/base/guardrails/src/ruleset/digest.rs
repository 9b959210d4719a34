//! A hash over what rules are, for caches of findings.

use crate::{
    limits::Limits,
    rule::{AllowTarget, Rule},
};

pub(super) fn fingerprint(rules: &[Rule], limits: &Limits) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    for limit in [
        limits.hold,
        limits.hold_long,
        limits.live,
        limits.effort,
        rules.len(),
    ] {
        hasher.update(&(limit as u64).to_le_bytes());
    }
    for rule in rules {
        text(&mut hasher, &rule.id);
        text(&mut hasher, &rule.pattern);
        hasher.update(&[
            rule.kind as u8,
            rule.specificity as u8,
            rule.secret_group,
            u8::from(rule.check.is_some()),
        ]);
        texts(&mut hasher, &rule.keywords);
        hasher.update(&rule.entropy.unwrap_or(-1.0).to_le_bytes());
        hasher.update(&rule.score.to_le_bytes());
        let (words, raised) = rule
            .context
            .map_or((&[][..], -1.0), |context| (context.words, context.score));
        hasher.update(&(words.len() as u64).to_le_bytes());
        words.iter().for_each(|word| text(&mut hasher, word));
        hasher.update(&raised.to_le_bytes());
        hasher.update(&(rule.allow.len() as u64).to_le_bytes());
        for allow in &rule.allow {
            texts(&mut hasher, &allow.regexes);
            texts(&mut hasher, &allow.stopwords);
            let target = match allow.target {
                AllowTarget::Secret => 0,
                AllowTarget::Match => 1,
                AllowTarget::Line => 2,
            };
            hasher.update(&[target, u8::from(allow.all)]);
        }
    }
    *hasher.finalize().as_bytes()
}

fn texts(hasher: &mut blake3::Hasher, texts: &[Box<str>]) {
    hasher.update(&(texts.len() as u64).to_le_bytes());
    texts.iter().for_each(|each| text(hasher, each));
}

/// With its length before it, so that no two sequences of texts are alike.
fn text(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}
