//! What is too long for a frame: written into a file without a name (memfd_create(2)), which goes along.

use std::{
    fs::File,
    io::{self, ErrorKind},
    os::{
        fd::{AsFd, OwnedFd},
        unix::fs::FileExt,
    },
};

use rustix::fs::{MemfdFlags, memfd_create};

/// The longest paper, in bytes.
pub const LONGEST_PAPER: u64 = 16 << 20;

/// A paper with this on it.
pub(crate) fn written(text: &[u8]) -> io::Result<OwnedFd> {
    let paper = memfd_create("tidegate-paper", MemfdFlags::CLOEXEC)?;
    write_paper(&paper, text)?;
    Ok(paper)
}

/// Reads a paper from its beginning, wherever somebody else has read to. Anything but a file is refused:
/// it might never end, or never begin.
pub(crate) fn read_paper(paper: OwnedFd) -> io::Result<Vec<u8>> {
    let file = File::from(paper);
    let meta = file.metadata()?;
    if !meta.is_file() || meta.len() > LONGEST_PAPER {
        return Err(ErrorKind::InvalidInput.into());
    }
    // Its length may change while it is read; what was seen is what is read.
    let length = usize::try_from(meta.len()).map_err(|_| ErrorKind::InvalidInput)?;
    let mut text = vec![0; length];
    let mut read = 0;
    while read < length {
        let offset = u64::try_from(read).map_err(|_| ErrorKind::InvalidInput)?;
        match file.read_at(&mut text[read..], offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(more) => read += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(text)
}

/// Writes a paper from its beginning.
pub(crate) fn write_paper(paper: &OwnedFd, text: &[u8]) -> io::Result<()> {
    let file = File::from(paper.as_fd().try_clone_to_owned()?);
    if !file.metadata()?.is_file() || text.len() as u64 > LONGEST_PAPER {
        return Err(ErrorKind::InvalidInput.into());
    }
    file.write_all_at(text, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() -> anyhow::Result<()> {
        for text in [&b""[..], b"policy", &[7; 1 << 20]] {
            assert_eq!(read_paper(written(text)?)?, text);
        }
        Ok(())
    }

    #[test]
    fn only_a_file_of_some_length_is_a_paper() -> anyhow::Result<()> {
        let (read, write) = io::pipe()?;
        assert!(read_paper(read.into()).is_err(), "it might never end");
        assert!(write_paper(&write.into(), b"x").is_err());
        let null = File::options().read(true).write(true).open("/dev/null")?;
        assert!(read_paper(null.into()).is_err());
        let long = memfd_create("long", MemfdFlags::CLOEXEC)?;
        File::from(long.try_clone()?).set_len(LONGEST_PAPER + 1)?;
        assert!(read_paper(long).is_err());
        Ok(())
    }
}
