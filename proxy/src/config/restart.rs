//! What a running process cannot change: where it listens, where it stores, how its control plane is reached.
//!
//! A file that changes one of these is not in force until a restart, and neither is what else changed in it: what
//! runs is always one file that stood on the disk, never a mixture of two.

use super::{Config, ControlSection, EdgeSection, LedgerSection, Listen, StoreSection, Telemetry};

impl Config {
    /// The keys in which `next` differs and that need a restart. Each section is taken apart whole, so that a new
    /// key cannot be forgotten here.
    #[must_use]
    pub fn needs_restart(&self, next: &Self) -> Vec<&'static str> {
        let mut keys = Vec::new();
        let mut note = |key, differs: bool| keys.extend(differs.then_some(key));
        let Listen {
            data,
            control,
            data_tls,
        } = &self.listen;
        note("listen.data", *data != next.listen.data);
        note("listen.control", *control != next.listen.control);
        // Another certificate is none of it; TLS where there was none is: devices know the address with its scheme.
        let tls = data_tls.is_some() != next.listen.data_tls.is_some();
        note("listen.data_tls", tls);
        let StoreSection { url, journal } = &self.store;
        note("store.url", url.expose() != next.store.url.expose());
        note("store.journal", *journal != next.store.journal);
        let LedgerSection { failure, lease } = &self.ledger;
        note("budgets.ledger_failure", *failure != next.ledger.failure);
        note("budgets.lease", *lease != next.ledger.lease);
        let Telemetry {
            json,
            level,
            otlp: _,
        } = &self.telemetry;
        note("telemetry.log", *json != next.telemetry.json);
        note("telemetry.level", *level != next.telemetry.level);
        let ControlSection {
            names,
            url,
            ca,
            metrics_open,
        } = &self.control;
        note("control.names", *names != next.control.names);
        note("control.url", *url != next.control.url);
        note("control.ca", *ca != next.control.ca);
        let open = *metrics_open != next.control.metrics_open;
        note("control.metrics_open", open);
        let EdgeSection {
            relay_url,
            organisation,
            seal_key,
            ca: _,
            addresses: _,
        } = &self.edge;
        note("edge.relay_url", *relay_url != next.edge.relay_url);
        note("edge.organisation", *organisation != next.edge.organisation);
        note("edge.seal_key", *seal_key != next.edge.seal_key);
        note("retention", self.retention != next.retention);
        keys
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(more: &str) -> Config {
        let text = format!(
            "store = {{ url = \"sqlite:t.db\" }}\n{more}\n[[providers]]\nname = \"o\"\ndialect = \
             \"openai\"\nbase_url = \"http://127.0.0.1:1\"\n"
        );
        Config::parse(&text, Path::new("/")).unwrap()
    }

    #[test]
    fn what_needs_a_restart_is_named_and_a_default_that_is_written_out_is_no_change() {
        let now = config("");
        let spelt = "[listen]\ndata = \"127.0.0.1:8080\"\n[budgets]\nlease = \"30s\"";
        assert!(now.needs_restart(&config(spelt)).is_empty());
        let hot = "[limits]\nbody_max = \"1MiB\"\n[timeouts]\nidle = \"1m\"\n[edge]\naddresses = \
                   [\"a.example=127.0.0.1:1\"]\n[budgets]\nunpriced = \"flag\"";
        assert!(now.needs_restart(&config(hot)).is_empty());
        let cold = "[listen]\ndata = \"127.0.0.1:1\"\n[edge]\nseal_key = \"other\"\n[retention]\n\
                    requests = \"2d\"";
        assert_eq!(
            now.needs_restart(&config(cold)),
            ["listen.data", "edge.seal_key", "retention"]
        );
    }
}
