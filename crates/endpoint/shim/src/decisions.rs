//! The file in which the agent says what was decided.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use nix::fcntl::OFlag;
use tidegate_policy::{Decision, Document, Identified, McpVerdict, ToolRules};

/// Larger files are no decisions, in bytes.
const LARGEST: u64 = 16 << 20;

/// Why there are no decisions.
#[derive(Debug, thiserror::Error)]
pub enum DecisionsError {
    /// There is no such file, or it cannot be read.
    #[error("the decisions cannot be read: {0}")]
    Io(#[from] io::Error),
    /// Somebody else could have written it.
    #[error("the decisions are not trusted: {0}")]
    Untrusted(&'static str),
    /// It is no policy document.
    #[error("the decisions are no policy")]
    Broken,
}

/// What was decided about MCP servers: a [`Document`], of which only they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decisions(Document);

impl Decisions {
    /// Reads them from a file that only `owner` can have written: the file and its folder are the owner's
    /// or root's, and nobody else may write to either.
    ///
    /// # Errors
    /// There is none, it is not trusted, or it is no policy.
    pub fn read(path: &Path, owner: u32) -> Result<Self, DecisionsError> {
        let trusted = |uid: u32, mode: u32| (uid == owner || uid == 0) && mode & 0o022 == 0;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = File::open(folder.unwrap_or(Path::new(".")))?.metadata()?;
        if !trusted(folder.uid(), folder.mode()) {
            return Err(DecisionsError::Untrusted(
                "others can write to their folder",
            ));
        }
        // A FIFO must not make anybody wait, and a link must not lead elsewhere.
        let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK;
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits())
            .open(path)?;
        let found = file.metadata()?;
        if !found.is_file() {
            return Err(DecisionsError::Untrusted("they are no regular file"));
        }
        if !trusted(found.uid(), found.mode()) {
            return Err(DecisionsError::Untrusted("others can write to them"));
        }
        if found.len() > LARGEST {
            return Err(DecisionsError::Broken);
        }
        let mut text = Vec::new();
        file.take(LARGEST).read_to_end(&mut text)?;
        let document = Document::from_json(&text).map_err(|_| DecisionsError::Broken)?;
        Ok(Self(document))
    }

    /// What holds for a server.
    #[must_use]
    pub fn about(&self, server: &Identified) -> McpVerdict {
        self.0.decide_mcp(server)
    }
}

/// What holds for every server while there are no decisions and a shim is to fail open.
pub(crate) fn undecided() -> McpVerdict {
    McpVerdict {
        decision: Decision::Pending,
        unknown: true,
        tools: ToolRules::default(),
        note: None,
    }
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        os::unix::fs::{PermissionsExt, symlink},
    };

    use super::*;

    fn outcome(path: &Path, owner: u32) -> &'static str {
        match Decisions::read(path, owner) {
            Ok(_) => "fine",
            Err(DecisionsError::Io(_)) => "io",
            Err(DecisionsError::Untrusted(_)) => "untrusted",
            Err(DecisionsError::Broken) => "broken",
        }
    }

    #[test]
    fn only_what_the_owner_alone_can_write_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let owner = fs::metadata(folder.path()).unwrap().uid();
        let path = folder.path().join("mcp.json");
        let mode = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        assert_eq!(outcome(&path, owner), "io");
        let text = serde_json::to_string(&Document::ungoverned()).unwrap();
        fs::write(&path, &text).unwrap();
        assert_eq!(outcome(&path, owner), "fine");
        for loose in [0o666, 0o620, 0o602] {
            mode(&path, loose);
            assert_eq!(outcome(&path, owner), "untrusted", "{loose:o}");
        }
        mode(&path, 0o644);
        mode(folder.path(), 0o777);
        assert_eq!(outcome(&path, owner), "untrusted");
        mode(folder.path(), 0o700);
        let link = folder.path().join("link.json");
        symlink(&path, &link).unwrap();
        assert_eq!(outcome(&link, owner), "io");
        fs::write(&path, "{}").unwrap();
        assert_eq!(outcome(&path, owner), "broken");
        fs::remove_file(&path).unwrap();
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        assert_eq!(outcome(&path, owner), "untrusted");
        fs::remove_file(&path).unwrap();
        fs::write(&path, &text).unwrap();
        if nix::unistd::geteuid().is_root() {
            nix::unistd::chown(&path, Some(65_534.into()), None).unwrap();
            assert_eq!(outcome(&path, owner), "untrusted");
        } else {
            assert_eq!(outcome(&path, owner + 1), "untrusted");
        }
    }
}
