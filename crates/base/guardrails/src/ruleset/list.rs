//! What may begin at a place that passes the gate.

/// Most lists name no more sets of rules than this.
pub(super) const FEW: usize = 4;

/// Those of a beginning's bytes that a list is asked for: what a place begins with chose the list.
pub(super) const LATER: usize = 4;
/// The bytes that may stand at each of these places, a bit for each.
pub(super) type Later = [[u64; 2]; LATER];

/// Rules that may begin at a place: sets of 64 rules of the columns, each with a bit for each rule; and those whose
/// [lead](super::lead::Lead) stands there.
///
/// Most lists are only asked for the bytes behind, and the rest of it lies beside these.
#[derive(Debug, Default)]
#[repr(C, align(128))]
pub(crate) struct List {
    later: Later,
    few: Few,
    rest: Option<Box<Rest>>,
}

/// What few lists have.
#[derive(Debug, Default)]
struct Rest {
    /// Sets that have no place among the first.
    more: Box<[(u16, u64)]>,
    leads: Box<[u16]>,
}

/// The first sets of a list, where whoever looks at many lists finds them at once.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Few {
    pub(super) rules: [u64; FEW],
    pub(super) words: [u16; FEW],
    /// How many there are.
    pub(super) len: u16,
}

const _: () = assert!(size_of::<List>() == 128 && std::mem::offset_of!(List, later) == 0);

impl List {
    /// Of these rules by their places in the columns, and leads of these by theirs in the set. Any byte may stand
    /// behind.
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
        let rest = Rest {
            more: more.into(),
            leads: leads.into_iter().collect(),
        };
        let is_any = !(rest.more.is_empty() && rest.leads.is_empty());
        Self {
            later: [[u64::MAX; 2]; LATER],
            few,
            rest: is_any.then(|| Box::new(rest)),
        }
    }

    /// With these bytes behind.
    pub(super) fn with(self, later: Later) -> Self {
        Self { later, ..self }
    }

    /// The bytes that may stand behind.
    #[inline]
    pub(super) fn later(&self) -> &Later {
        &self.later
    }

    /// Its sets: which, and a bit for each rule.
    pub(super) fn sets(&self) -> impl Iterator<Item = (u16, u64)> {
        let few = self.few.words.into_iter().zip(self.few.rules);
        let few = few.take(usize::from(self.few.len));
        let more = self.rest.as_ref().map_or(&[][..], |rest| &rest.more);
        few.chain(more.iter().copied())
    }

    /// Its sets, if they are few and all that it has.
    #[inline]
    pub(super) fn few(&self) -> Option<&Few> {
        self.rest.is_none().then_some(&self.few)
    }

    pub(super) fn leads(&self) -> &[u16] {
        self.rest.as_ref().map_or(&[], |rest| &rest.leads)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.few.len == 0 && self.rest.is_none()
    }
}

/// Places of a text where something may begin, in their order, each with what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passing<'a> {
    /// Places are counted from here.
    from: usize,
    places: &'a [u16],
    /// Of each, which of the lists.
    which: &'a [u16],
    lists: &'a [List],
}

impl<'a> Passing<'a> {
    pub(super) fn new(from: usize, places: &'a [u16], which: &'a [u16], lists: &'a [List]) -> Self {
        Self {
            from,
            places,
            which,
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
        let each = self.places.iter().zip(self.which);
        each.filter_map(move |(place, list)| {
            let list = self.lists.get(usize::from(*list))?;
            Some((self.from + usize::from(*place), list))
        })
    }
}
