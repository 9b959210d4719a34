//! The decision about a server that was found.

use tidegate_discovery::Located;
use tidegate_policy::{Decision, Document, Identified, McpVerdict};

/// What the document says about a server.
pub(crate) fn of(document: &Document, located: &Located) -> McpVerdict {
    let server = &located.server;
    document.decide_mcp(&Identified {
        identity: server.identity.clone(),
        version: server.version.clone(),
        arguments: server.arguments,
        launch: server.launch,
    })
}

/// What has to be done about a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duty {
    /// Nothing.
    Leave,
    /// It must not run.
    Stop,
    /// It may run behind our shim.
    Filter,
}

/// What a verdict asks for.
pub(crate) fn duty(verdict: &McpVerdict) -> Duty {
    match verdict.decision {
        Decision::Denied => Duty::Stop,
        _ if !verdict.tools.allow_everything() => Duty::Filter,
        Decision::Approved | Decision::Pending => Duty::Leave,
    }
}
