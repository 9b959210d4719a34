//! Repositories that a launcher installs from, in one spelling: `github.com/owner/name`.

/// Shorthands of npm for hosts.
const SHORTHANDS: [(&str, &str); 4] = [
    ("github:", "github.com/"),
    ("gitlab:", "gitlab.com/"),
    ("bitbucket:", "bitbucket.org/"),
    ("gist:", "gist.github.com/"),
];
/// Hosts that do not tell cases apart in names.
const CASELESS: [&str; 4] = [
    "github.com/",
    "gitlab.com/",
    "bitbucket.org/",
    "gist.github.com/",
];

/// The repository that a specification names, with the folder in it where one is named
/// (`github.com/o/r#src/git`); and the revision.
pub(super) fn repository(spec: &str) -> Option<(String, Option<&str>)> {
    let (spec, fragment) = match spec.split_once('#') {
        Some((spec, fragment)) => (spec, Some(fragment)),
        None => (spec, None),
    };
    let spec = spec.split('?').next()?;
    let shorthand = SHORTHANDS
        .iter()
        .find_map(|(short, host)| Some(format!("{host}{}", spec.strip_prefix(short)?)));
    let place = shorthand
        .or_else(|| addressed(spec))
        .or_else(|| owner_and_name(spec))?;
    let (place, revision) = match place.split_once('@') {
        Some((place, _)) => (place.to_owned(), spec.rsplit_once('@').map(|(_, at)| at)),
        None => (place, None),
    };
    let place = place.trim_end_matches('/');
    let place = place.strip_suffix(".git").unwrap_or(place);
    let (host, path) = place.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let mut name = format!("{host}/{}", path.trim_matches('/'));
    if CASELESS.iter().any(|host| name.starts_with(host)) {
        name.make_ascii_lowercase();
    }
    let part = |key: &str| {
        let parts = fragment?.split('&');
        parts.filter_map(|part| part.strip_prefix(key)).next()
    };
    let folder = part("subdirectory=").or_else(|| part("path:"));
    if let Some(folder) = folder.map(|folder| folder.trim_matches(['.', '/'])) {
        name = format!("{name}#{folder}");
    }
    let plain = fragment.filter(|text| !text.contains(['=', ':']));
    Some((name, revision.or(plain)))
}

/// Host and path of an address of a repository, user and port taken off, a revision kept.
fn addressed(spec: &str) -> Option<String> {
    let marked = spec.strip_prefix("git+");
    let address = marked.unwrap_or(spec);
    if let Some((scheme, rest)) = address.split_once("://") {
        let scheme = scheme.to_ascii_lowercase();
        let (authority, path) = rest.split_once('/')?;
        let archive = [".tgz", ".tar.gz", ".zip", ".whl"]
            .iter()
            .any(|end| path.ends_with(end));
        let host = authority.rsplit('@').next()?;
        let host = host.split(':').next()?.to_ascii_lowercase();
        let code = path
            .split('@')
            .next()
            .is_some_and(|path| path.ends_with(".git"))
            || CASELESS
                .iter()
                .any(|known| known.strip_suffix('/') == Some(&host));
        let is_git = marked.is_some() || matches!(&*scheme, "git" | "ssh") || (code && !archive);
        return is_git.then(|| format!("{host}/{path}"));
    }
    // `git@host:owner/name`
    let (user, rest) = address.split_once('@')?;
    let (host, path) = rest.split_once(':')?;
    let plain = |text: &str| !text.is_empty() && !text.contains(['/', ':']);
    (plain(user) && plain(host) && path.contains('/')).then(|| format!("{host}/{path}"))
}

/// `owner/name` is short for one on GitHub.
fn owner_and_name(spec: &str) -> Option<String> {
    let (owner, name) = spec.split_once('/')?;
    let plain = |text: &str| {
        let proper = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        !text.is_empty() && text.bytes().all(proper) && !text.starts_with('.')
    };
    (plain(owner) && plain(name)).then(|| format!("github.com/{owner}/{name}"))
}
