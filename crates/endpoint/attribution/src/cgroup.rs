//! Unit and container of a process, from `/proc/PID/cgroup` (cgroups(7)). The service manager or the
//! container engine chose these names, not the process.

use serde::Serialize;

/// Where a process runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Origin {
    /// The systemd unit nearest to it, such as `ssh.service`.
    pub unit: Option<String>,
    /// The container's id, 64 hex digits (Docker, Podman, containerd, CRI-O, Kubernetes).
    pub container: Option<String>,
    /// The Flatpak, Snap or desktop id.
    pub bundle: Option<String>,
}

/// Reads the file. Version 2's line (`0::PATH`) is looked at first; on hybrid systems it is `/`, and a
/// version 1 line knows more.
pub(crate) fn origin(text: &[u8]) -> Origin {
    let text = String::from_utf8_lossy(text);
    let path = |line: &'_ str| line.splitn(3, ':').nth(2).map(str::to_owned);
    let (unified, rest): (Vec<&str>, Vec<&str>) = text
        .lines()
        .take(64)
        .partition(|line| line.starts_with("0::"));
    let mut origin = Origin::default();
    for path in unified.into_iter().chain(rest).filter_map(path) {
        let found = of_path(&path);
        origin.unit = origin.unit.or(found.unit);
        origin.container = origin.container.or(found.container);
        origin.bundle = origin.bundle.or(found.bundle);
    }
    origin
}

fn of_path(path: &str) -> Origin {
    let mut origin = Origin::default();
    for part in path.rsplit('/').filter(|part| !part.is_empty()) {
        if origin.container.is_none() {
            origin.container = container(part);
        }
        if origin.unit.is_none() && (part.ends_with(".service") || part.ends_with(".scope")) {
            origin.unit = Some(part.to_owned());
            origin.bundle = bundle(part);
        }
    }
    origin
}

/// `docker-ID.scope`, `libpod-ID.scope`, `cri-containerd-ID.scope`, `crio-ID`, or a bare `ID`. Podman's
/// monitor (`libpod-conmon-ID`) is outside of the container that it watches.
fn container(part: &str) -> Option<String> {
    let stem = part.strip_suffix(".scope").unwrap_or(part);
    let id = stem.rsplit(['-', ':']).next().unwrap_or(stem);
    let is_id = id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit());
    (is_id && !stem.contains("conmon")).then(|| id.to_ascii_lowercase())
}

/// The app's id in a unit's name: `app-flatpak-ID-NUMBER.scope`, `snap.NAME.APP-UUID.scope`, and the
/// desktop's `app-[LAUNCHER-]ID[@RANDOM|-RANDOM].service`.
fn bundle(unit: &str) -> Option<String> {
    let (stem, suffix) = unit.rsplit_once('.')?;
    if let Some(rest) = stem.strip_prefix("snap.") {
        return rest.split('.').next().map(str::to_owned);
    }
    let rest = stem.strip_prefix("app-")?;
    let id = match suffix {
        "scope" => rest.rsplit_once('-')?.0,
        _ => rest.split('@').next()?,
    };
    let id = id.rsplit('-').next().filter(|id| !id.is_empty())?;
    Some(unescape(id))
}

/// systemd.unit(5): `\xHH` stands for a byte that a name cannot hold.
fn unescape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\x") {
        out.extend_from_slice(before.as_bytes());
        match after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
        {
            Some(byte) => out.push(byte),
            None => out.extend_from_slice(b"\\x"),
        }
        let plain = after
            .get(..2)
            .is_some_and(|hex| u8::from_str_radix(hex, 16).is_ok());
        rest = if plain { &after[2..] } else { after };
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
