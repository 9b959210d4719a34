//! What processes do: children of denied ones are denied from their first moment, and a denial ends with
//! its process, whose number may be another's next.
//!
//! Raw tracepoints: kprobes are missing from some kernels, and the others need a file system that is
//! often not mounted.

use aya_ebpf::{macros::raw_tracepoint, programs::RawTracePointContext};
use tidegate_redirect_abi::Counter;

use crate::{
    maps::{DENIED, INHERITED, count},
    say,
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
