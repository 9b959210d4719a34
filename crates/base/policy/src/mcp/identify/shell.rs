//! Shells with a command in an argument. One simple command is looked into, also behind preparations
//! such as `cd`; anything else stays closed, since only a shell could say what it does.

mod split;
mod windows;

pub(super) use split::split;

use super::{
    script,
    step::{Step, World},
    words::{Options, Takes},
};

/// Shells that read POSIX's language, as far as one simple command goes.
const SHELLS: [&str; 9] = [
    "sh", "bash", "zsh", "dash", "ash", "ksh", "mksh", "rbash", "fish",
];

/// Commands that prepare for the one that matters.
const PREPARES: [&str; 14] = [
    "cd", "export", "set", "unset", "source", ".", ":", "true", "umask", "ulimit", "shopt",
    "setopt", "sleep", "wait",
];

pub(super) fn is_shell(name: &str) -> bool {
    SHELLS.contains(&name) || windows::is_shell(name)
}

/// What a shell is told to run.
pub(super) fn step(name: &str, args: &[String], world: &World<'_>) -> Option<Step> {
    if windows::is_shell(name) {
        return Some(windows::step(name, args, world));
    }
    if name == "su" {
        let at = args.iter().position(|word| word == "-c")?;
        let text = args.get(at + 1);
        return Some(text.map_or(Step::Opaque, |text| script(text, &[])));
    }
    if !SHELLS.contains(&name) {
        return None;
    }
    // `+x` switches off what `-x` switches on, and stands among the options.
    let plus = |word: &&String| !(word.starts_with('+') && word.len() == 2);
    let args: Vec<String> = args.iter().filter(plus).cloned().collect();
    let takes = Takes::Only(&["o", "O", "rcfile", "init-file", "command"]);
    let options = Options::read(&args, &takes);
    if let Some(text) = options.value(&["command"]) {
        return Some(script(text, options.rest));
    }
    let Some((first, rest)) = options.rest.split_first() else {
        return Some(Step::Opaque);
    };
    if options.has(&["c"]) {
        return Some(script(first, rest));
    }
    if options.has(&["s"]) {
        return Some(Step::Opaque);
    }
    Some(Step::Is(script::file(first, rest, world)))
}

/// The one command of a script that matters. `operands` are `$0`, `$1` and so on.
pub(super) fn script(text: &str, operands: &[String]) -> Step {
    let Some(commands) = split(text, operands) else {
        return Step::Opaque;
    };
    let Some((last, before)) = commands.split_last() else {
        return Step::Opaque;
    };
    let mut folder = None;
    for command in before {
        let (name, args) = match command.split_first() {
            Some((name, args)) => (name.as_str(), args),
            None => continue,
        };
        if !PREPARES.contains(&name) {
            return Step::Opaque;
        }
        if name == "cd" {
            folder = args.last().cloned();
        }
    }
    match folder {
        _ if last.is_empty() => Step::Opaque,
        Some(folder) => Step::InsideAt(folder, last.clone()),
        None => Step::Inside(last.clone()),
    }
}
