//! The decision about a server: pure, and the same on every system.

use super::{Identified, McpIdentity, McpRule, Scheme, ToolRules};
use crate::{Decision, Document};

/// What a device does with an MCP server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct McpVerdict {
    /// Approved and pending ones run, denied ones do not.
    pub decision: Decision,
    /// Nobody decided about this server: the default holds.
    pub unknown: bool,
    /// Which of its tools may be called.
    pub tools: ToolRules,
    /// Why, for the person at the machine.
    pub note: Option<String>,
}

impl Document {
    /// What a device does with an MCP server: the tightest rule that fits decides; among equals a
    /// denial does.
    #[must_use]
    pub fn decide_mcp(&self, server: &Identified) -> McpVerdict {
        let fits = self.mcp_servers.iter().filter(|rule| rule.fits(server));
        let best = fits.max_by_key(|rule| (rule.tightness(), rule.decision == Decision::Denied));
        match best {
            Some(rule) => McpVerdict {
                decision: rule.decision,
                unknown: false,
                tools: rule.tools.clone(),
                note: rule.note.clone(),
            },
            None => McpVerdict {
                decision: self.default_mcp_decision,
                unknown: true,
                tools: ToolRules::default(),
                note: None,
            },
        }
    }
}

impl McpRule {
    fn fits(&self, server: &Identified) -> bool {
        let target = &self.target;
        is_same(&target.identity, &server.identity)
            && target.arguments.is_none_or(|hash| hash == server.arguments)
            && target.launch.is_none_or(|hash| hash == server.launch)
    }

    const fn tightness(&self) -> u8 {
        match (self.target.launch, self.target.arguments) {
            (Some(_), _) => 2,
            (None, Some(_)) => 1,
            (None, None) => 0,
        }
    }
}

/// A file is its content: under another name it is the same server.
fn is_same(one: &McpIdentity, other: &McpIdentity) -> bool {
    let digest = |identity: &McpIdentity| match identity.scheme() {
        Scheme::Path => Some(identity.rest().rsplit_once('+')?.1.to_owned()),
        _ => None,
    };
    one == other || digest(one).is_some_and(|one| Some(one) == digest(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LaunchHash, McpTarget};

    fn decided(rules: &[(&str, Option<u8>, Option<u8>, Decision)], server: &str) -> Decision {
        let hash = |byte: u8| LaunchHash([byte; 32]);
        let rule =
            |(identity, arguments, launch, decision): &(&str, Option<u8>, Option<u8>, Decision)| {
                McpRule {
                    target: McpTarget {
                        identity: identity.parse().unwrap(),
                        arguments: arguments.map(hash),
                        launch: launch.map(hash),
                    },
                    decision: *decision,
                    tools: ToolRules::default(),
                    note: None,
                }
            };
        let document = Document {
            mcp_servers: rules.iter().map(rule).collect(),
            ..Document::ungoverned()
        };
        let server = Identified {
            identity: server.parse().unwrap(),
            version: None,
            arguments: hash(1),
            launch: hash(2),
        };
        document.decide_mcp(&server).decision
    }

    #[test]
    fn the_tightest_rule_decides_and_among_equals_a_denial() {
        use Decision::{Approved, Denied, Pending};
        let loose = ("npm:a", None, None, Denied);
        assert_eq!(decided(&[loose], "npm:a"), Denied);
        assert_eq!(decided(&[loose], "npm:ab"), Pending);
        assert_eq!(
            decided(&[loose, ("npm:a", Some(1), None, Approved)], "npm:a"),
            Approved
        );
        assert_eq!(
            decided(&[loose, ("npm:a", Some(9), None, Approved)], "npm:a"),
            Denied
        );
        let exact = ("npm:a", None, Some(2), Denied);
        assert_eq!(
            decided(&[("npm:a", Some(1), None, Approved), exact], "npm:a"),
            Denied
        );
        for twice in [
            [loose, ("npm:a", None, None, Approved)],
            [("npm:a", None, None, Approved), loose],
        ] {
            assert_eq!(decided(&twice, "npm:a"), Denied);
        }
    }

    #[test]
    fn a_copy_under_another_name_is_the_same_server() {
        use Decision::{Denied, Pending};
        let rule = [("path:server.py+sha256:0011223344556677", None, None, Denied)];
        assert_eq!(
            decided(&rule, "path:copy.py+sha256:0011223344556677"),
            Denied
        );
        assert_eq!(
            decided(&rule, "path:server.py+sha256:ffff223344556677"),
            Pending
        );
        assert_eq!(
            decided(&[("path:x", None, None, Denied)], "path:y"),
            Pending
        );
    }
}
