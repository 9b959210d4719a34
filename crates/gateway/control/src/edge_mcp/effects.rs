//! What came of decisions about an item, over all devices.

use serde::Serialize;
use tidegate_device_api::EffectState;
use tidegate_store::EffectCount;
use utoipa::ToSchema;

/// On how many of the devices that have an item its decision came out in which way. On a device that has
/// it several times the worst counts.
#[derive(Debug, Default, Clone, Serialize, ToSchema)]
#[schema(as = EffectSummary)]
pub(crate) struct Effects {
    /// Devices that have it.
    devices: u64,
    /// In force, as was found by looking.
    verified: u64,
    /// In force once the client is started anew.
    pending_restart: u64,
    /// Another policy of a higher rank holds instead.
    shadowed: u64,
    /// There is no means to do it.
    unsupported: u64,
    /// It was tried and did not work.
    failed: u64,
    /// Devices that did not report on it: nothing is to be done there, or they did not check in yet.
    unreported: u64,
}

impl Effects {
    /// From what was reported of one item.
    pub(crate) fn of<'a>(devices: u64, counts: impl Iterator<Item = &'a EffectCount>) -> Self {
        let mut sum = Self {
            devices,
            ..Self::default()
        };
        for count in counts {
            let place = match count.state {
                EffectState::Verified => &mut sum.verified,
                EffectState::PendingRestart => &mut sum.pending_restart,
                EffectState::Shadowed => &mut sum.shadowed,
                EffectState::Unsupported => &mut sum.unsupported,
                // What only a newer gateway knows is not known to be in force.
                EffectState::Failed | EffectState::Other => &mut sum.failed,
            };
            *place += count.devices;
        }
        let reported =
            sum.verified + sum.pending_restart + sum.shadowed + sum.unsupported + sum.failed;
        sum.unreported = devices.saturating_sub(reported);
        sum
    }
}

impl Effects {
    /// As cells of a table: verified, pending restart, shadowed, unsupported, failed.
    pub(crate) fn cells(&self) -> [String; 5] {
        [
            self.verified,
            self.pending_restart,
            self.shadowed,
            self.unsupported,
            self.failed,
        ]
        .map(|count| count.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_reported_is_counted_as_such() {
        let count = |state, devices| EffectCount {
            item: "x".into(),
            state,
            devices,
        };
        let counts = [
            count(EffectState::Verified, 37),
            count(EffectState::PendingRestart, 2),
            count(EffectState::Other, 1),
        ];
        let sum = Effects::of(41, counts.iter());
        assert_eq!(sum.cells(), ["37", "2", "0", "0", "1"]);
        assert_eq!((sum.devices, sum.unreported), (41, 1));
    }
}
