//! The document that devices obey, from what is stored and what the build knows: pure.

use std::{collections::BTreeMap, iter};

use http::Uri;
use tidegate_policy::{
    AppId, AppRule, Catalogue, Document, HostName, HostRule, McpRule, McpTarget, Treatment,
};
use tidegate_store::{EdgeOverrides, EdgePolicy, mcp_host};

/// What the build knows by itself, as text: where it changes, so does every device's policy.
pub(super) fn builtin() -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Catalogue::builtin().default_document(0))
}

/// The host of a URL, where it is a name.
pub(super) fn host_of(url: &str) -> Option<HostName> {
    url.parse::<Uri>().ok()?.host()?.parse().ok()
}

/// The document for an audience. A stored rule for a host stands in place of the build's; the gateway
/// itself is never refused; what was decided for a narrower audience stands in place of what was decided
/// about the same for a wider one, which comes first in `layers`.
pub(super) fn build(
    stored: &EdgePolicy,
    gateway: Option<HostName>,
    audience: String,
    layers: &[&EdgeOverrides],
) -> Document {
    let settings = &stored.settings;
    let mut apps: BTreeMap<&AppId, &AppRule> = BTreeMap::new();
    let mut servers: BTreeMap<&McpTarget, &McpRule> = BTreeMap::new();
    let narrower = layers.iter().map(|over| (&over.apps, &over.mcp_servers));
    for (more, rules) in iter::once((&stored.apps, &stored.mcp_servers)).chain(narrower) {
        apps.extend(more.iter().map(|rule| (&rule.app, rule)));
        servers.extend(rules.iter().map(|rule| (&rule.target, rule)));
    }
    let mut never_block = settings.never_block.clone();
    never_block.extend(gateway.filter(|host| !never_block.contains(host)));
    let builtin = Catalogue::builtin().default_document(stored.revision);
    Document {
        fail: settings.fail,
        check_in_seconds: settings.check_in_seconds,
        hosts: hosts(&builtin, stored, servers.values().copied()),
        apps: apps.into_values().cloned().collect(),
        default_decision: settings.default_decision,
        default_mode: settings.default_mode,
        default_pinned: settings.default_pinned,
        never_block,
        mcp_servers: servers.into_values().cloned().collect(),
        default_mcp_decision: settings.default_mcp_decision,
        audience,
        ..builtin
    }
}

/// The build's rules for hosts, those that rules about remote MCP servers need, and over both the
/// operator's own.
fn hosts<'a>(
    builtin: &Document,
    stored: &EdgePolicy,
    servers: impl Iterator<Item = &'a McpRule>,
) -> Vec<HostRule> {
    let known = builtin
        .hosts
        .iter()
        .map(|rule| (rule.host.clone(), rule.treatment));
    let needed = servers
        .filter_map(mcp_host)
        .map(|host| (host, Treatment::Governed));
    let own = stored
        .hosts
        .iter()
        .map(|rule| (rule.host.clone(), rule.treatment));
    let rules: BTreeMap<HostName, Treatment> = known.chain(needed).chain(own).collect();
    rules
        .into_iter()
        .map(|(host, treatment)| HostRule { host, treatment })
        .collect()
}

#[cfg(test)]
mod tests {
    use tidegate_policy::{Decision, FailMode, Mode, Pinned, ToolRules};
    use tidegate_store::{Audience, EdgeSettings};
    use tidegate_types::{DeviceId, Timestamp};

    use super::*;

    fn host(name: &str) -> HostName {
        name.parse().unwrap()
    }

    fn stored(hosts: Vec<HostRule>) -> EdgePolicy {
        EdgePolicy {
            revision: 9,
            settings: EdgeSettings {
                fail: FailMode::Closed,
                check_in_seconds: 30,
                default_decision: Decision::Denied,
                default_mode: Mode::Gateway,
                default_pinned: Pinned::Block,
                default_mcp_decision: Decision::Denied,
                never_block: vec![host("idp.example.com")],
            },
            hosts,
            apps: vec![AppRule {
                app: "codex".parse().unwrap(),
                decision: Decision::Approved,
                mode: Mode::PassThrough,
                pinned: Pinned::Bypass,
                note: None,
            }],
            mcp_servers: vec![server("npm:a", Decision::Denied)],
            overrides: Vec::new(),
        }
    }

    fn server(identity: &str, decision: Decision) -> McpRule {
        McpRule {
            target: McpTarget {
                identity: identity.parse().unwrap(),
                arguments: None,
                launch: None,
            },
            decision,
            tools: ToolRules::default(),
            note: None,
        }
    }

    fn fleet(hosts: Vec<HostRule>, gateway: Option<HostName>) -> Document {
        build(&stored(hosts), gateway, "fleet".into(), &[])
    }

    #[test]
    fn what_is_stored_stands_in_place_of_what_is_built_in() {
        let ignored = HostRule {
            host: host("api.openai.com"),
            treatment: Treatment::Ignored,
        };
        let added = HostRule {
            host: host("llm.example.com"),
            treatment: Treatment::Governed,
        };
        let document = fleet(vec![ignored, added], Some(host("gw.example.com")));
        assert!(document.governs(&host("api.anthropic.com")));
        assert!(document.governs(&host("llm.example.com")));
        assert!(!document.governs(&host("api.openai.com")));
        let names: Vec<&HostName> = document.hosts.iter().map(|rule| &rule.host).collect();
        assert!(names.is_sorted() && names.windows(2).all(|pair| pair[0] != pair[1]));
        assert_eq!(
            (document.revision, document.fail, document.check_in_seconds),
            (9, FailMode::Closed, 30)
        );
        assert_eq!(document.apps[0].decision, Decision::Approved);
        assert_eq!(document.default_decision, Decision::Denied);
        assert_eq!(
            document.never_block,
            [host("idp.example.com"), host("gw.example.com")]
        );
        let again = fleet(Vec::new(), Some(host("idp.example.com")));
        assert_eq!(again.never_block, [host("idp.example.com")]);
    }

    #[test]
    fn the_narrower_decision_stands_in_place_of_the_wider_one_about_the_same() {
        let over = |audience, servers: Vec<McpRule>| EdgeOverrides {
            audience,
            team: None,
            apps: Vec::new(),
            mcp_servers: servers,
        };
        let remote = "url:https://mcp.example.com/sse";
        let device = Audience::Device(DeviceId::generate(Timestamp::from_micros(1)));
        let team = over(
            Audience::Fleet,
            vec![
                server("npm:a", Decision::Pending),
                server(remote, Decision::Denied),
            ],
        );
        let own = over(device, vec![server("npm:a", Decision::Approved)]);
        let layers = [&team, &own];
        let document = build(&stored(Vec::new()), None, "device:x".into(), &layers);
        let decided: Vec<_> = document
            .mcp_servers
            .iter()
            .map(|rule| (rule.target.identity.as_str(), rule.decision))
            .collect();
        assert_eq!(
            decided,
            [("npm:a", Decision::Approved), (remote, Decision::Denied)]
        );
        assert_eq!(document.audience, "device:x");
        assert_eq!(document.default_mcp_decision, Decision::Denied);
        assert!(document.governs(&host("mcp.example.com")));
        let ignored = HostRule {
            host: host("mcp.example.com"),
            treatment: Treatment::Ignored,
        };
        let document = build(&stored(vec![ignored]), None, "x".into(), &layers);
        assert!(
            !document.governs(&host("mcp.example.com")),
            "the operator's own word on a host holds"
        );
        assert!(!fleet(Vec::new(), None).governs(&host("mcp.example.com")));
    }

    #[test]
    fn a_certificate_has_room_for_all_hosts() {
        // The store takes 400 rules of an operator's own.
        let builtin = fleet(Vec::new(), None);
        assert!(builtin.governed_names().count() + 400 <= tidegate_authority::MAX_HOSTS);
    }

    #[test]
    fn only_names_are_hosts() {
        assert_eq!(
            host_of("https://gw.example.com:8443/x"),
            Some(host("gw.example.com"))
        );
        assert_eq!(host_of("http://127.0.0.1:8080"), None);
        assert_eq!(host_of("nonsense"), Some(host("nonsense")));
        assert_eq!(host_of("/path"), None);
    }
}
