//! What processes do: children of denied ones are denied from their first moment, and the agent hears
//! which programs are started and which of the processes that it knows have ended.
//!
//! Raw tracepoints: kprobes are missing from some kernels, and the others need a file system that is
//! often not mounted.

use aya_ebpf::{
    helpers::generated::{bpf_get_current_cgroup_id, bpf_get_current_uid_gid},
    macros::raw_tracepoint,
    programs::RawTracePointContext,
};
use tidegate_redirect_abi::{Counter, Process, ProcessKind};

use crate::{
    maps::{CONFIG, DENIED, INHERITED, OPENERS, PROCESSES, count},
    task::Task,
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
        Ok(()) => count(Counter::Inherited),
        Err(_) => count(Counter::InheritFailed),
    }
}

/// `sched_process_exec(task, old_pid, program)`.
#[raw_tracepoint(tracepoint = "sched_process_exec")]
pub fn on_exec(ctx: RawTracePointContext) {
    if is_heard() {
        tell(ProcessKind::Executed, Task(ctx.arg(0)));
    }
}

/// `sched_process_exit(task, …)`: for each thread.
#[raw_tracepoint(tracepoint = "sched_process_exit")]
pub fn on_exit(ctx: RawTracePointContext) {
    let task = Task(ctx.arg(0));
    if task.live() != 0 {
        return;
    }
    let process = current_process();
    // Two last threads may both come here; what was removed is told once.
    let known = DENIED.remove(process).is_ok()
        | INHERITED.remove(process).is_ok()
        | OPENERS.remove(process).is_ok();
    if known && is_heard() {
        tell(ProcessKind::Ended, task);
    }
}

#[inline(always)]
fn is_heard() -> bool {
    CONFIG
        .get(0)
        .is_some_and(|config| config.tell_processes != 0)
}

/// Tells of the current process, or counts that there was no room.
#[inline(always)]
fn tell(kind: ProcessKind, task: Task) {
    let Some(mut entry) = PROCESSES.reserve_untyped::<Process>(0) else {
        count(Counter::ProcessesLost);
        return;
    };
    let process = entry.as_mut_ptr();
    // SAFETY: the ring buffer gave a record of this size, aligned to 8; every field is written.
    unsafe {
        (*process).kind = kind as u32;
        (*process).tgid = current_process();
        (*process).parent = task.parent();
        (*process).uid = bpf_get_current_uid_gid() as u32;
        (*process).start_ns = task.start();
        (*process).cgroup = bpf_get_current_cgroup_id();
    }
    entry.submit(0);
}
