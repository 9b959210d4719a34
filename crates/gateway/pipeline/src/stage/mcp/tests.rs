//! Which calls to remote MCP servers pass.

use super::*;

fn policy(rules: &str) -> Document {
    let text = format!(
        r#"{{"revision":1,"check_in_seconds":60,"hosts":[],"apps":[],"mcp_servers":[{rules}]}}"#
    );
    Document::from_json(text.as_bytes()).unwrap()
}

fn gate(rules: &str, target: &str) -> Option<McpGate> {
    McpGate::at(&policy(rules), &"mcp.example.com".parse().unwrap(), target)
}

const DENIED: &str = r#"{"identity":"url:https://mcp.example.com/acme","decision":"denied",
    "note":"Not reviewed"}"#;

#[test]
fn a_rule_covers_its_path_and_all_below_however_it_is_spelled() {
    for target in [
        "/acme",
        "/acme/",
        "/acme/sse?x=1",
        "/%61cme/mcp",
        "//acme",
        "/./acme",
        "/x/../acme",
        "/x/%2e%2e/acme",
        "/acme%2Fsse",
    ] {
        assert!(
            gate(DENIED, target).is_some_and(|gate| gate.is_denied()),
            "{target}"
        );
    }
    for target in ["/", "/acme2", "/other/acme", "/acme/../other", "/ACME"] {
        assert!(gate(DENIED, target).is_none(), "{target}");
    }
    let http = DENIED.replace("https", "http");
    assert!(gate(&http, "/acme").is_some(), "http against https");
    let host = policy(DENIED);
    let other = "mcp.example.org".parse().unwrap();
    assert!(McpGate::at(&host, &other, "/acme").is_none());
    let elsewhere = DENIED.replace("com/acme", "com:8443/acme");
    assert!(gate(&elsewhere, "/acme").is_none(), "another server");
}

#[test]
fn the_longer_path_decides() {
    let approved = r#"{"identity":"url:https://mcp.example.com/acme/good","decision":"approved"}"#;
    let both = format!("{DENIED},{approved}");
    assert!(gate(&both, "/acme/good/sse").is_none());
    assert!(gate(&both, "/acme/bad").is_some());
}

/// A rule about `/acme`, bound to what a device found under this URL.
fn bound(url: &str, by: &str, decision: &str) -> String {
    let url = url.to_owned();
    let what = identify(&Launch::Remote { url }, None, &NoLookup);
    let hash = match by {
        "launch" => what.launch,
        _ => what.arguments,
    };
    format!(
        r#"{{"identity":"url:https://mcp.example.com/acme","decision":"{decision}","{by}":"{hash}"}}"#
    )
}

#[test]
fn a_rule_bound_to_a_launch_covers_calls_to_just_that_url() {
    let url = "https://mcp.example.com/acme?tenant=7";
    let rule = bound(url, "launch", "denied");
    assert!(gate(&rule, "/acme?tenant=7").is_some_and(|gate| gate.is_denied()));
    for other in [
        "/acme",
        "/acme?user=7",
        "/acme/sse?tenant=7",
        "/other?tenant=7",
    ] {
        assert!(gate(&rule, other).is_none(), "{other}");
    }
    let http = bound("http://mcp.example.com/acme", "launch", "denied");
    assert!(gate(&http, "/acme").is_some(), "http against https");
    assert!(gate(&http, "/acme/").is_some());
    // One launch is approved, everything else of that server is denied.
    let approved = bound(url, "launch", "approved");
    for both in [
        format!("{DENIED},{approved}"),
        format!("{approved},{DENIED}"),
    ] {
        assert!(gate(&both, "/acme?tenant=7").is_none());
        assert!(gate(&both, "/acme?user=7").is_some());
        assert!(gate(&both, "/acme/sse").is_some());
    }
    // Values may be credentials: they are not in the hash, on the device and here.
    assert!(gate(&rule, "/acme?tenant=8").is_some());
    let secret = "https://mcp.example.com/acme?api_key=sk-1234567890abcdef1234567890";
    let rule = bound(secret, "launch", "denied");
    let rotated = "/acme?api_key=sk-fedcba0987654321fedcba0987";
    assert!(gate(&rule, rotated).is_some());
}

#[test]
fn a_rule_bound_to_arguments_covers_the_server_since_a_url_has_none() {
    let rule = bound("https://mcp.example.com/acme", "arguments", "denied");
    for target in ["/acme", "/acme?tenant=7", "/acme/sse"] {
        assert!(
            gate(&rule, target).is_some_and(|gate| gate.is_denied()),
            "{target}"
        );
    }
    // Those of another server fit no call here.
    let other = bound("https://mcp.example.com/other", "arguments", "denied");
    assert!(gate(&other, "/acme").is_none());
}

fn refused(gate: &McpGate, body: &str) -> Option<String> {
    match gate.judge(body.as_bytes()) {
        Ok(()) => None,
        Err(Refusal::McpDenied(denial)) => {
            Some(denial.rpc_body().unwrap_or_else(|| "plain".to_owned()))
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn of_a_denied_server_everything_is_refused_in_its_own_words() {
    let gate = gate(DENIED, "/acme").unwrap();
    let told = refused(&gate, r#"{"jsonrpc":"2.0","id":7,"method":"initialize"}"#).unwrap();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["id"], 7);
    assert_eq!(told["error"]["code"], -32_001);
    assert_eq!(
        told["error"]["message"],
        "Your organisation does not allow the MCP server `url:https://mcp.example.com/acme` \
         (Not reviewed). Ask your admin to approve it."
    );
    let text = refused(&gate, r#"{"id":"a\"b","method":"x"}"#).unwrap();
    assert!(text.contains(r#""id":"a\"b","#), "{text}");
    assert!(
        refused(&gate, r#"{"method":"x"}"#)
            .unwrap()
            .contains(r#""id":null,"#)
    );
    assert_eq!(refused(&gate, "").as_deref(), Some("plain"));
    assert_eq!(refused(&gate, "grant_type=x").as_deref(), Some("plain"));
}

#[test]
fn tools_are_held_against_the_rules_and_what_is_unclear_is_refused() {
    let rules = r#"{"identity":"url:https://mcp.example.com/acme","decision":"approved",
        "tools":{"deny":["drop"]}}"#;
    let gate = gate(rules, "/acme").unwrap();
    let call = |name: &str| {
        format!(r#"{{"id":1,"method":"tools/call","params":{{"name":"{name}","arguments":{{}}}}}}"#)
    };
    for passes in [
        "",
        &call("read"),
        r#"{"id":1,"method":"tools/list"}"#,
        r#"{"id":1,"result":{"name":"drop"}}"#,
        r#"[{"id":1,"method":"ping"},{"id":2,"method":"tools/list"}]"#,
    ] {
        assert_eq!(refused(&gate, passes), None, "{passes}");
    }
    let told = refused(&gate, &call("drop")).unwrap();
    assert!(told.contains("the tool `drop` of the MCP server"), "{told}");
    let batch = format!("[{},{}]", call("read"), call("drop"));
    for stopped in [
        batch.as_str(),
        &call("d\\u0072op"),
        r#"{"method":"tools/list","method":"tools/call","params":{"name":"read"}}"#,
        r#"{"Method":"tools/call","params":{"name":"drop"}}"#,
        r#"{"method":"tools/call","params":{"name":"read","name":"drop"}}"#,
        r#"{"method":"tools/call","params":{"name":"read"},"PARAMS":{"name":"drop"}}"#,
        r#"{"method":"tools/call"}"#,
        r#"{"method":["tools/call"]}"#,
        "{\"method\":\"tools/call\"",
        "\u{1f}\u{8b}",
    ] {
        assert!(refused(&gate, stopped).is_some(), "{stopped}");
    }
}
