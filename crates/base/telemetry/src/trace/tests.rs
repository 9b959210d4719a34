//! The rules of W3C Trace Context, by example and by property.

use proptest::prelude::*;

use super::*;

const GOOD: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn reads_what_the_recommendation_shows() {
    let context = TraceContext::parse(GOOD).unwrap();
    assert_eq!(
        context.trace.to_string(),
        "4bf92f3577b34da6a3ce929d0e0e4736"
    );
    assert_eq!(context.span.to_string(), "00f067aa0ba902b7");
    assert!(context.sampled);
    assert_eq!(context.to_header(), GOOD);
    assert_eq!(context.trace.to_bytes()[..2], [0x4b, 0xf9]);
    assert_eq!(context.span.to_bytes()[..2], [0x00, 0xf0]);
}

#[test]
fn refuses_what_breaks_the_rules() {
    for bad in [
        "",
        "00",
        // All-zero trace, all-zero span.
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        // Upper case, in each field.
        "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067aa0ba902b7-01",
        "0A-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0A",
        // The forbidden version; version 00 with more text; a later one without the dash.
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
        // Wrong separators, wrong digits, wrong length.
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
        "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1",
        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0é",
    ] {
        assert_eq!(TraceContext::parse(bad), None, "{bad}");
    }
}

#[test]
fn a_later_version_is_read_by_its_prefix() {
    for header in [
        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes",
        "fe-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-",
    ] {
        assert_eq!(TraceContext::parse(header).unwrap().to_header(), GOOD);
    }
    let long = format!("01{}-{}", &GOOD[2..], "x".repeat(MAX_HEADER));
    assert_eq!(TraceContext::parse(&long), None);
}

#[test]
fn a_child_keeps_the_trace_and_the_state() {
    let parent = TraceContext::parse(GOOD)
        .unwrap()
        .with_state("vendor=value,other@x=1");
    let child = parent.child();
    assert_eq!((child.trace, child.sampled), (parent.trace, parent.sampled));
    assert_ne!(child.span, parent.span);
    assert_eq!(child.state(), Some("vendor=value,other@x=1"));
    let root = TraceContext::new_root();
    assert_ne!(root.trace, TraceContext::new_root().trace);
    assert!(!root.sampled);
}

#[test]
fn a_state_is_passed_on_whole_or_not_at_all() {
    let state = |text: &str| {
        TraceContext::new_root()
            .with_state(text)
            .state()
            .map(str::to_owned)
    };
    for good in [
        "a=1",
        "a=1, b=2",
        "a=1,,b=2",
        "0@t=x y",
        "rojo=00f067aa0ba902b7",
    ] {
        assert_eq!(state(good).as_deref(), Some(good));
    }
    assert_eq!(state("  a=1\t").as_deref(), Some("a=1"));
    let many = vec!["a=1"; MAX_STATE_ENTRIES + 1].join(",");
    let long = format!("a={}", "x".repeat(MAX_STATE));
    for bad in [
        "",
        ",",
        "a",
        "a=",
        "=1",
        "A=1",
        "a=1=2",
        "a=\u{e9}",
        "a=1\r\nx: y",
        &many,
        &long,
    ] {
        assert_eq!(state(bad), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn any_text_is_refused_or_names_the_same_place(text in "([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|.{0,80})") {
        if let Some(context) = TraceContext::parse(&text) {
            prop_assert_eq!(&context.to_header()[3..52], &text[3..52]);
            prop_assert_eq!(TraceContext::parse(&context.to_header()), Some(context));
        }
    }

    #[test]
    fn one_wrong_character_never_passes(at in 0_usize..55, byte in b' '..=b'~') {
        let mut bytes = GOOD.as_bytes().to_vec();
        bytes[at] = byte;
        let text = String::from_utf8(bytes).unwrap();
        let digit = byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
        let dash = [2, 35, 52].contains(&at);
        prop_assert_eq!(TraceContext::parse(&text).is_some(), if dash { byte == b'-' } else { digit });
    }

    #[test]
    fn no_state_carries_a_line_end(text in "[ -~\r\n]{0,60}") {
        if let Some(state) = TraceContext::new_root().with_state(&text).state() {
            prop_assert!(!state.contains(['\r', '\n']));
        }
    }
}

#[test]
fn a_part_of_the_traces_that_begin_here_is_recorded() {
    let taken = |part| {
        let roots = (0..1_000).map(|_| TraceContext::sampled_root(Sampling::part(part)));
        roots.filter(|root| root.sampled).count()
    };
    assert_eq!((taken(0.0), taken(1.0)), (0, 1_000));
    assert!((100..400).contains(&taken(0.25)), "a quarter, give or take");
    let trace = TraceContext::new_root().trace;
    let parts = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0].map(|part| Sampling::part(part).takes(trace));
    assert!(
        parts.is_sorted(),
        "what a small part takes, a larger takes too"
    );
}
