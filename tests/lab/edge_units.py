#!/usr/bin/env python3
"""The units of the hands and of the canary, started by a real systemd: it is booted in a container beside the
agent, with nothing but these units, and sees the same files. A denial is put in force from within the sandbox that the unit asks for,
what stops a client is taken back, and all of it is undone.

    sudo python3 tests/lab/edge_units.py

Prints a line per test, and closes with `N passed, N failed`.
"""
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import fleet_api  # noqa: E402, the path comes first
import fleet_broken  # noqa: E402
import fleet_homes  # noqa: E402
import fleet_restored  # noqa: E402
import machine  # noqa: E402
from fleet_app import App  # noqa: E402
from fleet_machine import BINARY_APP  # noqa: E402
from rig import ROOT, wait_for  # noqa: E402

SYSTEMD = ("/usr/lib/systemd/systemd", "/usr/bin/systemd-nspawn")
UNITS = ["tidegate-edge-hands.socket", "tidegate-edge-hands@.service", "tidegate-edge-canary.socket", "tidegate-edge-canary@.service"]
# All that the units lean on, without what would touch the kernel of the machine that this runs on.
TARGETS = {"sysinit.target": "", "basic.target": "Wants=sockets.target\nAfter=sysinit.target sockets.target", "shutdown.target": "",
           "sockets.target": "Wants=tidegate-edge-hands.socket tidegate-edge-canary.socket"}
IDENTITY = fleet_homes.IS_MEMORY
RUN = [Path("/run/tidegate-edge"), Path("/run/tidegate-edge-hands"), Path("/run/tidegate-edge-canary")]
# The capabilities that the unit leaves: kill (5), setgid (6), setuid (7), dac_read_search (2), sys_admin (21).
BOUND = 1 << 5 | 1 << 6 | 1 << 7 | 1 << 2 | 1 << 21


class Systemd:
    """A systemd in a container that sees the machine's files, homes and sockets, and has its own processes."""

    def __init__(self, rig):
        root, units = machine.MEMORY / "container-root", machine.MEMORY / "container-units"
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run")
        for folder in RUN:
            folder.mkdir()
        machine.cover("/usr/bin", 0o755)
        program = Path("/usr/bin/tidegate-edge")
        program.touch()
        run("mount", "--bind", rig.binaries / "tidegate-edge", program)
        units.mkdir()
        for name, more in TARGETS.items():
            (units / name).write_text(f"[Unit]\nDescription={name}\nDefaultDependencies=no\n{more}\n")
        for name in UNITS:
            shutil.copyfile(ROOT / "packaging" / name, units / name)
        for folder in map(Path, ("/etc/systemd/system", "/usr/local/lib/systemd/system")):
            shutil.rmtree(folder, ignore_errors=True)
        layer = machine.MEMORY / "container"
        for folder in (root, layer / "upper", layer / "work"):
            folder.mkdir(parents=True)
        run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir=/,upperdir={layer}/upper,workdir={layer}/work", root)
        shared = [*map(str, RUN), *machine.FOLDERS, str(machine.MEMORY / "home"), "/usr/local/bin", "/usr/local/lib", "/usr/bin", str(rig.folder)]
        self.log = open(rig.folder / "systemd.log", "w")
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", f"--directory={root}", "--register=no", "--keep-unit", "--private-network", "--capability=all",
             # The container's own filter lets neither through, whatever a unit may do.
             "--system-call-filter=fanotify_init fanotify_mark openat2",
             f"--machine=lab{os.getpid()}", "--console=pipe", "--resolv-conf=off", "--timezone=off", "--link-journal=no",
             *(f"--bind={folder}" for folder in shared if os.path.isdir(folder)), f"--bind-ro={units}:/usr/lib/systemd/system",
             "--boot", "systemd.unit=basic.target", "systemd.log_target=console", "systemd.log_level=info"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        for folder in RUN[1:]:
            wait_for((folder / "socket").exists, f"systemd to listen at {folder}", self.said, 40)

    def said(self):
        return Path(self.log.name).read_text()[-3000:]

    def stop(self):
        # It ends its container with it.
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(timeout=20)
        self.log.close()

    def accepted(self, unit):
        """How many connections a socket unit has handed on, as this systemd says."""
        leader = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=True, timeout=20).stdout.split()[0]
        asked = subprocess.run(["nsenter", "-t", leader, "-m", "-p", "--", "systemctl", "show", unit, "--property=NAccepted", "--value"],
                               capture_output=True, text=True, check=True, timeout=20)
        return int(asked.stdout)

    def unit_of(self, word):
        """The processes below this systemd whose command line has the word, with what the kernel says of each."""
        found = []
        for status in Path("/proc").glob("[0-9]*/status"):
            try:
                words = (status.parent / "cmdline").read_bytes().split(b"\0")
                cgroups, text = (status.parent / "cgroup").read_text(), status.read_text()
            except OSError:
                continue
            if word.encode() in words and f"tidegate-edge-{word}@" in cgroups:
                found.append(dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line))
        return found


def run(*command):
    subprocess.run(list(map(str, command)), check=True, timeout=60)


BOOTED = []


def before(rig):
    BOOTED.append(Systemd(rig))
    return BOOTED[0].stop


def checks(lab, results):
    systemd = BOOTED[0]
    lab.check_in_every(5)
    lab.start()
    try:
        lab.known()
    except RuntimeError as error:
        results.check("the hands look at the machine", False, (error, lab.status()["inventory_problems"], systemd.said()))
        return
    hands = systemd.unit_of("hands")
    results.check("the hands run in the unit that systemd started for the agent", len(hands) == 1, (hands, systemd.said()))
    if not hands:
        return
    kernel = hands[0]
    results.check("within its bounds: capabilities, no new privileges, system calls", int(kernel["CapBnd"], 16) == BOUND
                  and kernel["NoNewPrivs"].strip() == "1" and kernel["Seccomp"].strip() == "2", kernel)
    denied(lab, results)
    fleet_broken.refused(lab, results)
    ran = systemd.accepted("tidegate-edge-canary.socket")
    results.check(f"the clients were run by the canary's unit ({ran} times)", ran >= 2, systemd.said())


def denied(lab, results):
    """A server and an app, from within the sandbox."""
    # Where our records lie is made with its folders, which stay.
    state = lab.ada.home / ".local" / "state"
    state.mkdir(parents=True, exist_ok=True)
    for folder in (state.parent, state):
        os.chown(folder, lab.ada.number, lab.ada.number)
    files = fleet_restored.Files(lab)
    with App(lab) as app:
        lab.decide("denied", servers=[IDENTITY], apps=[BINARY_APP])
        effects = lab.settled("denied", identity=IDENTITY) + lab.settled("denied", app=BINARY_APP)
        for effect in effects:
            print("     ", fleet_api.status_line(effect))
        mine = {e["client"]: e["state"] for e in effects if e.get("client") and e["user"] == "ada"}
        results.check("a denied server is denied in the clients' own policies and files", mine and set(mine.values()) == {"verified"}, effects)
        shown = [e for e in effects if e.get("app") == BINARY_APP]
        results.check("the start of a denied app is refused", shown and {"exec", "socket"} <= set(shown[0]["means"])
                      and app.starts().code not in (0,), (shown, app.starts()))
        lab.decide("approved", servers=[IDENTITY], apps=[BINARY_APP])
        lab.lifted(identity=IDENTITY)
        lab.lifted(app=BINARY_APP)
        results.check("approved again, it starts", wait_for(lambda: app.starts().out.strip() == "it runs", "the app to start"), "")
    until = time.monotonic() + 10
    while (changed := files.compare()[1]) and time.monotonic() < until:
        time.sleep(0.2)
    results.check("and every file is byte for byte as before", not changed, changed)


def main():
    if missing := [path for path in SYSTEMD if not os.path.exists(path)]:
        print(f"SKIPPED: the units were not tried: no {missing[0]} (systemd, systemd-container)")
        print("0 passed, 0 failed, units skipped")
        return 0
    return fleet_api.run("the units", checks, before=before)


if __name__ == "__main__":
    sys.exit(main())
