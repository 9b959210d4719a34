//! A target that is asked beside the one that answers, to be compared with it: nobody waits for it.

use std::time::Duration;

use tidegate_types::{ModelName, ProviderName};

use crate::model::Target;

/// A shadow target of a virtual model.
#[derive(Debug)]
pub struct Shadow {
    /// Who is asked.
    pub target: Target,
    /// Of how many of the calls a copy is sent, 0 to 1.
    pub share: f64,
    /// How long a copy may take in all.
    pub timeout: Duration,
}

impl Shadow {
    /// A model at a provider.
    #[must_use]
    pub fn new(provider: ProviderName, model: ModelName, share: f64, timeout: Duration) -> Self {
        Self {
            target: Target::new(provider, model, 0),
            share,
            timeout,
        }
    }

    /// Whether a copy of this call is sent: by chance, for each call anew.
    #[must_use]
    pub fn draws(&self) -> bool {
        // Never 1 itself.
        fastrand::f64() < self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_calls_are_drawn_as_its_share_says() {
        let drawn = |share| {
            let (provider, model) = ("p".parse().unwrap(), "m".parse().unwrap());
            let shadow = Shadow::new(provider, model, share, Duration::from_secs(1));
            (0..10_000).filter(|_| shadow.draws()).count()
        };
        assert_eq!((drawn(0.0), drawn(1.0)), (0, 10_000));
        // The standard deviation is 43.
        assert!((2_200..2_800).contains(&drawn(0.25)));
    }
}
