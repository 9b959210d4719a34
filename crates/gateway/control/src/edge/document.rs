//! The document that devices obey, from what is stored and what the build knows: pure.

use std::collections::BTreeMap;

use http::Uri;
use tidegate_policy::{Catalogue, Document, HostName, Treatment};
use tidegate_store::EdgePolicy;

/// What the build knows by itself, as text: where it changes, so does every device's policy.
pub(super) fn builtin() -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Catalogue::builtin().default_document(0))
}

/// The host of a URL, where it is a name.
pub(super) fn host_of(url: &str) -> Option<HostName> {
    url.parse::<Uri>().ok()?.host()?.parse().ok()
}

/// The document. A stored rule for a host stands in place of the build's; the gateway itself is
/// never refused.
pub(super) fn build(stored: EdgePolicy, gateway: Option<HostName>) -> Document {
    let EdgePolicy {
        revision,
        settings,
        hosts,
        apps,
    } = stored;
    let builtin = Catalogue::builtin().default_document(revision);
    let rules = builtin.hosts.iter().cloned().chain(hosts);
    let rules: BTreeMap<HostName, Treatment> =
        rules.map(|rule| (rule.host, rule.treatment)).collect();
    let mut never_block = settings.never_block;
    never_block.extend(gateway.filter(|host| !never_block.contains(host)));
    Document {
        fail: settings.fail,
        check_in_seconds: settings.check_in_seconds,
        hosts: rules
            .into_iter()
            .map(|(host, treatment)| tidegate_policy::HostRule { host, treatment })
            .collect(),
        apps,
        default_decision: settings.default_decision,
        default_mode: settings.default_mode,
        default_pinned: settings.default_pinned,
        never_block,
        ..builtin
    }
}

#[cfg(test)]
mod tests {
    use tidegate_policy::{AppRule, Decision, FailMode, HostRule, Mode, Pinned};
    use tidegate_store::EdgeSettings;

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
        }
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
        let document = build(stored(vec![ignored, added]), Some(host("gw.example.com")));
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
        let again = build(stored(Vec::new()), Some(host("idp.example.com")));
        assert_eq!(again.never_block, [host("idp.example.com")]);
    }

    #[test]
    fn a_certificate_has_room_for_all_hosts() {
        // The store takes 400 rules of an operator's own.
        let builtin = build(stored(Vec::new()), None);
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
