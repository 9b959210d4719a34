//! A look that falls short of a text is in the log.

use super::{guardrail, post};

#[test]
fn what_was_given_up_is_noted_in_both_directions() {
    // It may go on for ever, and is never whole.
    let term = r#"{"detect":{"kind":"terms","patterns":["key [a-z]+!"]},"action":{"do":"block"}}"#;
    let text = format!("key {} and so on", "a".repeat(20_000));
    let mut call = post(&[guardrail("t", term)]);
    let noted = |call: &mut super::Call| {
        let applied = call.sentry.applied();
        let entries = applied.iter();
        let entries = entries.map(|done| {
            (
                done.phase.name(),
                done.action.clone(),
                done.detector.clone(),
            )
        });
        entries.collect::<Vec<_>>()
    };
    let entry = |phase| (phase, "unscanned".to_owned(), "cap_released".to_owned());
    assert_eq!(call.prompt(&text).unwrap(), text);
    assert_eq!(noted(&mut call), [entry("prompt")]);
    let pieces: Vec<&str> = text.split_inclusive(' ').collect();
    assert_eq!(call.answer(&pieces).unwrap(), text);
    assert_eq!(noted(&mut call), [entry("answer")]);
    assert_eq!(call.prompt("key ab?").unwrap(), "key ab?");
    assert_eq!(noted(&mut call), []);
}
