//! The document on the wire: what is written today is read tomorrow.

use proptest::prelude::*;

use super::*;
use crate::{LaunchHash, McpTarget, ToolRules, arbitrary};

const GOLDEN: &str = include_str!("../../tests/golden/document.json");

fn golden() -> Document {
    Document {
        revision: 42,
        fail: FailMode::Closed,
        check_in_seconds: 60,
        hosts: vec![
            HostRule {
                host: "api.anthropic.com".parse().unwrap(),
                treatment: Treatment::Governed,
            },
            HostRule {
                host: "downloads.claude.ai".parse().unwrap(),
                treatment: Treatment::Ignored,
            },
        ],
        apps: vec![
            AppRule {
                app: "claude-code".parse().unwrap(),
                decision: Decision::Approved,
                mode: Mode::Gateway,
                pinned: Pinned::Block,
                note: None,
            },
            AppRule {
                app: "cursor".parse().unwrap(),
                decision: Decision::Denied,
                mode: Mode::PassThrough,
                pinned: Pinned::Bypass,
                note: Some("Not reviewed yet".into()),
            },
        ],
        default_decision: Decision::Pending,
        default_mode: Mode::PassThrough,
        default_pinned: Pinned::Bypass,
        never_block: vec!["gateway.example.com".parse().unwrap()],
        mcp_servers: vec![
            McpRule {
                target: McpTarget {
                    identity: "npm:@modelcontextprotocol/server-everything"
                        .parse()
                        .unwrap(),
                    arguments: None,
                    launch: None,
                },
                decision: Decision::Denied,
                tools: ToolRules::default(),
                note: Some("Not reviewed yet".into()),
            },
            McpRule {
                target: McpTarget {
                    identity: "url:https://mcp.example.com/sse".parse().unwrap(),
                    arguments: Some(LaunchHash([0xa5; 32])),
                    launch: Some(LaunchHash([0; 32])),
                },
                decision: Decision::Approved,
                tools: ToolRules {
                    allow: Some(vec!["search".into()]),
                    deny: vec!["delete_all".into()],
                },
                note: None,
            },
        ],
        default_mcp_decision: Decision::Denied,
        audience: "team:01890000-0000-7000-8000-000000000000".into(),
    }
}

#[test]
fn the_format_is_the_one_that_devices_know() {
    assert_eq!(Document::from_json(GOLDEN.as_bytes()).unwrap(), golden());
    let written = serde_json::to_string_pretty(&golden()).unwrap();
    assert_eq!(written, GOLDEN.trim_end());
}

#[test]
fn a_newer_gateway_may_say_more_and_an_older_one_less() {
    let more = GOLDEN
        .replace("\"revision\"", "\"new\": [1], \"revision\"")
        .replace("\"treatment\"", "\"new\": {}, \"treatment\"")
        .replace("\"decision\"", "\"new\": null, \"decision\"");
    assert_eq!(Document::from_json(more.as_bytes()).unwrap(), golden());
    let less = br#"{"revision":1,"check_in_seconds":5,"hosts":[],"apps":[{"app":"a"}]}"#;
    let read = Document::from_json(less).unwrap();
    assert_eq!(
        (read.fail, read.default_decision),
        (FailMode::Open, Decision::Pending)
    );
    assert_eq!(read.apps[0].mode, Mode::PassThrough);
}

#[test]
fn what_cannot_be_obeyed_is_refused() {
    for (from, to) in [
        ("42", "-1"),
        ("42", "\"42\""),
        ("\"closed\"", "\"ajar\""),
        ("\"denied\"", "\"forbidden\""),
        ("api.anthropic.com", "203.0.113.1"),
        ("api.anthropic.com", "*.anthropic.com"),
        ("\"claude-code\"", "\"Claude Code\""),
        ("\"revision\": 42,", ""),
    ] {
        let text = GOLDEN.replacen(from, to, 1);
        assert_ne!(text, GOLDEN, "{from}");
        assert!(
            Document::from_json(text.as_bytes()).is_err(),
            "{from} → {to}"
        );
    }
}

#[test]
fn app_ids_are_fit_for_file_names() {
    for bad in ["", "A", "a b", "a/b", "é", "a\n", &"a".repeat(65)] {
        assert!(bad.parse::<AppId>().is_err(), "{bad:?}");
    }
    let id: AppId = "claude-code_2.x".parse().unwrap();
    assert_eq!(
        (id.to_string(), format!("{id:?}")),
        ("claude-code_2.x".into(), "\"claude-code_2.x\"".into())
    );
    assert_eq!(
        AppId::unknown().as_str().parse::<AppId>().unwrap(),
        AppId::unknown()
    );
}

proptest! {
    #[test]
    fn any_document_survives_the_wire(document in arbitrary::document()) {
        let json = serde_json::to_vec(&document).unwrap();
        prop_assert_eq!(Document::from_json(&json).unwrap(), document);
    }

    #[test]
    fn anything_else_is_an_error_and_no_more(bytes in prop::collection::vec(any::<u8>(), 0..64), cut in 0..600_usize) {
        drop(Document::from_json(&bytes));
        let cut = cut.min(GOLDEN.trim_end().len() - 1);
        prop_assert!(Document::from_json(&GOLDEN.as_bytes()[..cut]).is_err());
    }
}
