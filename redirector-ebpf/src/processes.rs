//! What processes do: children of denied ones are denied from their first moment, and a denial ends with
//! its process, whose number may be another's next. And what they execute, while somebody wants to hear of it.
//!
//! Raw tracepoints: kprobes are missing from some kernels, and the others need a file system that is
//! often not mounted.

use aya_ebpf::{
    helpers::generated::bpf_get_current_uid_gid, macros::raw_tracepoint,
    programs::RawTracePointContext,
};
use tidegate_redirect_abi::{Counter, Execution};

use crate::{
    maps::{DENIED, EXECUTIONS, INHERITED, count, miss},
    say,
    task::{self, Task},
    tell::current_process,
};

/// `sched_process_fork(parent, child)`: by the parent, before the child runs.
#[raw_tracepoint(tracepoint = "sched_process_fork")]
pub fn on_fork(ctx: RawTracePointContext) {
    let parent = current_process();
    let root = if DENIED.get_ptr(parent).is_some() {
        parent
    } else {
        match INHERITED.get_ptr(parent) {
            // SAFETY: into the map; one word.
            Some(root) => unsafe { *root },
            None => return,
        }
    };
    let child = Task(ctx.arg(1)).process();
    // A thread is its process.
    if child == 0 || child == parent {
        return;
    }
    match INHERITED.insert(child, root, 0) {
        Ok(()) => {
            count(Counter::Inherited);
            say::inherited(child, root);
        }
        Err(_) => count(Counter::InheritFailed),
    }
}

/// `sched_process_exit(task, …)`: for each thread.
#[raw_tracepoint(tracepoint = "sched_process_exit")]
pub fn on_exit(ctx: RawTracePointContext) {
    if Task(ctx.arg(0)).live() != 0 {
        return;
    }
    let process = current_process();
    // That there was nothing is no error.
    let _ = DENIED.remove(process);
    let _ = INHERITED.remove(process);
}

/// `sched_process_exec(task, …)`: by the process itself, which is the new program from here on.
#[raw_tracepoint(tracepoint = "sched_process_exec")]
pub fn on_exec(ctx: RawTracePointContext) {
    let Some(mut entry) = EXECUTIONS.reserve_untyped::<Execution>(0) else {
        return miss();
    };
    let parent = if task::knows_parents() {
        Task(ctx.arg(0)).parent()
    } else {
        Task(0)
    };
    let known = parent.0 != 0;
    let record = entry.as_mut_ptr();
    // SAFETY: the ring buffer gave a record of this size, aligned to 8; every field is written. The helper
    // has no preconditions.
    unsafe {
        (*record).start_ns = task::current_start();
        (*record).parent_start_ns = if known { parent.start() } else { 0 };
        (*record).tgid = current_process();
        (*record).parent = if known { parent.process() } else { 0 };
        (*record).uid = bpf_get_current_uid_gid() as u32;
        (*record).reserved = 0;
    }
    entry.submit(0);
}
