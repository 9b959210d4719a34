//! Who makes the call, and telling the agent about it.

use aya_ebpf::{
    bindings::BPF_RB_FORCE_WAKEUP,
    helpers::generated::{
        bpf_get_current_cgroup_id, bpf_get_current_comm, bpf_get_current_pid_tgid,
        bpf_get_current_uid_gid, bpf_get_netns_cookie,
    },
};
use tidegate_redirect_abi::{Counter, Event, EventKind, Opener};

use crate::{
    maps::{EVENTS, count},
    sock_addr::{Call, Destination},
    task,
};

/// The process, not the thread: the upper half.
#[inline(always)]
pub fn current_process() -> u32 {
    // SAFETY: no preconditions.
    (unsafe { bpf_get_current_pid_tgid() } >> 32) as u32
}

/// Writes who makes the call, field by field, since a whole record would not fit the stack.
///
/// # Safety
/// `to` is writable and aligned.
#[inline(always)]
pub unsafe fn write_opener(call: Call, to: *mut Opener) {
    // SAFETY: the caller's promise; the helpers have no preconditions.
    unsafe {
        (*to).netns = bpf_get_netns_cookie(call.context());
        (*to).cgroup = bpf_get_current_cgroup_id();
        (*to).tgid = current_process();
        (*to).uid = bpf_get_current_uid_gid() as u32;
        (*to).start_ns = task::current_start();
        bpf_get_current_comm((&raw mut (*to).comm).cast(), 16);
    }
}

/// Tells the agent, or counts that there was no room.
#[inline(always)]
pub fn tell(kind: EventKind, call: Call, about: &Destination) {
    let Some(mut entry) = EVENTS.reserve_untyped::<Event>(0) else {
        count(Counter::EventsLost);
        return;
    };
    let event = entry.as_mut_ptr();
    // SAFETY: the ring buffer gave a record of this size, aligned to 8; every field is written.
    unsafe {
        (*event).kind = kind as u32;
        (*event).family = about.family as u32;
        (*event).address = about.address;
        (*event).port = about.port.into();
        (*event).reserved = 0;
        write_opener(call, &raw mut (*event).opener);
    }
    // Who reads a question answers it, so it must not sleep on it.
    let flags = if matches!(kind, EventKind::Question) {
        BPF_RB_FORCE_WAKEUP.into()
    } else {
        0
    };
    entry.submit(flags);
}
