//! The hosts that devices relay calls to, each at its own address and under its own certificate. Made
//! when first asked for: which they are is the policy's to say.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use pingora_core::connectors::ConnectorOptions;
use tidegate_policy::HostName;

use super::{POOL, Place, Pool, Upstream};
use crate::config::{EdgeSection, Timeouts};

/// More hosts than any policy governs; beyond it the ones that are known are forgotten.
const MOST: usize = 1_024;

pub(super) struct Hosts {
    known: RwLock<HashMap<HostName, Arc<Upstream>>>,
    pool: Arc<Pool>,
    fixed: HashMap<HostName, SocketAddr>,
    timeouts: Timeouts,
}

impl Hosts {
    pub(super) fn new(edge: &EdgeSection, timeouts: Timeouts) -> Self {
        let mut options = ConnectorOptions::new(POOL);
        options.ca_file = edge.ca.as_ref().map(|path| path.display().to_string());
        Self {
            known: RwLock::default(),
            pool: Arc::new(Pool::new(options)),
            fixed: edge.addresses.iter().cloned().collect(),
            timeouts,
        }
    }

    pub(super) fn get(&self, host: &HostName) -> Arc<Upstream> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(upstream) = known.get(host) {
            return Arc::clone(upstream);
        }
        drop(known);
        let place = Place {
            host: host.as_str(),
            port: 443,
            tls: true,
            http2: true,
        };
        let pool = Arc::clone(&self.pool);
        let fixed = self.fixed.get(host).copied();
        let made = Arc::new(Upstream::new(&place, fixed, &self.timeouts, pool));
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        Arc::clone(known.entry(host.clone()).or_insert(made))
    }
}
