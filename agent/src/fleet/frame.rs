//! What the loader and the hands say to each other on their socket: a kind, a length, and that many bytes.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// The longest, in bytes.
pub const LONGEST: u32 = 16 << 20;

/// What a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// To the hands: a signed policy to put in force; an empty one: to take everything back.
    Policy,
    /// From the hands: what came of it.
    Done,
    /// From the hands: files have changed. Empty.
    Changed,
    /// From the hands: the start of a denied program was refused.
    Refused,
    /// From the hands: whether executions below clients are to be told, one byte.
    Watch,
    /// To the hands: processes below clients that have executed a program.
    Executed,
}

impl Kind {
    const fn byte(self) -> u8 {
        match self {
            Self::Policy => 1,
            Self::Done => 2,
            Self::Changed => 3,
            Self::Refused => 4,
            Self::Watch => 5,
            Self::Executed => 6,
        }
    }

    fn of(byte: u8) -> io::Result<Self> {
        let all = [
            Self::Policy,
            Self::Done,
            Self::Changed,
            Self::Refused,
            Self::Watch,
            Self::Executed,
        ];
        let known = all.into_iter().find(|kind| kind.byte() == byte);
        known.ok_or_else(|| io::ErrorKind::InvalidData.into())
    }
}

/// Writes one.
///
/// # Errors
/// It is too long, or the other side is gone.
pub async fn write(to: &mut (impl AsyncWrite + Unpin), kind: Kind, text: &[u8]) -> io::Result<()> {
    let length = u32::try_from(text.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut head = [kind.byte(); 5];
    head[1..].copy_from_slice(&length.to_le_bytes());
    to.write_all(&head).await?;
    to.write_all(text).await?;
    to.flush().await
}

/// Reads one; nothing at the end.
///
/// # Errors
/// It is none, too long, or cut off.
pub async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<(Kind, Vec<u8>)>> {
    let mut kind = [0];
    if from.read(&mut kind).await? == 0 {
        return Ok(None);
    }
    let kind = Kind::of(kind[0])?;
    let length = from.read_u32_le().await?;
    if length > LONGEST {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut text = Vec::new();
    from.take(length.into()).read_to_end(&mut text).await?;
    match text.len() == length as usize {
        true => Ok(Some((kind, text))),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read() -> anyhow::Result<()> {
        let mut wire = Vec::new();
        write(&mut wire, Kind::Policy, b"{}").await?;
        write(&mut wire, Kind::Changed, b"").await?;
        let mut wire = &wire[..];
        assert_eq!(read(&mut wire).await?, Some((Kind::Policy, b"{}".to_vec())));
        assert_eq!(read(&mut wire).await?, Some((Kind::Changed, Vec::new())));
        assert_eq!(read(&mut wire).await?, None);
        Ok(())
    }

    #[tokio::test]
    async fn what_is_no_frame_is_an_error_and_takes_no_memory() {
        let cut = [1, 9, 0, 0, 0, b'x'];
        for bad in [
            &[0][..],
            &[77, 0, 0, 0, 0],
            &[1, 255, 255, 255, 255],
            &[1, 2],
            &cut,
        ] {
            assert!(read(&mut &bad[..]).await.is_err(), "{bad:?}");
        }
    }
}
