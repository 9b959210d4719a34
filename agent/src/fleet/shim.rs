//! What our shims between clients and MCP servers obey: a file that root writes and everybody reads.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use tidegate_policy::Document;

/// Its name, beside the control socket.
pub const FILE: &str = "mcp.json";

/// Writes it, whole or not at all. There is no secret in it: what an organisation denies, a person may
/// know.
///
/// # Errors
/// The folder cannot be written.
pub fn publish(path: &Path, document: &Document) -> io::Result<()> {
    let shown = Document {
        mcp_servers: document.mcp_servers.clone(),
        default_mcp_decision: document.default_mcp_decision,
        revision: document.revision,
        ..Document::ungoverned()
    };
    let text = serde_json::to_vec(&shown)?;
    if fs::read(path).is_ok_and(|before| before == text) {
        return Ok(());
    }
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .open(&new)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_was_decided_and_nothing_of_the_rest() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join(FILE);
        let mut document = Document::ungoverned();
        document.never_block = vec!["idp.example.com".parse()?];
        document.default_mcp_decision = tidegate_policy::Decision::Denied;
        for revision in [1, 2] {
            document.revision = revision;
            publish(&path, &document)?;
            let read = Document::from_json(&fs::read(&path)?)?;
            assert_eq!((read.revision, read.never_block.len()), (revision, 0));
            assert_eq!(read.default_mcp_decision, document.default_mcp_decision);
        }
        assert_eq!(fs::read_dir(folder.path())?.count(), 1, "nothing is left");
        Ok(())
    }
}
