//! Names of tools with wildcards.

use tidegate_types::wildcard;

/// Names that are denied, `*` for any characters, whatever their case.
#[derive(Debug, Default)]
pub(crate) struct ToolNames(Vec<String>);

impl ToolNames {
    pub(crate) fn new(names: &[String]) -> Self {
        Self(names.iter().map(|name| name.to_lowercase()).collect())
    }

    /// Whether a name is among them.
    pub(crate) fn deny(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.0.iter().any(|denied| wildcard(denied, &name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything_and_case_for_nothing() {
        let names = ["Bash", "mcp__*__delete_*", "*shell*"].map(str::to_owned);
        let names = ToolNames::new(&names);
        for denied in [
            "bash",
            "BASH",
            "mcp__git__delete_branch",
            "run_Shell_now",
            "shell",
        ] {
            assert!(names.deny(denied), "{denied}");
        }
        for free in ["bash2", "mcp__git__read", "mcp__delete_x", "she ll"] {
            assert!(!names.deny(free), "{free}");
        }
    }
}
