//! What the relay has to know about servers on the network.

use serde::{Deserialize, Serialize};
use tidegate_discovery::Located;
use tidegate_policy::{McpIdentity, McpVerdict, ToolRules};

use crate::verdict::{self, Duty};

/// A server that the relay refuses, or lets through with some of its tools.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// What it is: for one with a URL, scheme, host and path.
    pub identity: McpIdentity,
    /// Where it is, secrets taken out.
    pub url: String,
    /// It is refused altogether.
    pub denied: bool,
    /// Which of its tools may be called, where it is not.
    pub tools: ToolRules,
    /// Why, for the person at the machine.
    pub note: Option<String>,
}

impl Remote {
    pub(crate) fn of(located: &Located, verdict: &McpVerdict) -> Option<Self> {
        let duty = verdict::duty(verdict);
        let url = located.server.url.clone().filter(|_| duty != Duty::Leave)?;
        Some(Self {
            identity: located.server.identity.clone(),
            url,
            denied: duty == Duty::Stop,
            tools: verdict.tools.clone(),
            note: verdict.note.clone(),
        })
    }
}
