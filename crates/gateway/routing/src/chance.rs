//! Chance, and the kind of it that always falls alike for one conversation.

/// What holds a conversation together: calls with the same one are sent the same way, so that a provider's
/// prompt cache and what it remembers of earlier turns are found again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Affinity(u64);

impl Affinity {
    /// Of an id that a conversation's calls share. All replicas make the same of it.
    #[must_use]
    pub fn of(id: &[u8]) -> Self {
        // FNV-1a: short ids, no adversary (whoever chooses the id chooses only among their own ways).
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        Self(id.iter().fold(0xcbf2_9ce4_8422_2325, step))
    }
}

/// A draw for the option with this id among others: the largest wins. Each wins in proportion to its weight, and
/// where one drops out the others keep theirs (weighted rendezvous hashing, Schindelhauer and Schomaker 2005).
pub(crate) fn draw(affinity: Option<Affinity>, id: &[u8], weight: u32) -> f64 {
    let even = match affinity {
        None => fastrand::f64(),
        Some(Affinity(seed)) => {
            let Affinity(hash) = Affinity::of(id);
            unit(mix(seed ^ hash.rotate_left(29)))
        }
    };
    // -w / ln(u) grows with u; u = 0 would give 0 and u = 1 is never drawn.
    f64::from(weight) / -(even.max(f64::MIN_POSITIVE)).ln()
}

/// Spreads a number over all 64 bits (the finaliser of `SplitMix64`, Steele et al. 2014).
const fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The upper 53 bits as a number from 0 up to, not including, 1.
fn unit(bits: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit into the mantissa")]
    let upper = (bits >> 11) as f64;
    upper / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conversations_stay_and_are_spread_by_weight() {
        let (mut heavy, total) = (0_u32, 20_000_u32);
        for session in 0..total {
            let affinity = Some(Affinity::of(&session.to_le_bytes()));
            let first = draw(affinity, b"a", 3) > draw(affinity, b"b", 1);
            let again = draw(affinity, b"a", 3) > draw(affinity, b"b", 1);
            assert_eq!(first, again);
            heavy += u32::from(first);
        }
        // Three in four; the standard deviation is 61.
        assert!(
            (14_600..15_400).contains(&heavy),
            "{heavy} of {total} for weight 3 against 1"
        );
    }

    #[test]
    fn without_a_conversation_it_is_chance() {
        let drawn: Vec<bool> = (0..64)
            .map(|_| draw(None, b"a", 1) > draw(None, b"b", 1))
            .collect();
        assert!(drawn.contains(&true) && drawn.contains(&false));
        assert_eq!(draw(None, b"a", 0), 0.0);
    }
}
