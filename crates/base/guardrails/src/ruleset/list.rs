//! What may begin at a place that passes the gate.

/// Most lists name no more sets of rules than this.
pub(super) const FEW: usize = 4;

/// Rules that may begin at a place: sets of 64 rules of the columns, each with a bit for each rule; and those whose
/// [lead](super::lead::Lead) stands there.
#[derive(Debug, Default)]
pub(crate) struct List {
    few: Few,
    /// Those that have no place there.
    more: Box<[(u16, u64)]>,
    leads: Box<[u16]>,
}

/// The first sets of a list, where whoever looks at many lists finds them at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Few {
    pub(super) words: [u16; FEW],
    pub(super) rules: [u64; FEW],
    /// How many there are.
    pub(super) len: u16,
}

impl List {
    /// Of these rules by their places in the columns, and leads of these by theirs in the set.
    pub(super) fn new(
        rules: impl Iterator<Item = u16>,
        leads: impl IntoIterator<Item = u16>,
    ) -> Self {
        let mut sets: Vec<(u16, u64)> = Vec::new();
        for rule in rules {
            let bit = 1 << (rule % 64);
            match sets.iter_mut().find(|(word, _)| *word == rule / 64) {
                Some((_, set)) => *set |= bit,
                None => sets.push((rule / 64, bit)),
            }
        }
        sets.sort_unstable();
        let more = sets.split_off(sets.len().min(FEW));
        let mut few = Few::default();
        for (at, (word, rules)) in sets.into_iter().enumerate() {
            (few.words[at], few.rules[at]) = (word, rules);
            few.len += 1;
        }
        Self {
            few,
            more: more.into(),
            leads: leads.into_iter().collect(),
        }
    }

    /// Its sets: which, and a bit for each rule.
    pub(super) fn sets(&self) -> impl Iterator<Item = (u16, u64)> {
        let few = self.few.words.into_iter().zip(self.few.rules);
        let few = few.take(usize::from(self.few.len));
        few.chain(self.more.iter().copied())
    }

    /// Its sets, if they are few and all that it has.
    #[inline]
    pub(super) fn few(&self) -> Option<&Few> {
        (self.more.is_empty() & self.leads.is_empty()).then_some(&self.few)
    }

    pub(super) fn leads(&self) -> &[u16] {
        &self.leads
    }

    pub(super) fn is_empty(&self) -> bool {
        self.few.len == 0
    }
}

/// Places of a text where something may begin, in their order, each with what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passing<'a> {
    /// Places are counted from here.
    from: usize,
    places: &'a [u32],
    /// Of each, which of the lists.
    keys: &'a [u32],
    lists: &'a [List],
}

impl<'a> Passing<'a> {
    pub(super) fn new(from: usize, places: &'a [u32], keys: &'a [u32], lists: &'a [List]) -> Self {
        Self {
            from,
            places,
            keys,
            lists,
        }
    }

    /// One place.
    pub(super) fn one(at: usize, list: &'a List) -> Self {
        Self::new(at, &[0], &[0], std::slice::from_ref(list))
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// Each place, and what may begin there.
    #[inline]
    pub(super) fn each(self) -> impl Iterator<Item = (usize, &'a List)> {
        let each = self.places.iter().zip(self.keys);
        each.filter_map(move |(place, key)| {
            Some((self.from + *place as usize, self.lists.get(*key as usize)?))
        })
    }
}
