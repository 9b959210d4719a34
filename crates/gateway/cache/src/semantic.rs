//! Questions by what they mean: the vectors of their texts, for all that are the same but for one text.
//!
//! All vectors of such a partition are compared, one after the other: they are few, and nothing is missed. Two
//! questions of different partitions are never compared, however alike they are.

use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::{Weighter, sync::Cache as Table};

use crate::{Key, Semantic};

/// More dimensions than any model's vectors have.
const MOST_DIMENSIONS: usize = 16_384;
/// How many partitions are expected; only the table's first size follows from it.
const EXPECTED: usize = 4_096;

/// A text's vector, of length 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Vector(Arc<[f32]>);

impl Vector {
    /// A vector with this direction; `None` where it has none.
    #[must_use]
    pub fn new(mut numbers: Vec<f32>) -> Option<Self> {
        let length = dot(&numbers, &numbers).sqrt();
        if !(1..=MOST_DIMENSIONS).contains(&numbers.len()) || !length.is_normal() {
            return None;
        }
        numbers.iter_mut().for_each(|number| *number /= length);
        Some(Self(numbers.into()))
    }

    /// The cosine of the angle between two; of vectors of two models none.
    fn cosine(&self, other: &Self) -> Option<f32> {
        (self.0.len() == other.0.len()).then(|| dot(&self.0, &other.0))
    }
}

/// Sixteen sums at once, which compilers turn into vector code: the order of additions is then not the one of
/// the numbers.
fn dot(one: &[f32], other: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: f32 = ones
        .remainder()
        .iter()
        .zip(others.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in ones.zip(others) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}

type Rows = Arc<[(Vector, Key)]>;

#[derive(Debug, Clone)]
struct Weight;

impl Weighter<Key, Rows> for Weight {
    fn weight(&self, _: &Key, rows: &Rows) -> u64 {
        const ROW: u64 = 128;
        rows.iter()
            .map(|(vector, _)| vector.0.len() as u64 * 4 + ROW)
            .sum()
    }
}

/// Which questions there are, by partition. Reading takes no lock of its own.
#[derive(Debug)]
pub(crate) struct Index {
    settings: Semantic,
    table: Table<Key, Rows, Weight>,
    /// One adds at a time.
    adding: Mutex<()>,
}

impl Index {
    /// An index whose vectors take at most so many bytes.
    pub(crate) fn new(settings: Semantic, memory: u64) -> Self {
        Self {
            settings,
            table: Table::with_weighter(EXPECTED, memory, Weight),
            adding: Mutex::default(),
        }
    }

    /// The questions that mean the same, the closest first.
    pub(crate) fn find(&self, partition: &Key, vector: &Vector) -> Vec<Key> {
        let Some(rows) = self.table.get(partition) else {
            return Vec::new();
        };
        let mut close: Vec<(f32, Key)> = rows
            .iter()
            .filter_map(|(other, key)| Some((vector.cosine(other)?, *key)))
            .filter(|(cosine, _)| *cosine >= self.settings.threshold)
            .collect();
        close.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        close.into_iter().map(|(_, key)| key).collect()
    }

    /// Adds a question; those that are not `kept` any more go.
    pub(crate) fn add(
        &self,
        partition: Key,
        vector: Vector,
        key: Key,
        kept: impl Fn(&Key) -> bool,
    ) {
        let _adding = self.adding.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.table.get(&partition);
        let before = before.iter().flat_map(|rows| rows.iter());
        let mut rows: Vec<(Vector, Key)> = before
            .filter(|(_, known)| *known != key && kept(known))
            .cloned()
            .collect();
        let over = (rows.len() + 1).saturating_sub(self.settings.most.max(1));
        rows.drain(..over);
        rows.push((vector, key));
        self.table.insert(partition, rows.into());
    }

    /// What the vectors take, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        self.table.weight()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tenant, key::Hasher};
    use tidegate_types::{TeamId, Timestamp};

    fn key(name: &str) -> Key {
        let team = TeamId::from_parts(Timestamp::from_micros(1), 1);
        Hasher::new(Tenant::Team(team)).part(name.as_bytes()).key()
    }

    fn vector(degrees: f32) -> Vector {
        let angle = degrees.to_radians();
        // Some dimensions more, so that both ways of adding up are gone.
        let mut numbers = vec![0.0; 21];
        (numbers[3], numbers[20]) = (5.0 * angle.cos(), 5.0 * angle.sin());
        Vector::new(numbers).unwrap()
    }

    fn index(threshold: f32, most: usize) -> Index {
        Index::new(Semantic { threshold, most }, 1 << 20)
    }

    #[test]
    fn the_closest_comes_first_and_what_is_too_far_not_at_all() {
        // A cosine of 0.97 is an angle of about 14 degrees.
        let index = index(0.97, 8);
        for degrees in [0.0_f32, 10.0, 20.0, 40.0] {
            index.add(key("p"), vector(degrees), key(&degrees.to_string()), |_| {
                true
            });
        }
        let found = index.find(&key("p"), &vector(8.0));
        assert_eq!(found, [key("10"), key("0"), key("20")]);
        assert_eq!(index.find(&key("p"), &vector(60.0)), []);
        assert_eq!(index.find(&key("other"), &vector(0.0)), []);
    }

    #[test]
    fn the_oldest_and_what_is_gone_is_forgotten() {
        let index = index(0.0, 2);
        for name in ["a", "b", "c"] {
            index.add(key("p"), vector(0.0), key(name), |_| true);
        }
        assert_eq!(index.find(&key("p"), &vector(0.0)), [key("b"), key("c")]);
        index.add(key("p"), vector(0.0), key("d"), |known| *known != key("c"));
        assert_eq!(index.find(&key("p"), &vector(0.0)), [key("b"), key("d")]);
        // A question that is asked again has one place.
        index.add(key("p"), vector(0.0), key("b"), |_| true);
        assert_eq!(index.find(&key("p"), &vector(0.0)), [key("d"), key("b")]);
        assert!(index.bytes() > 0);
    }

    #[test]
    fn what_is_no_direction_is_no_vector() {
        for numbers in [
            vec![],
            vec![0.0; 4],
            vec![f32::NAN, 1.0],
            vec![f32::INFINITY],
            vec![f32::MAX; 8],
        ] {
            assert_eq!(Vector::new(numbers), None);
        }
        let index = index(0.5, 8);
        index.add(key("p"), vector(0.0), key("a"), |_| true);
        let other_model = Vector::new(vec![1.0; 3]).unwrap();
        assert_eq!(index.find(&key("p"), &other_model), []);
    }
}
