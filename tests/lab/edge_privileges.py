"""Who may do what: the agent's loader is root, its relay is nobody, and other users of the machine are told
how the agent is and nothing else. Run by edge.py, with the agent in force."""
import ctypes
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from rig import wait_for

NOBODY, STRANGER = 65534, 4242


def bpf(command):
    """The system call with an empty request."""
    number = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
    if LIBC.syscall(number, command, (ctypes.c_uint32 * 32)(), 128) < 0:
        raise OSError(ctypes.get_errno(), "bpf")


LIBC = ctypes.CDLL(None, use_errno=True)


def tried(attempt):
    """How an attempt went."""
    try:
        attempt()
    except PermissionError:
        return "refused"
    except OSError as error:
        return str(error)
    return "done"


def attempts(lab, user):
    """What comes of what another user tries, in a process of theirs."""
    them, loader = relay(lab), lab.agent.pid
    what = {
        "the relay's memory": lambda: open(f"/proc/{them}/mem", "rb"),
        "the relay's environment": lambda: open(f"/proc/{them}/environ", "rb").read(1),
        "the relay's files": lambda: os.listdir(f"/proc/{them}/fd"),
        "the loader's memory": lambda: open(f"/proc/{loader}/mem", "rb"),
        "the loader's end": lambda: os.kill(loader, signal.SIGTERM),
        "the device's folder": lambda: os.listdir(lab.state),
        "the device's key": lambda: open(lab.state / "device.key"),
        "another control socket": lambda: os.rename(lab.socket, f"{lab.socket}.mine"),
        "kernel programs": lambda: bpf(11),  # BPF_PROG_GET_NEXT_ID
        "their maps": lambda: bpf(12),  # BPF_MAP_GET_NEXT_ID
    }
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        os.write(theirs, json.dumps({name: tried(attempt) for name, attempt in what.items()}).encode())
        os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as said:
        came = json.loads(said.read() or b"{}")
    os.waitpid(child, 0)
    return came


def relay(lab):
    """The relay's process id, once there is one."""
    children = Path(f"/proc/{lab.agent.pid}/task/{lab.agent.pid}/children")
    for pid in children.read_text().split():
        try:
            if Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:2] == [b"relay"]:
                return int(pid)
        except OSError:
            continue  # It has just ended.
    return None


def fields(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


def size(field):
    return f"{int(field[0]) / 1024:.1f}"


def share(pid):
    """Memory with that of the program divided among those who have it."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return size(next(line for line in lines if line.startswith("Pss:")).split()[1:])


def checks(lab, results):
    confined(lab, results)
    refused(lab, results)
    comes_back(lab, results)


def confined(lab, results):
    found, loader = fields(relay(lab)), fields(lab.agent.pid)
    nobody = [str(NOBODY)] * 4
    results.check("the relay is nobody, in no group of root's", found["Uid"] == nobody and found["Gid"] == nobody
                  and not found["Groups"], found)
    powers = {name: found[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
    results.check("and has no capability, and gets none", found["NoNewPrivs"] == ["1"]
                  and all(int(mask, 16) == 0 for (mask,) in powers.values()), powers)
    sizes = " and ".join(f"{name} {size(status['VmRSS'])} MiB (own memory {size(status['RssAnon'])}, its share {share(pid)})"
                         for name, status, pid in (("loader", loader, lab.agent.pid), ("relay", found, relay(lab))))
    print(f"     {sizes}")


def refused(lab, results):
    came = attempts(lab, STRANGER)
    results.check("another user gets at nothing of the agent", came and set(came.values()) == {"refused"}, came)
    # Whoever else is nobody on this machine; the user that packages make has no other processes.
    came = attempts(lab, NOBODY)
    own = {"the device's folder", "the device's key"}
    results.check("nor does another process of the relay's user get at memory or kernel",
                  came and all(how == "refused" for name, how in came.items() if name not in own), came)
    asked = subprocess.run([lab.rig.binary("tidegate-edge"), "status", "--json", "--config", str(lab.config)],
                           capture_output=True, text=True, check=False, timeout=20)
    results.check("everybody may ask how it is", asked.stdout.startswith("{"), asked)


def comes_back(lab, results):
    for number, what in ((signal.SIGKILL, "killed"), (signal.SIGSTOP, "stopped for good")):
        before = relay(lab)
        os.kill(before, number)
        began = time.monotonic()
        if number == signal.SIGSTOP:
            lab.ask(False, "--max-time", "3")  # It is handed over, and not taken.
        wait_for(lambda old=before: relay(lab) not in (None, old), f"a relay after the one that was {what}",
                 lambda: lab.rig.log("edge"), 40)
        # A new relay counts from the beginning; one that fails open would answer too, and not count.
        wait_for(lambda: lab.ask()[0] == 200 and (view := lab.status()) and view["counts"]["relayed"] > 0,
                 "the calls to be governed again", lambda: lab.rig.log("edge"))
        results.check(f"a relay that was {what} is replaced, and calls are governed again "
                      f"({time.monotonic() - began:.1f} s)", True)
