//! What this kernel lacks, found by asking it, not by its version.

use std::os::unix::fs::MetadataExt;

use aya::{
    programs::ProgramType,
    sys::{BpfHelper, is_helper_supported},
};
use tidegate_redirect::Limitation;

/// What follows from a kernel's age.
pub(crate) struct Features {
    /// `bpf_set_retval` (5.18).
    pub(crate) set_retval: bool,
    /// `bpf_loop` (5.17).
    pub(crate) bpf_loop: bool,
    /// Reading the kernel's records: not in its strictest lockdown.
    pub(crate) read_kernel: bool,
}

/// Asks. What cannot be found out counts as there: loading says so if not.
pub(crate) fn features() -> Features {
    let has = |kind, helper| is_helper_supported(kind, helper).unwrap_or(true);
    Features {
        set_retval: has(ProgramType::CgroupSockAddr, BpfHelper::BPF_FUNC_set_retval),
        bpf_loop: has(ProgramType::CgroupSkb, BpfHelper::BPF_FUNC_loop),
        read_kernel: has(
            ProgramType::CgroupSockAddr,
            BpfHelper::BPF_FUNC_probe_read_kernel,
        ) && has(
            ProgramType::CgroupSockAddr,
            BpfHelper::BPF_FUNC_get_current_task,
        ),
    }
}

impl Features {
    pub(crate) fn limitations(&self) -> Vec<Limitation> {
        let mut all = Vec::new();
        if !self.set_retval {
            all.push(Limitation {
                name: "no_set_retval",
                effect:
                    "refused connections fail with EPERM instead of ECONNREFUSED, so some apps \
                         do not fall back (needs Linux 5.18)"
                        .into(),
            });
        }
        if !self.bpf_loop {
            all.push(no_dns("needs Linux 5.17"));
        }
        all
    }
}

/// Names are not learned from answers.
pub(crate) fn no_dns(why: &str) -> Limitation {
    Limitation {
        name: "no_dns_learning",
        effect: format!("governed addresses are only those that the agent resolves itself: {why}"),
    }
}

/// Processes cannot be watched.
pub(crate) fn no_inheritance(why: &str) -> Limitation {
    Limitation {
        name: "no_inheritance",
        effect: format!(
            "what a denied process starts is denied only when it is recognised itself: {why}"
        ),
    }
}

/// The name of [`no_executions`].
pub(crate) const NO_EXECUTIONS: &str = "no_executions";

/// Executions are not told.
pub(crate) fn no_executions(why: &str) -> Limitation {
    Limitation {
        name: NO_EXECUTIONS,
        effect: format!(
            "a denied MCP server that no file names is ended by the next look, not at once: {why}"
        ),
    }
}

/// Nothing is dropped on its way out.
pub(crate) fn no_backstop(why: &str) -> Limitation {
    Limitation {
        name: "no_backstop",
        effect: format!("connections from before the agent go on in fail-closed mode: {why}"),
    }
}

/// Connections over IPv6 cannot be taken.
pub(crate) fn no_ipv6() -> Limitation {
    Limitation {
        name: "no_ipv6_loopback",
        effect: "governed connections over IPv6 are treated as if the agent did not serve".into(),
    }
}

/// The inode of the first cgroup namespace, the host's (`PROC_CGROUP_INIT_INO` of the kernel).
const HOST_CGROUP_NAMESPACE: u64 = 0xEFFF_FFFB;

/// Within a container the root of the cgroups is only the container's.
pub(crate) fn cgroup_namespace() -> Option<Limitation> {
    let inode = std::fs::metadata("/proc/self/ns/cgroup").ok()?.ino();
    (inode != HOST_CGROUP_NAMESPACE).then(|| Limitation {
        name: "cgroup_namespace",
        effect: "this is a container: only its own processes are redirected".into(),
    })
}
