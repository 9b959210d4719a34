//! Definitions as they are stored.

use super::*;

#[test]
fn what_is_not_said_is_the_careful_choice() {
    let text = r#"{"detect":{"kind":"rules","groups":["secrets"]},"action":{"do":"redact"}}"#;
    let definition: Definition = serde_json::from_str(text).unwrap();
    assert!(definition.prompts && definition.answers && !definition.shadow);
    assert_eq!(
        (definition.sample, definition.on_failure),
        (100, OnFailure::Closed)
    );
    assert_eq!(definition.scope, Scope::default());
    let Detect::Rules { min_score, .. } = definition.detect else {
        panic!("other rules");
    };
    assert!((min_score - 0.5).abs() < f32::EPSILON);
    let name = Replacement::Name;
    assert_eq!(definition.action, Action::Redact { with: name });
    assert!(definition.action.holds() && !Action::Flag.holds());
}

#[test]
fn what_nobody_knows_is_refused() {
    for text in [
        r#"{"detect":{"kind":"rules","group":["secrets"]},"action":{"do":"log"}}"#,
        r#"{"detect":{"kind":"rules"},"action":{"do":"delete"}}"#,
        r#"{"detect":{"kind":"rules"},"action":{"do":"log"},"onfailure":"open"}"#,
        r#"{"detect":{"kind":"nothing"},"action":{"do":"log"}}"#,
    ] {
        assert!(serde_json::from_str::<Definition>(text).is_err(), "{text}");
    }
}
