//! Executions, as the kernel programs tell of them: a ring buffer of their own, whose reader sleeps until
//! something is executed, and no program in the kernel while nobody wants to hear of it.

use std::os::fd::AsFd;

use aya::{
    Ebpf,
    maps::{Array, MapData, RingBuf},
    programs::{Program, raw_trace_point::RawTracePointLinkId},
};
use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use tidegate_redirect::{Execution, RedirectError};
use tidegate_redirect_abi::EXECUTIONS;

use crate::{bpf_error, listener::started, maps, os};

/// Records that are read at once.
const AT_ONCE: usize = 512;

/// The program's link while it is attached.
pub(crate) type Telling = Option<RawTracePointLinkId>;

/// The reader's end.
pub(crate) struct Executions {
    ring: RingBuf<MapData>,
    missed: Array<MapData, u64>,
    /// How many were missed up to the last look.
    before: u64,
}

/// Loads the program and attaches it once, to see whether the kernel lets it. Where fields of the kernel's records
/// are not known, it tells processes without their starts and parents.
///
/// # Errors
/// Why it does not; the rest works without.
pub(crate) fn prepare(object: &mut Ebpf) -> Result<Executions, String> {
    let say = |error: RedirectError| error.to_string();
    let (name, _) = EXECUTIONS;
    program(object)
        .map_err(say)?
        .load()
        .map_err(|error| bpf_error(format!("loading {name}"))(error).to_string())?;
    let mut telling = None;
    tell(object, &mut telling, true).map_err(say)?;
    tell(object, &mut telling, false).map_err(say)?;
    Ok(Executions {
        ring: maps::take(object, "EXECUTIONS").map_err(say)?,
        missed: maps::take(object, "MISSED").map_err(say)?,
        before: 0,
    })
}

/// Attaches the program or takes it away, if it is not so already.
pub(crate) fn tell(
    object: &mut Ebpf,
    telling: &mut Telling,
    on: bool,
) -> Result<(), RedirectError> {
    let (name, tracepoint) = EXECUTIONS;
    let failed = |what: &str| bpf_error(format!("{what} {name}"));
    match (on, telling.take()) {
        (true, None) => {
            let link = program(object)?.attach(tracepoint);
            *telling = Some(link.map_err(failed("attaching"))?);
        }
        (false, Some(link)) => program(object)?.detach(link).map_err(failed("detaching"))?,
        (_, before) => *telling = before,
    }
    Ok(())
}

fn program(object: &mut Ebpf) -> Result<&mut aya::programs::RawTracePoint, RedirectError> {
    let (name, _) = EXECUTIONS;
    match object.program_mut(name) {
        Some(Program::RawTracePoint(program)) => Ok(program),
        _ => Err(RedirectError::Unsupported(format!(
            "the embedded object has no program {name}"
        ))),
    }
}

impl tidegate_redirect::Executions for Executions {
    fn next(&mut self, into: &mut Vec<Execution>) -> Result<bool, RedirectError> {
        let mut read = 0;
        while read < AT_ONCE {
            let record = self.ring.next().map(|record| parse(&record));
            match record {
                Some(execution) => {
                    into.extend(execution);
                    read += 1;
                }
                None if read > 0 => break,
                None => self.sleep()?,
            }
        }
        let missed = self
            .missed
            .get(&0, 0)
            .map_err(bpf_error("how many executions were not told"))?;
        Ok(std::mem::replace(&mut self.before, missed) != missed)
    }
}

impl Executions {
    /// Until there is something, or a signal came.
    fn sleep(&self) -> Result<(), RedirectError> {
        let ring = PollFd::new(self.ring.as_fd(), PollFlags::POLLIN);
        match poll(&mut [ring], PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => Ok(()),
            Err(errno) => Err(os("the executions' ring buffer")(errno.into())),
        }
    }
}

/// Reads a record; none where it is none.
fn parse(bytes: &[u8]) -> Option<Execution> {
    let word = |at: usize| -> Option<u32> {
        Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let long = |at: usize| -> Option<u64> {
        Some(u64::from_ne_bytes(bytes.get(at..at + 8)?.try_into().ok()?))
    };
    let record = tidegate_redirect_abi::Execution {
        start_ns: long(0)?,
        parent_start_ns: long(8)?,
        tgid: word(16)?,
        parent: word(20)?,
        uid: word(24)?,
        reserved: word(28)?,
    };
    let parent = started(record.parent_start_ns).filter(|_| record.parent != 0);
    (record.tgid != 0).then(|| Execution {
        pid: record.tgid,
        uid: record.uid,
        start: started(record.start_ns),
        parent: parent.map(|start| (record.parent, start)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(longs: [u64; 2], words: [u32; 4]) -> Vec<u8> {
        let longs = longs.iter().flat_map(|long| long.to_ne_bytes());
        let words = words.iter().flat_map(|word| word.to_ne_bytes());
        longs.chain(words).collect()
    }

    #[test]
    fn a_record_is_read_field_by_field() {
        let bytes = record([1_239_999_999, 20_000_000], [42, 7, 1000, 0]);
        let expected = Execution {
            pid: 42,
            uid: 1000,
            start: Some(123),
            parent: Some((7, 2)),
        };
        assert_eq!(parse(&bytes), Some(expected));
        let unknown = Execution {
            start: None,
            parent: None,
            ..expected
        };
        assert_eq!(parse(&record([0, 0], [42, 0, 1000, 0])), Some(unknown));
        assert_eq!(parse(&record([0, 0], [42, 7, 1000, 0])), Some(unknown));
        assert_eq!(parse(&record([0, 9], [42, 0, 1000, 0])), Some(unknown));
    }

    #[test]
    fn bytes_that_are_no_record_are_none_and_never_panic() {
        let whole = record([1, 1], [42, 7, 1000, 0]);
        for length in 0..whole.len() {
            assert_eq!(parse(&whole[..length]), None, "{length}");
        }
        assert_eq!(parse(&record([1, 1], [0, 7, 1000, 0])), None);
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..10_000 {
            let bytes: Vec<u8> = (0..random.usize(0..80)).map(|_| random.u8(..)).collect();
            let read = parse(&bytes);
            assert!(read.is_none() || bytes.len() >= 32);
        }
    }
}
