//! Ending connections that are older than the redirection: sock_diag(7) lists the sockets that go to the
//! governed port, and the kernel ends those that are to governed addresses and none of ours. Their apps
//! see an aborted connection and make a new one, which is redirected.

use std::{
    collections::{BTreeSet, HashSet},
    fs,
    net::IpAddr,
    os::{
        fd::{AsFd, AsRawFd},
        unix::fs::MetadataExt,
    },
    path::{Path, PathBuf},
};

use nix::errno::Errno;
use tidegate_redirect::RedirectError;
use tidegate_redirect_abi::Own;

use crate::{cgroup, os};

mod netlink;

use netlink::{Conversation, Kind, Listed};

/// The addresses that are governed now.
#[derive(Debug, Default)]
pub(crate) struct Governed(pub(crate) BTreeSet<IpAddr>);

/// Ends what must be ended, and says how many that were.
pub(crate) fn reset(
    governed: &Governed,
    own: impl AsFd,
    attached: &Path,
) -> Result<usize, RedirectError> {
    let cgroups = if cgroup::is_root(attached) {
        None
    } else {
        Some(below(attached).map_err(os("the cgroups that are redirected"))?)
    };
    let conversation = Conversation::open().map_err(os("a socket for sock_diag"))?;
    let mut ended = 0;
    for kind in Kind::ALL {
        let listed = match conversation.list(kind, own.as_fd().as_raw_fd()) {
            Ok(listed) => listed,
            // The kernel was built without diagnostics of UDP.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !kind.is_tcp() => {
                continue;
            }
            Err(error) => return Err(os("listing sockets")(error)),
        };
        for socket in listed {
            if !is_meant(&socket, governed, cgroups.as_ref()) {
                continue;
            }
            match conversation.destroy(kind, &socket) {
                Ok(()) => ended += 1,
                Err(error) => match error.raw_os_error().map(Errno::from_raw) {
                    // It has ended by itself.
                    Some(Errno::ENOENT | Errno::ESTALE) => {}
                    Some(Errno::EOPNOTSUPP) => {
                        return Err(RedirectError::Unsupported(
                            "this kernel ends nobody's connections (CONFIG_INET_DIAG_DESTROY)"
                                .into(),
                        ));
                    }
                    _ => return Err(os("ending a connection")(error)),
                },
            }
        }
    }
    Ok(ended)
}

fn is_meant(socket: &Listed, governed: &Governed, cgroups: Option<&HashSet<u64>>) -> bool {
    let ours = socket.own == Some(Own::Outgoing as u32);
    let redirected = match (cgroups, socket.cgroup) {
        (None, _) => true,
        (Some(cgroups), Some(cgroup)) => cgroups.contains(&cgroup),
        (Some(_), None) => false,
    };
    !ours && redirected && governed.0.contains(&socket.peer.to_canonical())
}

/// The ids of a cgroup and of those below it: the inodes of their directories.
fn below(cgroup: &Path) -> std::io::Result<HashSet<u64>> {
    let mut found = HashSet::from([fs::metadata(cgroup)?.ino()]);
    let mut next: Vec<PathBuf> = vec![cgroup.to_owned()];
    while let Some(directory) = next.pop() {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                found.insert(entry.metadata()?.ino());
                next.push(entry.path());
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn socket(peer: &str) -> Listed {
        Listed {
            id: [0; netlink::ID],
            peer: peer.parse().unwrap(),
            own: None,
            cgroup: Some(7),
        }
    }

    #[test]
    fn only_others_connections_to_governed_addresses_are_meant() {
        let governed = Governed(BTreeSet::from(["203.0.113.10".parse().unwrap()]));
        let meant = |socket: &Listed| is_meant(socket, &governed, None);
        assert!(meant(&socket("203.0.113.10")));
        assert!(meant(&socket("::ffff:203.0.113.10")));
        assert!(!meant(&socket("203.0.113.11")));
        let mut own = socket("203.0.113.10");
        own.own = Some(Own::Outgoing as u32);
        assert!(!meant(&own));
        let inside = HashSet::from([7]);
        let outside = HashSet::from([8]);
        let far = socket("203.0.113.10");
        assert!(is_meant(&far, &governed, Some(&inside)));
        assert!(!is_meant(&far, &governed, Some(&outside)));
    }
}
