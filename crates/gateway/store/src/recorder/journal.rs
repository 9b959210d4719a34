//! The journal: finished calls in files on local disk, until the database has them.
//!
//! A call is one `write` to the newest segment before it counts as recorded. The page cache
//! outlives the process, so a killed gateway loses none; only a power failure can, and that takes
//! at most what the system had not yet written out. A segment is deleted when all its calls are
//! committed.

use std::{
    collections::VecDeque,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use tidegate_types::NodeId;
use uuid::Uuid;

/// A segment is left for a new one when it has grown to this.
const SEGMENT: u64 = 4 * 1024 * 1024;

/// The journal grows no further than this; calls then go to memory only.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// What a segment starts with: the format's name and version, and the node that wrote it, whose
/// leases its charges come off.
const MAGIC: [u8; 8] = *b"tgjrnl01";

/// Bytes before the first frame.
pub(super) const PREFACE: usize = MAGIC.len() + 16;

/// Names a segment; later ones have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SegmentId(u64);

/// The segments of this process.
#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
    node: NodeId,
    /// Held as long as the journal is open, so that no other process uses the directory.
    _lock: File,
    next: u64,
    /// The newest is the last; frames go there.
    segments: VecDeque<Segment>,
    bytes: u64,
}

#[derive(Debug)]
struct Segment {
    id: SegmentId,
    file: File,
    size: u64,
    /// Frames that are not committed yet.
    pending: u64,
    /// A write failed half-way: nothing may follow it.
    closed: bool,
}

/// Takes the directory for this process and lists what an earlier one left, oldest first.
pub(super) fn open(dir: &Path, node: NodeId) -> io::Result<(Journal, Vec<PathBuf>)> {
    create_dir(dir)?;
    let lock = create(&dir.join("lock"))?;
    lock.try_lock().map_err(|_| {
        io::Error::new(
            io::ErrorKind::ResourceBusy,
            "another gateway process uses this journal",
        )
    })?;
    let mut left = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if let Some(number) = number(&path) {
            left.push((number, path));
        }
    }
    left.sort_unstable();
    let next = left.last().map_or(0, |(number, _)| number + 1);
    let segments = VecDeque::new();
    let journal = Journal {
        dir: dir.to_owned(),
        node,
        _lock: lock,
        next,
        segments,
        bytes: 0,
    };
    Ok((journal, left.into_iter().map(|(_, path)| path).collect()))
}

/// The node that wrote a segment, if these are a segment's first bytes.
pub(super) fn author(bytes: &[u8]) -> Option<NodeId> {
    let node: [u8; 16] = bytes.strip_prefix(&MAGIC)?.first_chunk().copied()?;
    Some(NodeId::from_uuid(Uuid::from_bytes(node)))
}

impl Journal {
    /// Appends a frame in one write: where it lies.
    ///
    /// # Errors
    /// The disk is full, or the journal is at its bound. The frame is then not in the journal.
    pub(super) fn append(&mut self, frame: &[u8]) -> io::Result<(SegmentId, u64)> {
        if self.bytes + frame.len() as u64 > MAX_BYTES {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        let fits = |segment: &Segment| !segment.closed && segment.size < SEGMENT;
        if !self.segments.back().is_some_and(fits) {
            self.begin()?;
        }
        let segment = self.segments.back_mut().ok_or(io::ErrorKind::NotFound)?;
        let at = segment.size;
        match segment.file.write(frame) {
            Ok(written) if written == frame.len() => {
                segment.size += frame.len() as u64;
                segment.pending += 1;
                self.bytes += frame.len() as u64;
                Ok((segment.id, at))
            }
            Ok(_) => {
                segment.closed = true;
                Err(io::ErrorKind::WriteZero.into())
            }
            Err(error) => Err(error),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        let id = SegmentId(self.next);
        // A segment whose beginning fails is left behind, not tried again.
        self.next += 1;
        let mut file = create(&self.path(id))?;
        let mut preface = [0; PREFACE];
        preface[..MAGIC.len()].copy_from_slice(&MAGIC);
        preface[MAGIC.len()..].copy_from_slice(self.node.uuid().as_bytes());
        file.write_all(&preface)?;
        let size = PREFACE as u64;
        self.bytes += size;
        self.segments.push_back(Segment {
            id,
            file,
            size,
            pending: 0,
            closed: false,
        });
        Ok(())
    }

    fn path(&self, id: SegmentId) -> PathBuf {
        self.dir.join(format!("{:020}.journal", id.0))
    }

    /// Notes that frames of a segment are committed; files that are no longer needed, to delete.
    /// The newest segment stays, unless `all`.
    pub(super) fn release(&mut self, id: SegmentId, frames: u64, all: bool) -> Vec<PathBuf> {
        if let Some(segment) = self.segments.iter_mut().find(|segment| segment.id == id) {
            segment.pending = segment.pending.saturating_sub(frames);
        }
        self.finished(all)
    }

    /// Files whose frames are all committed, to delete.
    pub(super) fn finished(&mut self, all: bool) -> Vec<PathBuf> {
        let newest = self.segments.back().map(|segment| segment.id);
        let keep = |segment: &Segment| {
            segment.pending > 0 || (Some(segment.id) == newest && !all && !segment.closed)
        };
        let (stay, go): (VecDeque<_>, VecDeque<_>) = std::mem::take(&mut self.segments)
            .into_iter()
            .partition(keep);
        self.segments = stay;
        for segment in &go {
            self.bytes = self.bytes.saturating_sub(segment.size);
        }
        go.iter().map(|segment| self.path(segment.id)).collect()
    }

    /// Where a segment's file lies, to read frames back.
    pub(super) fn locate(&self, id: SegmentId) -> PathBuf {
        self.path(id)
    }
}

/// Reads `length` bytes of a file from `at`.
pub(super) fn read(path: &Path, at: u64, length: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn number(path: &Path) -> Option<u64> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".journal")?.parse().ok()
}

/// Opens a file to append to, for its owner only: it may hold prompts.
fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn create_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}
