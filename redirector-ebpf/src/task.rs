//! Reading the kernel's records of tasks.
//!
//! Their layout differs from kernel to kernel, and this compiler writes no relocations for it. So the
//! agent finds the fields in the kernel's type information and sets these globals before loading; the
//! verifier knows them as constants and looks no further where one is 0, which means unknown.

use aya_ebpf::{
    Global,
    helpers::generated::{bpf_get_current_task, bpf_probe_read_kernel},
};

#[unsafe(no_mangle)]
pub static TASK_TGID: Global<u32> = Global::new(0);
#[unsafe(no_mangle)]
pub static TASK_LEADER: Global<u32> = Global::new(0);
#[unsafe(no_mangle)]
pub static TASK_START: Global<u32> = Global::new(0);
#[unsafe(no_mangle)]
pub static TASK_PARENT: Global<u32> = Global::new(0);
#[unsafe(no_mangle)]
pub static TASK_SIGNAL: Global<u32> = Global::new(0);
#[unsafe(no_mangle)]
pub static SIGNAL_LIVE: Global<u32> = Global::new(0);

/// A task's address in the kernel.
#[derive(Clone, Copy)]
pub struct Task(pub u64);

impl Task {
    /// Its process.
    #[inline(always)]
    pub fn process(self) -> u32 {
        word(self.0, &TASK_TGID)
    }

    /// When its process started, in nanoseconds of the boot clock. That is its first thread's start,
    /// which is also what `/proc` tells.
    #[inline(always)]
    pub fn start(self) -> u64 {
        long(long(self.0, &TASK_LEADER), &TASK_START)
    }

    /// The task that started its process, or whoever took it over.
    #[inline(always)]
    pub fn parent(self) -> Self {
        Self(long(self.0, &TASK_PARENT))
    }

    /// How many threads of its process have not ended. The first thread may end before the others.
    #[inline(always)]
    pub fn live(self) -> u32 {
        word(long(self.0, &TASK_SIGNAL), &SIGNAL_LIVE)
    }
}

/// Whether starts and parents can be read at all.
#[inline(always)]
pub fn knows_parents() -> bool {
    TASK_PARENT.load() != 0
        && TASK_TGID.load() != 0
        && TASK_LEADER.load() != 0
        && TASK_START.load() != 0
}

/// When the current process started; 0 where that is not known.
#[inline(always)]
pub fn current_start() -> u64 {
    if TASK_LEADER.load() == 0 || TASK_START.load() == 0 {
        return 0;
    }
    // SAFETY: no preconditions.
    Task(unsafe { bpf_get_current_task() }).start()
}

#[inline(always)]
fn long(record: u64, field: &Global<u32>) -> u64 {
    let mut value = 0_u64;
    read(record, field, (&raw mut value).cast(), 8);
    value
}

#[inline(always)]
fn word(record: u64, field: &Global<u32>) -> u32 {
    let mut value = 0_u32;
    read(record, field, (&raw mut value).cast(), 4);
    value
}

/// What cannot be read is zero.
#[inline(always)]
fn read(record: u64, field: &Global<u32>, to: *mut core::ffi::c_void, size: u32) {
    let at = record.wrapping_add(field.load().into());
    // SAFETY: the buffer has that size; the helper checks the address.
    unsafe { bpf_probe_read_kernel(to, size, at as *const core::ffi::c_void) };
}
