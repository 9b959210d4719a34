//! The decision about a server: pure, and the same on every system.

use super::{Identified, McpRule, ToolRules};
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
        target.identity == server.identity
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
