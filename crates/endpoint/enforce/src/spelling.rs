//! How a server is written: the commands and URL patterns that Claude Code's and Copilot's lists take.

use tidegate_discovery::{Home, Located};
use tidegate_policy::Scheme;

/// Names of variables in a launch are few; so are ways to write it.
const MOST_VARIABLES: usize = 64;

/// Every argv that a client may compare with: as it is written, and with its variables filled in. None
/// when it may not be written where others read, or a variable cannot be known.
pub(crate) fn commands(located: &Located, home: Option<&Home>) -> Option<Vec<Vec<String>>> {
    let command = located.raw.command.as_ref().filter(|_| !located.secret)?;
    let argv: Vec<String> = [command]
        .into_iter()
        .chain(&located.raw.args)
        .cloned()
        .collect();
    let filled: Option<Vec<String>> = argv.iter().map(|word| fill(word, located, home)).collect();
    let filled = filled?;
    Some(if filled == argv {
        vec![argv]
    } else {
        vec![filled, argv]
    })
}

/// A word with `${NAME}` and `${NAME:-default}` filled in, as far as anybody but the client can.
fn fill(word: &str, located: &Located, home: Option<&Home>) -> Option<String> {
    let mut out = String::new();
    let mut rest = word;
    for _ in 0..MOST_VARIABLES {
        let Some(start) = rest.find("${") else {
            return Some(out + rest);
        };
        let (before, inner) = (rest.get(..start)?, rest.get(start + 2..)?);
        let end = inner.find('}')?;
        let (name, default) = match inner.get(..end)?.split_once(":-") {
            Some((name, default)) => (name, Some(default)),
            None => (inner.get(..end)?, None),
        };
        out.push_str(before);
        out.push_str(&known(name, located, home).or(default.map(str::to_owned))?);
        rest = inner.get(end + 1..)?;
    }
    None
}

fn known(name: &str, located: &Located, home: Option<&Home>) -> Option<String> {
    match name {
        "HOME" => home.map(|home| home.path.display().to_string()),
        "USER" | "LOGNAME" => home.map(|home| home.user.clone()),
        "CLAUDE_PLUGIN_ROOT" => {
            let file = &located.entry.as_ref()?.file;
            let folder = file.parent()?;
            let inner = folder.ends_with(".claude-plugin");
            Some(
                if inner { folder.parent()? } else { folder }
                    .display()
                    .to_string(),
            )
        }
        _ => None,
    }
}

/// Patterns for a URL, so that no way to write the same place passes by: any scheme, with and without a
/// query. `alone`: nobody may use anything else at this host, so all of it is meant.
pub(crate) fn patterns(url: &str, alone: bool) -> Vec<String> {
    let Some((_, rest)) = url.split_once("://") else {
        return Vec::new();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let path = path.trim_end_matches('/');
    // A star would mean more than it says.
    if host.is_empty() || host.contains('*') || path.contains('*') {
        return Vec::new();
    }
    match (path, alone) {
        ("", true) => vec![format!("*://{host}/*")],
        ("", false) => vec![format!("*://{host}/"), format!("*://{host}/?*")],
        _ => ["", "/*", "?*"]
            .iter()
            .map(|end| format!("*://{host}{path}{end}"))
            .collect(),
    }
}

/// The URL that a server is: of a local bridge to it too.
pub(crate) fn target(located: &Located) -> Option<&str> {
    let identity = &located.server.identity;
    (identity.scheme() == Scheme::Url).then(|| identity.rest())
}

/// The URL of an entry as lists may hold it: nothing in it that its identity does not say, and a pattern of
/// it fits what is written. So not for one with a secret in its path, nor for a bridge.
pub(crate) fn url(located: &Located) -> Option<&str> {
    let said = target(located)?;
    let raw = located.raw.url.as_deref()?;
    let fits = patterns(said, false)
        .iter()
        .any(|pattern| matches(pattern, raw));
    fits.then_some(said)
}

/// Whether a pattern of ours fits a URL, as the clients compare: case of the host, default ports, user
/// and a bare host make no difference.
pub(crate) fn matches(pattern: &str, url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else {
        return false;
    };
    let (authority, path) = match rest.find(['/', '?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let host = authority
        .rsplit('@')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let port = match scheme {
        "http" | "ws" => ":80",
        _ => ":443",
    };
    let host = host
        .strip_suffix(port)
        .unwrap_or(&host)
        .trim_end_matches('.');
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    glob(pattern, &format!("{scheme}://{host}{path}"))
}

/// `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests;
