//! `cmd /c …` and PowerShell.

use super::super::{
    script,
    step::{Step, World},
};

pub(super) fn is_shell(name: &str) -> bool {
    matches!(name, "cmd" | "powershell" | "pwsh")
}

pub(super) fn step(name: &str, args: &[String], world: &World<'_>) -> Step {
    if name == "cmd" {
        cmd(args)
    } else {
        power_shell(name == "pwsh", args, world)
    }
}

/// Switches begin with a slash; what follows `/c` or `/k` is the command, in one word or in many.
fn cmd(args: &[String]) -> Step {
    let runs = |word: &String| {
        let switch = word.to_ascii_lowercase();
        ["/c", "/k", "/r", "-c", "-k"].contains(&switch.as_str())
    };
    let Some(at) = args.iter().position(runs) else {
        return Step::Opaque;
    };
    let words = args.get(at + 1..).unwrap_or_default();
    let words = match words {
        [one] => match split(one, true) {
            Some(words) => words,
            None => return Step::Opaque,
        },
        _ => {
            if words
                .iter()
                .any(|word| ["&", "&&", "|", "||"].contains(&word.as_str()))
            {
                return Step::Opaque;
            }
            // A caret outside quotes only escapes what follows it.
            words.iter().map(|word| word.replace('^', "")).collect()
        }
    };
    Step::inside(&words)
}

/// Options are told by any beginning of their names, in any case.
fn power_shell(file_by_default: bool, args: &[String], world: &World<'_>) -> Step {
    let mut rest = args;
    while let Some((word, after)) = rest.split_first() {
        let Some(option) = word.strip_prefix(['-', '/']) else {
            break;
        };
        let option = option.trim_start_matches('-').to_ascii_lowercase();
        let is = |name: &str, least: usize| option.len() >= least && name.starts_with(&option);
        if is("command", 1) || is("commandwithargs", 8) || option == "cwa" {
            return command(after);
        }
        if is("file", 1) {
            return file(after, world);
        }
        if is("encodedcommand", 1) || option == "ec" || option == "enc" {
            return Step::Opaque;
        }
        let valued = is("executionpolicy", 2)
            || is("windowstyle", 1)
            || is("version", 1)
            || is("workingdirectory", 2)
            || is("inputformat", 3)
            || is("outputformat", 1)
            || is("configurationname", 6)
            || [
                "ep",
                "wd",
                "psconsolefile",
                "settingsfile",
                "custompipename",
            ]
            .contains(&&*option);
        rest = if valued {
            after.get(1..).unwrap_or_default()
        } else {
            after
        };
    }
    if file_by_default {
        file(rest, world)
    } else {
        command(rest)
    }
}

fn file(words: &[String], world: &World<'_>) -> Step {
    match words.split_first() {
        Some((path, args)) => Step::Is(script::file(path, args, world)),
        None => Step::Opaque,
    }
}

fn command(words: &[String]) -> Step {
    let text = words.join(" ");
    // The call operator only says that a command follows.
    let text = text.trim().trim_start_matches('&').trim_start();
    split(text, false).map_or(Step::Opaque, |words| Step::inside(&words))
}

/// Words by spaces and quotes. None where there is more than one command in it.
fn split(text: &str, caret: bool) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '"') => {
                quote = Some('"');
                word.get_or_insert_default();
            }
            (None, '\'') if !caret => {
                quote = Some('\'');
                word.get_or_insert_default();
            }
            (None, '^') if caret => {}
            (None, '&' | '|' | ';' | '(' | ')' | '{' | '}' | '`' | '\n') => return None,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}
