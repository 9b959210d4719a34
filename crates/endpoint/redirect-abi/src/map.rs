//! The names by which the agent finds maps and programs in the object, and the version of their
//! layout.

/// The version of all records and maps together: pins of another version are never reused.
pub const LAYOUT: u32 = 3;

/// The maps that are pinned with the programs, and outlive the agent.
pub const MAPS: [&str; 12] = [
    "CONFIG",
    "MOMENTS",
    "SERVED",
    "V4",
    "V6",
    "NAMES",
    "LEARNED",
    "DENIED",
    "OWN",
    "ORIGINALS",
    "PORTS",
    "COUNTERS",
];

/// The maps that are each agent's own. A ring buffer has one reader; and which processes descend from a
/// denied one is known only while somebody watches them end.
pub const OWN_MAPS: [&str; 5] = ["EVENTS", "EXECUTIONS", "INHERITED", "MISSED", LINES];

/// The ring buffer of the debug channel. The name is `aya-log`'s, as is the layout of what is in it.
pub const LINES: &str = "AYA_LOGS";

/// The global that says up to which level lines are written: 0 for none, 1 for errors, 5 for all.
pub const LINES_LEVEL: &str = "AYA_LOG_LEVEL";

/// All programs of the cgroup, in the order they are attached: those that serve a redirected connection
/// come before those that redirect, so that none is ever half redirected, and what drops comes last.
pub const PROGRAMS: [&str; 9] = [
    "on_tcp_connect",
    "getpeername4",
    "getpeername6",
    "dns_ingress",
    "sendmsg4",
    "sendmsg6",
    "connect4",
    "connect6",
    "backstop_egress",
];

/// The programs that watch processes, each with its tracepoint, in the order they are attached: whoever
/// is added is also removed.
pub const TRACEPOINTS: [(&str, &str); 2] = [
    ("on_exit", "sched_process_exit"),
    ("on_fork", "sched_process_fork"),
];

/// The program that tells of executions, with its tracepoint: attached only while somebody wants to hear of
/// them, so that it costs nobody else anything.
pub const EXECUTIONS: (&str, &str) = ("on_exec", "sched_process_exec");

/// Where fields lie in the kernel's own records, in bytes: globals of the object that the agent sets
/// before loading. 0 means that it could not find out; none of these fields comes first.
pub const OFFSETS: [(&str, &str, &str); 6] = [
    ("TASK_TGID", "task_struct", "tgid"),
    ("TASK_LEADER", "task_struct", "group_leader"),
    ("TASK_START", "task_struct", "start_boottime"),
    ("TASK_PARENT", "task_struct", "real_parent"),
    ("TASK_SIGNAL", "task_struct", "signal"),
    ("SIGNAL_LIVE", "signal_struct", "live"),
];
