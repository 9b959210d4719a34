//! What gives a pattern away when its beginning does not: `@` an address of mail, `.atlasv1.` a token
//! that begins like any word. A whole text is searched for that, and the beginning is found by walking
//! back. Only whole texts: in a stream, the beginning must be held before the rest is there.

use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition, literal};

use crate::alphabet::{CODE, frequency};

/// The most strings that a lead may have.
const STRINGS: usize = 64;
/// The most bytes of each that are used.
const LENGTH: usize = 3;

/// Strings of which one must occur in every match, and how far before it the match may begin.
#[derive(Debug, Clone)]
pub(crate) struct Lead {
    /// Lower case, 1 to 3 bytes.
    pub(crate) strings: Vec<Box<[u8]>>,
    /// The match begins at least this many bytes before.
    pub(crate) least: usize,
    /// And at most this many.
    pub(crate) most: usize,
    /// The bytes that may stand between the beginning and the string.
    pub(crate) between: Box<[bool; 256]>,
    /// How often such a string occurs, for each byte of text: an estimate.
    pub(crate) cost: f64,
}

/// The leads of a pattern, the rarest first.
pub(crate) fn leads(hir: &Hir, hold: usize) -> Vec<Lead> {
    let bare = bare(hir);
    let HirKind::Concat(parts) = bare.kind() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut between = Box::new([false; 256]);
    let (mut least, mut most) = (0, 0);
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            let rest = Hir::concat(parts.get(at..).unwrap_or_default().to_vec());
            if let Some((strings, cost)) = strings(&rest) {
                found.push(Lead {
                    strings,
                    least,
                    most,
                    between: between.clone(),
                    cost,
                });
            }
        }
        mark(part, &mut between);
        least += part.properties().minimum_len().unwrap_or(0);
        // Beyond the bound a candidate is given up, so that nothing longer can match.
        most = part
            .properties()
            .maximum_len()
            .map_or(hold, |len| most + len)
            .min(hold);
    }
    found.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    found
}

/// The strings that this must begin with, and how often they occur.
fn strings(hir: &Hir) -> Option<(Vec<Box<[u8]>>, f64)> {
    let mut sequence = literal::Extractor::new()
        .limit_class(16)
        .limit_total(STRINGS)
        .extract(hir);
    sequence.keep_first_bytes(LENGTH);
    sequence.sort();
    sequence.dedup();
    let literals = sequence.literals()?;
    if literals.is_empty() || literals.iter().any(literal::Literal::is_empty) {
        return None;
    }
    let strings: Vec<Box<[u8]>> = literals
        .iter()
        .map(|literal| literal.as_bytes().to_ascii_lowercase().into())
        .collect();
    let often = |string: &[u8]| -> f64 {
        let codes = string
            .iter()
            .filter_map(|byte| CODE.get(usize::from(*byte)));
        codes.map(|code| frequency(*code) * 1.1).product()
    };
    let cost = strings.iter().map(|string| often(string)).sum();
    Some((strings, cost))
}

/// The pattern without groups and without case, so that its parts lie side by side.
fn bare(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Unicode(_)) => hir.clone(),
        HirKind::Literal(literal) => Hir::literal(literal.0.to_ascii_lowercase()),
        HirKind::Class(Class::Bytes(class)) => Hir::class(Class::Bytes(lower(class))),
        HirKind::Capture(capture) => bare(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(bare).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(bare).collect()),
        HirKind::Repetition(repetition) => Hir::repetition(Repetition {
            min: repetition.min,
            max: repetition.max,
            greedy: repetition.greedy,
            sub: Box::new(bare(&repetition.sub)),
        }),
    }
}

fn lower(class: &ClassBytes) -> ClassBytes {
    let bytes = class.iter().flat_map(|range| range.start()..=range.end());
    let bytes = bytes.map(|byte| byte.to_ascii_lowercase());
    ClassBytes::new(bytes.map(|byte| ClassBytesRange::new(byte, byte)))
}

/// Marks every byte that may occur in a match of this.
fn mark(hir: &Hir, marks: &mut [bool; 256]) {
    let mut mark_byte = |byte: u8| {
        for byte in [byte.to_ascii_lowercase(), byte.to_ascii_uppercase()] {
            if let Some(mark) = marks.get_mut(usize::from(byte)) {
                *mark = true;
            }
        }
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Literal(literal) => literal.0.iter().copied().for_each(mark_byte),
        HirKind::Class(Class::Bytes(class)) => class
            .iter()
            .flat_map(|range| range.start()..=range.end())
            .for_each(mark_byte),
        HirKind::Class(Class::Unicode(class)) => {
            for range in class.iter() {
                let end = u32::from(range.end());
                (u32::from(range.start())..=end.min(0x7f))
                    .filter_map(|scalar| u8::try_from(scalar).ok())
                    .for_each(&mut mark_byte);
                if end > 0x7f {
                    (0x80..=u8::MAX).for_each(&mut mark_byte);
                }
            }
        }
        HirKind::Capture(capture) => mark(&capture.sub, marks),
        HirKind::Repetition(repetition) => mark(&repetition.sub, marks),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().for_each(|part| mark(part, marks));
        }
    }
}
