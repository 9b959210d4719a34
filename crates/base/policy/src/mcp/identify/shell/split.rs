//! Splitting a script into the words of its simple commands (POSIX.1-2024, Shell Command Language, §2.2,
//! §2.3 and §2.9.1).

use crate::mcp::identify::words::{LONGEST_WORD, MOST_WORDS, is_assignment};

/// Words that begin something that is no simple command.
const RESERVED: [&str; 16] = [
    "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then",
    "until", "while",
];
const MORE_RESERVED: [&str; 6] = ["[[", "function", "select", "coproc", "((", "trap"];

/// The simple commands of a script, assignments and redirections left out. None, where there is anything
/// that only a shell could work out: pipes, substitutions, control flow, a command that a variable names.
pub(in crate::mcp::identify) fn split(text: &str, operands: &[String]) -> Option<Vec<Vec<String>>> {
    let mut splitter = Splitter {
        chars: text.chars().peekable(),
        operands,
        commands: Vec::new(),
        words: Vec::new(),
        word: Word::default(),
        target: false,
    };
    splitter.run()?;
    Some(splitter.commands)
}

#[derive(Default)]
struct Word {
    text: String,
    /// It is there, if only as `""`.
    begun: bool,
    quoted: bool,
    variable: bool,
    /// It is `$@` or `$*` so far.
    all: bool,
}

struct Splitter<'a> {
    chars: std::iter::Peekable<std::str::Chars<'a>>,
    operands: &'a [String],
    commands: Vec<Vec<String>>,
    words: Vec<String>,
    word: Word,
    /// The next word is where a redirection goes.
    target: bool,
}

impl Splitter<'_> {
    fn run(&mut self) -> Option<()> {
        while let Some(c) = self.chars.next() {
            match c {
                ' ' | '\t' => self.end_word()?,
                '\r' if self.chars.peek() == Some(&'\n') => {}
                '\n' | ';' => self.end_command()?,
                '&' if self.chars.next_if_eq(&'&').is_some() => self.end_command()?,
                '&' if self.chars.peek() == Some(&'>') => self.end_word()?,
                '#' if !self.word.begun => while self.chars.next_if(|c| *c != '\n').is_some() {},
                '<' | '>' => self.redirection(c)?,
                '|' | '&' | '(' | ')' | '`' => return None,
                '\'' => self.single()?,
                '"' => self.double()?,
                '\\' => match self.chars.next() {
                    Some('\n') => {}
                    Some(c) => self.push(c, true),
                    None => return None,
                },
                '$' => self.dollar(false)?,
                c => self.push(c, false),
            }
        }
        self.end_command()
    }

    fn push(&mut self, c: char, quoted: bool) {
        self.word.text.push(c);
        self.word.begun = true;
        self.word.quoted |= quoted;
    }

    fn single(&mut self) -> Option<()> {
        self.word.begun = true;
        self.word.quoted = true;
        loop {
            match self.chars.next()? {
                '\'' => return Some(()),
                c => self.word.text.push(c),
            }
        }
    }

    fn double(&mut self) -> Option<()> {
        self.word.begun = true;
        self.word.quoted = true;
        loop {
            match self.chars.next()? {
                '"' => return Some(()),
                '`' => return None,
                '$' => self.dollar(true)?,
                '\\' => match self.chars.next()? {
                    '\n' => {}
                    c @ ('$' | '`' | '"' | '\\') => self.word.text.push(c),
                    c => self.word.text.extend(['\\', c]),
                },
                c => self.word.text.push(c),
            }
        }
    }

    /// What follows a `$`. Variables stay as they are written: their values are not known here.
    fn dollar(&mut self, quoted: bool) -> Option<()> {
        self.word.begun = true;
        match self.chars.peek().copied() {
            Some('(') => None,
            // ANSI-C quotes: another language.
            Some('\'') if !quoted => None,
            Some('"') if !quoted => Some(()),
            Some('@' | '*') => {
                self.chars.next();
                self.word.all = self.word.text.is_empty();
                self.word.variable |= !self.word.all;
                Some(())
            }
            Some(digit @ '0'..='9') => {
                self.chars.next();
                let at = digit.to_digit(10).and_then(|n| usize::try_from(n).ok())?;
                let operand = self.operands.get(at)?;
                // Words that hold one another would grow without end.
                let fits = self.word.text.len() + operand.len() <= LONGEST_WORD;
                self.word.text.push_str(operand);
                fits.then_some(())
            }
            Some('{') => {
                self.word.text.push('$');
                loop {
                    let c = self.chars.next()?;
                    self.word.text.push(c);
                    match c {
                        '}' => break,
                        '`' | '(' => return None,
                        _ => {}
                    }
                }
                self.word.variable = true;
                Some(())
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                self.word.text.push('$');
                let name = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                while let Some(c) = self.chars.next_if(name) {
                    self.word.text.push(c);
                }
                self.word.variable = true;
                Some(())
            }
            _ => {
                self.word.text.push('$');
                Some(())
            }
        }
    }

    /// `<`, `>`, `>>`, `2>&1` and the like; a document in the script is no simple command.
    fn redirection(&mut self, first: char) -> Option<()> {
        let number = !self.word.quoted && self.word.text.bytes().all(|b| b.is_ascii_digit());
        if number {
            self.word = Word::default();
        }
        self.end_word()?;
        if first == '<' && self.chars.peek() == Some(&'<') || self.chars.peek() == Some(&'(') {
            return None;
        }
        self.chars.next_if(|c| matches!(c, '>' | '|'));
        if self.chars.next_if_eq(&'&').is_some() {
            while self
                .chars
                .next_if(|c| c.is_ascii_digit() || *c == '-')
                .is_some()
            {}
            return Some(());
        }
        self.target = true;
        Some(())
    }

    fn end_word(&mut self) -> Option<()> {
        if !self.word.begun {
            return Some(());
        }
        let word = std::mem::take(&mut self.word);
        if std::mem::take(&mut self.target) {
            return Some(());
        }
        let first = self.words.is_empty();
        if word.all && word.text.is_empty() {
            let operands = self.operands.get(1..).unwrap_or_default();
            self.words.extend(operands.iter().cloned());
        } else if first && !word.quoted && is_reserved(&word.text) {
            return None;
        } else if first && is_assignment(&word.text) {
            // A variable that this script sets could name the command: then it holds one.
        } else if (first && word.variable && !word.text.contains(['/', '\\'])) || word.all {
            return None;
        } else {
            self.words.push(word.text);
        }
        (self.words.len() <= MOST_WORDS).then_some(())
    }

    fn end_command(&mut self) -> Option<()> {
        self.end_word()?;
        if self.target {
            return None;
        }
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            self.commands.push(words);
        }
        (self.commands.len() <= MOST_WORDS).then_some(())
    }
}

fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word) || MORE_RESERVED.contains(&word)
}
