//! A rule: what to look for, and what makes a match a finding.

/// A rule's name, as logs and people read it: lower-case words with hyphens, such as `github-pat` or
/// `credit-card`. At most 64 bytes.
pub type RuleId = Box<str>;

/// What kind of thing a rule finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A credential.
    Secret,
    /// Personal data.
    Personal,
    /// A word or phrase that an operator listed.
    Term,
}

/// How much a match alone says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Specificity {
    /// A value of no shape of its own beside a word such as `password`: often wrong, so that such rules
    /// only log unless told otherwise.
    Generic,
    /// A value of a plain shape beside its vendor's name.
    Assigned,
    /// A prefix, a frame or a checksum of its own.
    Specific,
}

/// What a check sees of a match.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The secret or the datum alone.
    pub text: &'a str,
    /// The whole match of the pattern.
    pub whole: &'a str,
    /// Up to 128 bytes of the text before the match.
    pub before: &'a str,
}

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Checked {
    /// The checksum fits: score 1.
    Sure,
    /// Nothing speaks against it: the rule's own score.
    Maybe,
    /// This score instead.
    Score(f32),
    /// It only looks like one.
    No,
}

/// A check that a pattern cannot make: a checksum, a range, a structure. Must be quick and must not panic.
pub type Check = fn(&Candidate<'_>) -> Checked;

/// Words that make a match more likely when one of them stands before it.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// Whole words, lower case.
    pub words: &'static [&'static str],
    /// What the score becomes at least when one of the last [`Context::REACH`] words before is among them.
    pub score: f32,
}

impl Context {
    /// How many words before a match are looked at.
    pub const REACH: usize = 6;
}

/// What is not a finding though it matches. Gitleaks' meaning of the fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Allow {
    /// Patterns; one that matches the target allows it.
    pub regexes: Vec<Box<str>>,
    /// What the patterns look at.
    pub target: AllowTarget,
    /// Lower case; one that occurs in the secret allows it.
    pub stopwords: Vec<Box<str>>,
    /// Whether patterns and stop words must both say so.
    pub all: bool,
}

/// What an [`Allow`]'s patterns look at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum AllowTarget {
    /// The secret.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// The line that the match ends in, as far as it is known by then.
    Line,
}

/// One rule, not yet compiled.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub id: RuleId,
    /// What it finds, in a sentence.
    pub description: Box<str>,
    /// What kind of thing.
    pub kind: Kind,
    /// How much a match says.
    pub specificity: Specificity,
    /// A pattern of the `regex` crate over bytes, Unicode off unless it says otherwise.
    pub pattern: Box<str>,
    /// The capture group that is the secret; 0: the first one that took part, or the whole match.
    pub secret_group: u8,
    /// Lower case. If there are any, one of them must occur in the match or shortly before it.
    pub keywords: Vec<Box<str>>,
    /// Shannon entropy in bits per character that the secret must exceed.
    pub entropy: Option<f32>,
    /// What is no finding.
    pub allow: Vec<Allow>,
    /// A check of the match.
    pub check: Option<Check>,
    /// The score of a match that the check does not settle, 0 to 1.
    pub score: f32,
    /// Words that raise the score.
    pub context: Option<Context>,
    /// The parts of the world it is for, as ISO 3166-1 alpha-2 in lower case (`uk` is `gb`); empty:
    /// everywhere.
    pub regions: &'static [&'static str],
}
