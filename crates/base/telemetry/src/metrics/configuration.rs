//! Whether the configuration on the disk is the one in force.

use tidegate_types::Timestamp;

use super::{Metrics, labels};

impl Metrics {
    /// A configuration is in force since `now`; `digest` stands for its content.
    pub fn configuration_in_force(&self, digest: &str, now: Timestamp) {
        let digest = digest.to_owned();
        self.configuration.clear();
        self.configuration
            .get_or_create(&labels::Configuration { digest })
            .set(1);
        self.reload_success.set(now.micros() / 1_000_000);
        self.reload_good.set(1);
    }

    /// The configuration was read again, and is in force or not.
    pub fn configuration_read(&self, in_force: bool) {
        let result = if in_force { "in_force" } else { "refused" };
        self.reloads.get_or_create(&labels::Reload { result }).inc();
        self.reload_good.set(in_force.into());
    }
}
