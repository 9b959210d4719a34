//! The hosts that devices relay calls to, each at its own address and under its own certificate. Made
//! when first asked for: which they are is the policy's to say.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, PoisonError, RwLock},
};

use tidegate_policy::HostName;

use super::{Place, Pool, Upstream, roots::Roots};
use crate::config::{EdgeSection, Timeouts};

/// More hosts than any policy governs; beyond it the ones that are known are forgotten.
const MOST: usize = 1_024;

pub(super) struct Hosts {
    known: RwLock<HashMap<HostName, Arc<Upstream>>>,
    pool: Arc<Pool>,
    roots: Option<Roots>,
    fixed: HashMap<HostName, SocketAddr>,
    timeouts: Timeouts,
}

impl Hosts {
    /// # Errors
    /// The CA bundle cannot be used.
    pub(super) fn new(edge: &EdgeSection, timeouts: Timeouts) -> anyhow::Result<Self> {
        let roots = Roots::read(edge.ca.as_deref())?;
        Ok(Self {
            known: RwLock::default(),
            pool: Arc::new(Pool::trusting(roots.as_ref())?),
            roots,
            fixed: edge.addresses.iter().cloned().collect(),
            timeouts,
        })
    }

    /// Whether the other one was made of the same.
    pub(super) fn is_as(&self, other: &Self) -> bool {
        self.roots == other.roots && self.fixed == other.fixed && self.timeouts == other.timeouts
    }

    pub(super) fn get(&self, host: &HostName) -> Arc<Upstream> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(upstream) = known.get(host) {
            return Arc::clone(upstream);
        }
        drop(known);
        let place = Place {
            host: host.as_str().into(),
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
