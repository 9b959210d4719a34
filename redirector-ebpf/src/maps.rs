//! All maps. Their names and the layout of what they hold are `redirect-abi`'s.

use core::{arch::asm, ptr};

use aya_ebpf::{
    Global,
    bindings::{BPF_SK_STORAGE_GET_F_CREATE, bpf_sock},
    btf_maps::{Array, HashMap, LpmTrie, LruHashMap, PerCpuArray, RingBuf, SkStorage},
    helpers::generated::{bpf_sk_storage_delete, bpf_sk_storage_get},
    macros::btf_map,
};
use tidegate_redirect_abi::{
    COUNTERS as ALL, Config, Counter, Event, Execution, Learned, MOMENTS as HOW_MANY, NameKey,
    Original, PortKey, Served,
};

use crate::dns::Scratch;

/// Whether the kernel lets a hook choose its errno (5.18); set before loading.
#[unsafe(no_mangle)]
pub static HAS_SET_RETVAL: Global<u32> = Global::new(1);

#[btf_map]
pub static CONFIG: Array<Config, 1> = Array::new();
/// What programs and agent note for each other, by `Moment`.
#[btf_map]
pub static MOMENTS: Array<u64, HOW_MANY> = Array::new();
/// The agent's listeners by the cookie of their network namespace.
#[btf_map]
pub static SERVED: HashMap<u64, Served, 1024> = HashMap::new();
/// Governed IPv4 networks.
#[btf_map]
pub static V4: LpmTrie<[u8; 4], u32, 8192> = LpmTrie::new();
/// Governed IPv6 networks.
#[btf_map]
pub static V6: LpmTrie<[u8; 16], u32, 8192> = LpmTrie::new();
/// Governed names.
#[btf_map]
pub static NAMES: LpmTrie<NameKey, u32, 4096> = LpmTrie::new();
/// Addresses that they resolved to; IPv4 in mapped form, so that one map serves both.
#[btf_map]
pub static LEARNED: LruHashMap<[u32; 4], Learned, 16384> = LruHashMap::new();
/// Processes that may not reach what is governed.
#[btf_map]
pub static DENIED: HashMap<u32, u32, 8192> = HashMap::new();
/// Processes that descend from one of them, with that one. Apart from it, so that a denied process that
/// starts many takes no room from what the agent writes.
#[btf_map]
pub static INHERITED: HashMap<u32, u32, 8192> = HashMap::new();
/// The agent's own sockets.
#[btf_map]
pub static OWN: SkStorage<u32> = SkStorage::new();
/// Where a redirected socket was going.
#[btf_map]
pub static ORIGINALS: SkStorage<Original> = SkStorage::new();
/// The same, for the accepting end, which is another socket. Entries leave when the agent accepts, so
/// this is room for several full backlogs; the rest of an LRU map is only a bound for leaks.
#[btf_map]
pub static PORTS: LruHashMap<PortKey, Original, 16384> = LruHashMap::new();
#[btf_map]
pub static COUNTERS: Array<u64, { ALL.len() }> = Array::new();
#[btf_map]
pub static EVENTS: RingBuf<Event, 65536> = RingBuf::new();
/// What is told of executions: room for some 1,600, so that a reader may be late by seconds.
#[btf_map]
pub static EXECUTIONS: RingBuf<Execution, 65536> = RingBuf::new();
/// How many of them did not fit. Not among the counters, which are pinned and would need another layout.
#[btf_map]
pub static MISSED: Array<u64, 1> = Array::new();
/// Room that the stack does not have.
#[btf_map]
pub static SCRATCH: PerCpuArray<Scratch, 1> = PerCpuArray::new();

/// Adds to a counter.
#[inline(always)]
pub fn count(counter: Counter) {
    if let Some(value) = COUNTERS.get_ptr_mut(counter as u32) {
        add_one(value);
    }
}

/// Counts an execution that is not told.
#[inline(always)]
pub fn miss() {
    if let Some(value) = MISSED.get_ptr_mut(0) {
        add_one(value);
    }
}

/// `value` is a pointer into a map, and aligned.
#[inline(always)]
fn add_one(value: *mut u64) {
    // SAFETY: the callers' promise. The target has no atomics in `core`, but the machine has this one;
    // other CPUs count at the same time.
    unsafe {
        asm!("lock *(u64 *)({at} + 0) += {one}", at = in(reg) value, one = in(reg) 1_u64);
    }
}

/// What a socket keeps in a storage map; null where it keeps nothing.
#[inline(always)]
pub fn stored<T>(map: &'static SkStorage<T>, socket: *mut bpf_sock) -> *mut T {
    storage(map, socket, 0)
}

/// The same, made (zeroed) where there is none; null for want of memory.
#[inline(always)]
pub fn stored_or_new<T>(map: &'static SkStorage<T>, socket: *mut bpf_sock) -> *mut T {
    storage(map, socket, BPF_SK_STORAGE_GET_F_CREATE.into())
}

#[inline(always)]
fn storage<T>(map: &'static SkStorage<T>, socket: *mut bpf_sock, flags: u64) -> *mut T {
    // SAFETY: the verifier accepts only a socket that is not null, and a map of this kind.
    unsafe {
        bpf_sk_storage_get(
            ptr::from_ref(map).cast_mut().cast(),
            socket.cast(),
            ptr::null_mut(),
            flags,
        )
    }
    .cast()
}

/// Drops what a socket keeps.
#[inline(always)]
pub fn forget<T>(map: &'static SkStorage<T>, socket: *mut bpf_sock) {
    // SAFETY: as above. That there was nothing is no error.
    unsafe { bpf_sk_storage_delete(ptr::from_ref(map).cast_mut().cast(), socket.cast()) };
}
