//! Peers two versions apart: what an older one writes is read, and an older one reads what a newer one
//! writes, with words and entries in it that it does not know.

use serde_json::{Value, json};
use tidegate_device_api::{
    AccessRequest, EffectItem, EffectReport, EffectState, InstallSource, InstalledKind, Inventory,
    Means, Scope, Wanted,
};

use super::{fleet, *};

/// As the version before the fleet wrote them; these files are never changed.
#[test]
fn what_an_older_peer_writes_is_read() -> Result<()> {
    let request: CheckInRequest = serde_json::from_str(include_str!("n-2/check_in_request.json"))?;
    assert_eq!((request.revision, request.apps.len()), (6, 2));
    assert_eq!((request.seq, request.machine_id_hash), (0, None));
    assert_eq!((request.inventory, request.effects), (None, None));
    assert!(request.requests.is_empty());
    let response: CheckInResponse =
        serde_json::from_str(include_str!("n-2/check_in_response.json"))?;
    assert!(!response.want_inventory && !response.scan);
    assert_eq!(response.next_seconds, 60);
    let document = response.policy.unwrap().open(|_, _| true).unwrap();
    assert_eq!((document.revision, &*document.audience), (7, "fleet"));
    let asked: EnrolRequest = serde_json::from_str(include_str!("n-2/enrol_request.json"))?;
    assert_eq!(asked, enrol_request());
    let enrolled: EnrolResponse = serde_json::from_str(include_str!("n-2/enrol_response.json"))?;
    let unsigned = EnrolResponse {
        ca_signature: None,
        ..enrol_response()
    };
    assert_eq!(enrolled, unsigned);
    Ok(())
}

/// An older peer knows none of the fleet's fields: they are left out where there is nothing to say.
#[test]
fn nothing_is_written_that_an_older_peer_would_stumble_over() -> Result<()> {
    let quiet = serde_json::to_value(CheckInRequest::default())?;
    let fields: Vec<&String> = quiet.as_object().unwrap().keys().collect();
    let known = [
        "agent_version",
        "apps",
        "effective",
        "revision",
        "wait_seconds",
    ];
    assert_eq!(fields, known);
    assert_eq!(
        serde_json::to_value(CheckInResponse::default())?,
        json!({ "next_seconds": 0 })
    );
    Ok(())
}

fn newer(value: impl Serialize, changes: &[(&str, Value)]) -> Result<String> {
    let mut value = serde_json::to_value(value)?;
    for (pointer, new) in changes {
        *value.pointer_mut(pointer).expect(pointer) = new.clone();
    }
    serde_json::to_string(&value)
}

#[test]
fn words_of_a_newer_agent_are_other_words() -> Result<()> {
    let text = newer(
        fleet::inventory(),
        &[
            ("/apps/0/kind", json!("mainframe_app")),
            ("/apps/0/source", json!("nix")),
            ("/mcp_servers/0/scope", json!("organisation")),
            ("/mcp_servers/0/transport", json!("carrier_pigeon")),
            ("/mcp_servers/0/tool_source", json!("guess")),
            ("/coverage/0/looked", json!("squinted")),
        ],
    )?;
    let read: Inventory = serde_json::from_str(&text)?;
    assert_eq!(read.apps[0].kind, InstalledKind::Other);
    assert_eq!(read.apps[0].source, InstallSource::Other);
    assert_eq!(read.mcp_servers[0].scope, Scope::Other);
    assert_eq!((read.mcp_servers.len(), read.coverage.len()), (2, 1));

    let text = newer(
        fleet::effects(),
        &[
            ("/effects/0/state", json!("quarantined")),
            ("/effects/0/means/0", json!("hypervisor")),
            ("/effects/1/item/kind", json!("browser_tab")),
        ],
    )?;
    let read: EffectReport = serde_json::from_str(&text)?;
    assert_eq!(read.effects[0].state, EffectState::Other);
    assert_eq!(read.effects[0].means, [Means::Other, Means::ConfigEdit]);
    assert_eq!(read.effects[1].item, EffectItem::Other);

    let text = newer(fleet::requests(), &[("/0/kind", json!("model"))])?;
    let read: Vec<AccessRequest> = serde_json::from_str(&text)?;
    assert_eq!((&read[0].wanted, &*read[0].user), (&Wanted::Other, "ann"));
    Ok(())
}

/// One entry of another shape, such as an identity of a new scheme, hides no other.
#[test]
fn entries_that_cannot_be_read_are_left_out() -> Result<()> {
    let text = newer(
        fleet::inventory(),
        &[
            ("/mcp_servers/0/identity", json!("brew:some-server")),
            ("/apps/0", json!(["not", "an", "app"])),
            ("/coverage/0", json!(null)),
        ],
    )?;
    let read: Inventory = serde_json::from_str(&text)?;
    assert!(read.apps.is_empty() && read.coverage.is_empty() && read.truncated);
    assert_eq!(read.mcp_servers[..], fleet::inventory().mcp_servers[1..]);

    let request = CheckInRequest {
        effects: Some(fleet::effects()),
        requests: fleet::requests(),
        ..CheckInRequest::default()
    };
    let text = newer(
        request,
        &[
            (
                "/effects/effects/0/item/identity",
                json!("brew:some-server"),
            ),
            ("/requests/0/user", json!(7)),
        ],
    )?;
    let read: CheckInRequest = serde_json::from_str(&text)?;
    assert_eq!(
        read.effects.unwrap().effects[..],
        fleet::effects().effects[1..]
    );
    assert_eq!(read.requests[..], fleet::requests()[1..]);
    Ok(())
}

/// A decision is never guessed at: what an agent does not know, it does not obey by half.
#[test]
fn a_policy_with_an_unknown_decision_is_refused() {
    let text = br#"{"revision":7,"check_in_seconds":60,"hosts":[],"apps":[{"app":"curl","decision":"maybe"}]}"#;
    let policy = SignedPolicy::new(text, b"s");
    assert!(policy.open(|_, _| true).is_err());
}
