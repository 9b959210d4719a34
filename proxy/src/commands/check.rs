//! `tidegate check`: what a valid configuration amounts to.

use std::path::Path;

use crate::{cli::say, config::Config};

pub(crate) fn report(config: &Config, path: &Path) {
    for warning in &config.warnings {
        say(&format!("warning: {warning}"));
    }
    say(&format!("{} is valid", path.display()));
    let tls = if config.listen.data_tls.is_some() {
        " (TLS)"
    } else {
        ""
    };
    say(&format!("  data plane     {}{tls}", config.listen.data));
    say(&format!("  control plane  {}", config.listen.control));
    for provider in &config.providers {
        let models: Vec<_> = provider.models.iter().map(ToString::to_string).collect();
        let claims = if models.is_empty() {
            "all models".into()
        } else {
            models.join(", ")
        };
        let dialect = provider.dialect.as_str();
        say(&format!(
            "  provider       {} ({dialect}): {claims}",
            provider.name
        ));
    }
}
