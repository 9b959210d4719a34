#!/usr/bin/env python3
"""What the agent costs, as ratios within one run: a streamed call through agent and gateway against the
gateway alone, many streams at once, bytes that are only spliced, and the agent doing nothing. The gateway
serves TLS, to the client as to the agent, so that both ways are as they would be. Beside them two hops that do
the least a thing in between can do: copy bytes, and copy them out of one TLS connection into another.

    sudo TIDEGATE_BIN_DIR=target/release python3 tests/lab/edge_cost.py

Not part of the tests: numbers depend on the machine. Prints a table.
"""
import contextlib
import http.client
import json
import os
import random
import re
import socket
import ssl
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import cgroup  # noqa: E402, the path comes first
import edge  # noqa: E402
import namespace  # noqa: E402
from rig import Rig, wait_for  # noqa: E402

ROUNDS, CALLS, STREAMS, SPLICED, PAIRS = 5, 600, 200, 1 << 30, 7
BULK, BULK_HOST = "203.0.113.40", "api.x.ai"
# Bytes a second of a network that is faster than laptops': 10 Gbit/s. Loopback is as fast as two cores can copy.
LINK = 1_250_000_000
SO_MAX_PACING_RATE = 47
GATEWAY, PORT = "gateway.example.org", 8443
HOPS = {"hop": 8444, "tls hop": 8445}


def body(prompt):
    return json.dumps({"model": "claude-sonnet-4-5", "max_tokens": 64, "stream": True,
                       "messages": [{"role": "user", "content": prompt}]})


def connect(where, ca):
    host, _, port = where.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cafile=ca)
    return http.client.HTTPSConnection(host, int(port or 443), context=context, timeout=60)


def call(connection, path, key, prompt):
    """One streamed call: microseconds to its first byte, and to its end."""
    started = time.perf_counter()
    connection.request("POST", path, body(prompt), {"x-api-key": key, "content-type": "application/json",
                                                    "anthropic-version": "2023-06-01"})
    answer = connection.getresponse()
    answer.read(1)
    first = time.perf_counter()
    rest = answer.read()
    if answer.status != 200 or b"message_stop" not in rest:
        raise RuntimeError(f"{answer.status}: {rest[:300]}")
    return (first - started) * 1e6, (time.perf_counter() - started) * 1e6


def both_ways(ways):
    """One round: all ways in turn, in an order of chance, since the one before has warmed the caches."""
    times, names = {name: [] for name in ways}, list(ways)
    for turn in range(CALLS + 100):
        random.shuffle(names)
        for name in names:
            took = call(*ways[name], "hello")
            if turn >= 100:
                times[name].append(took)
    return {name: {"first": statistics.median(t[0] for t in taken), "whole": statistics.median(t[1] for t in taken),
                   "p99": statistics.quantiles([t[1] for t in taken], n=100)[98]} for name, taken in times.items()}


def each_way(direct, key, ca, public):
    return {"gateway": (connect(direct, public), "/anthropic/v1/messages", key),
            "agent": (connect("https://api.anthropic.com", ca), "/v1/messages", "sk-of-the-app"),
            **{name: (connect(f"https://{GATEWAY}:{port}", public), "/anthropic/v1/messages", key)
               for name, port in HOPS.items()}}


def calls(*where):
    """Runs steered, as an app would: all ways in turn, and nothing else."""
    ways = each_way(*where)
    print(json.dumps([both_ways(ways) for _ in range(ROUNDS)]))


def at_once(ca, prompt):
    """Many streams at once, each on a connection of its own: microseconds of those that ended well, and what failed."""
    took, failed = [], []

    def stream():
        try:
            took.append(call(connect("https://api.anthropic.com", ca), "/v1/messages", "sk-of-the-app", prompt)[1])
        except Exception as error:  # Counted, and told by who asked for them.
            failed.append(repr(error))

    threads = [threading.Thread(target=stream) for _ in range(STREAMS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return took, failed


def client(direct, key, ca, public, pids):
    """Runs steered, as an app would: all ways in turn, then many streams."""
    ways = each_way(direct, key, ca, public)
    found = {"rounds": [both_ways(ways) for _ in range(ROUNDS)]}
    pids = list(map(int, pids.split(",")))
    before = spent(pids)
    for _ in range(CALLS):
        call(*ways["agent"], "hello")
    found["each"] = [(now - then) / CALLS for now, then in zip(spent(pids), before)]

    started = time.perf_counter()
    took, failed = at_once(ca, "[[pause:0.02]] hello")
    found["streams"] = {"seconds": time.perf_counter() - started, "slowest": max(took, default=0) / 1e6,
                        "failed": failed[:3], "done": len(took)}
    print(json.dumps(found))


def bytes_through(rate, *cores):
    """Runs steered, on these cores or on all: bytes."""
    if cores:
        os.sched_setaffinity(0, map(int, cores))
    print(json.dumps(take(BULK_HOST, int(rate))))


def on_core(pids, core):
    """Puts every thread of processes on one core."""
    for task in (task for pid in pids for task in Path("/proc").glob(f"{pid}/task/*")):
        with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(int(task.name), {core})


@contextlib.contextmanager
def awake():
    """Keeps every core from halting, by programs that run only where nothing else wants to (SCHED_IDLE), and
    that the scheduler takes for an idle core: what is woken there begins at once. On a virtual machine a halted
    core is the host's to wake, which takes longer than all that a hop does."""
    spin = "import os\nos.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\nos.sched_setaffinity(0, {%d})\nwhile True: pass"
    spinning = [subprocess.Popen([sys.executable, "-c", spin % core]) for core in os.sched_getaffinity(0)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def family(pid):
    """A process, its children, and theirs."""
    children = "".join(path.read_text() for path in Path("/proc").glob(f"{pid}/task/*/children"))
    return [pid, *(one for child in children.split() for one in family(int(child)))]


def steered(group, *words):
    """Runs a part of this file as an app whose sockets are steered: what it found."""
    ran = subprocess.run(group.run(sys.executable, __file__, *words), capture_output=True, text=True, check=False,
                         timeout=300, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    if ran.returncode != 0:
        raise SystemExit(f"{ran.stdout}{ran.stderr}")
    return json.loads(ran.stdout)


def spliced(group, agent, *cores, rate=0):
    """Bytes straight and through the agent, in turn, no faster than a rate: bytes a second of both, and the agent's
    microseconds."""
    found = []
    for _ in range(PAIRS):
        straight, before = take(BULK, rate), spent(agent)[1]
        found.append((straight, steered(group, "bytes", *map(str, (rate, *cores))), spent(agent)[1] - before))
    return found


def told_spliced(found, where):
    straight, through, took = (statistics.median(column) for column in zip(*found))
    ratio = statistics.median(through / straight for straight, through, _ in found)
    print(f"splice   {through / 1e9:.2f} GB/s, direct {straight / 1e9:.2f} GB/s: {ratio:.2f} (median of {PAIRS} pairs); "
          f"the agent takes {took / 1e6 * (1 << 30) / SPLICED:.2f} s of a core for a GiB, {where}")


def told(rounds, where):
    """The times of each way, and what each adds to the gateway alone."""
    for name in ("gateway", *HOPS, "agent"):
        first, whole, p99 = (statistics.median(took[name][what] for took in rounds) for what in ("first", "whole", "p99"))
        print(f"{name:8} first byte {first:7.0f} us   whole {whole:7.0f} us   p99 {p99:7.0f} us, {where}")
    for name in (*HOPS, "agent"):
        for what, words in (("first", "first byte"), ("whole", "whole")):
            added = sorted(took[name][what] - took["gateway"][what] for took in rounds)
            print(f"{name:8} adds {words:10} {statistics.median(added):+5.0f} us at p50, "
                  f"{added[0]:+.0f} to {added[-1]:+.0f} in {ROUNDS} rounds, {where}")


def take(host, rate):
    """Reads the bulk server's bytes, no faster than a rate if it is not 0: bytes a second."""
    with socket.create_connection((host, 443), timeout=60) as source:
        source.sendall(b"%d\n" % rate)
        buffer, got = bytearray(1 << 20), 0
        started = time.perf_counter()
        while count := source.recv_into(buffer):
            got += count
        if got != SPLICED:
            raise RuntimeError(f"{got} bytes instead of {SPLICED}")
        return got / (time.perf_counter() - started)


def bulk(server):
    """Serves bytes that are no TLS at a governed address."""
    block = bytes(1 << 20)
    while True:
        peer, _ = server.accept()
        with peer:
            if rate := int(peer.recv(16)):
                peer.setsockopt(socket.SOL_SOCKET, SO_MAX_PACING_RATE, rate)
            for _ in range(SPLICED // len(block)):
                peer.sendall(block)


def status_of(pid):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


def spent(pids):
    """What processes have used: how often a thread of theirs went to sleep, and microseconds of a core. What has ended,
    or ends just now, only looked at the machine once and counts no more."""
    slept = took = 0
    for task in (task for pid in pids for task in Path("/proc").glob(f"{pid}/task/*")):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            sleeps, nanoseconds = status_of(str(task)[6:])["voluntary_ctxt_switches"], (task / "schedstat").read_text().split()[0]
            slept, took = slept + int(sleeps), took + int(nanoseconds) / 1000
    return slept, took


def resident(pids):
    """Memory in MB: what each holds, and together with what they share counted once."""
    paths = [path for pid in pids for path in Path("/proc").glob(f"{pid}/smaps_rollup")]
    rollups = [dict(re.findall(r"(\w+):\s+(\d+) kB", path.read_text())) for path in paths]
    each = " + ".join(f"{int(rollup['Rss']) / 1024:.1f}" for rollup in rollups)
    return f"{each} MB resident, {sum(int(rollup['Pss']) for rollup in rollups) / 1024:.1f} MB together"


def idle(agent):
    """Memory, and how often it woke up in 30 seconds of nothing."""
    def switches():
        tasks = [task for pid in family(agent.pid) for task in Path(f"/proc/{pid}/task").iterdir()]
        return {task: int(status_of(str(task)[6:])["voluntary_ctxt_switches"]) for task in tasks}

    time.sleep(15)  # the threads of the start have ended by then
    before = switches()
    time.sleep(30)
    after = switches()
    return resident(family(agent.pid)), sum(after[task] - before[task] for task in after if task in before)


@contextlib.contextmanager
def laptop():
    """A machine with the agent, and a gateway that serves TLS: the apps' group, the lab, and where a client calls."""
    if not namespace.inside():
        if reason := namespace.impossible():
            raise SystemExit(reason)
        namespace.enter()
    names = {name: edge.PROVIDER for name in edge.HOSTS}
    namespace.prepare({**names, BULK_HOST: BULK, GATEWAY: "127.0.0.1"})
    for address in (edge.PROVIDER, BULK):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    rig = Rig()
    edge.certificates(rig.folder, [*edge.HOSTS, GATEWAY])
    rig.serve_tls(GATEWAY, PORT, "provider.crt", "provider.key", "lab.crt")
    rig.more_config(f'[edge]\nca = "{rig.folder}/lab.crt"\nrelay_url = "https://{GATEWAY}:{PORT}"\n')
    with cgroup.Cgroup("tidegate-cost") as group, rig:
        lab = edge.Lab(rig, rig.folder, group)
        lab.enrol(f'ca = "{rig.folder}/lab.crt"\n')
        lab.start()
        threading.Thread(target=bulk, args=(socket.create_server((BULK, 443)),), daemon=True).start()
        yield group, lab, (rig.url, rig.key("direct"), lab.state / "ca.pem", rig.folder / "lab.crt")
        lab.agent.terminate()
        lab.agent.wait(timeout=20)


def governs(lab):
    """Has what the agent is asked for governed from here on."""
    lab.rig.api("PUT", "/edge/settings", {"fail": "open", "check_in_seconds": 60, "default_decision": "pending",
                                          "default_mode": "gateway", "default_pinned": "bypass", "never_block": []})
    wait_for(lambda: lab.status()["policy"]["revision"] > 2, "the policy", lambda: lab.rig.log("edge"), 90)


def train():
    """Load without a figure, by which a build learns which of its code is hot."""
    with laptop() as (group, lab, where):
        governs(lab)
        steered(group, "load", *where)
        steered(group, "bytes", "0")


def load(_, __, ca, public):
    """Runs steered, as an app would: short calls and long ones, on one connection and on many."""
    connection = connect("https://api.anthropic.com", ca)
    for turn in range(5 * CALLS):
        call(connection, "/v1/messages", "sk-of-the-app", "hello " * (1, 1, 1, 4000)[turn % 4])
    _, failed = at_once(ca, "[[pause:0.005]] [[size:600]] hello")
    if failed:
        raise RuntimeError(f"{len(failed)} of {STREAMS} streams failed: {failed[:3]}")
    print("null")


def main():
    with laptop() as (group, lab, where):
        rss, woken = idle(lab.agent)
        for name, port in HOPS.items():
            tls = ["--cert", lab.rig.folder / "provider.crt", "--key", lab.rig.folder / "provider.key",
                   "--ca", lab.rig.folder / "lab.crt", "--name", GATEWAY] if name == "tls hop" else []
            lab.rig.spawn(name, ["tidegate-hop", "--listen", f"127.0.0.1:{port}", "--to", f"127.0.0.1:{PORT}", *map(str, tls)])
        governs(lab)
        agent = family(lab.agent.pid)
        found = steered(group, "client", *where, ",".join(map(str, agent)))
        sharing, paced = spliced(group, agent), spliced(group, agent, rate=LINK)
        with awake():
            kept_awake = steered(group, "calls", *where)
        # Nobody waits for another core to wake, which takes longer than the work on a virtual machine: what remains
        # is what the calls cost.
        on_core(family(os.getpid()), 0)
        together = steered(group, "calls", *where)
        # As on a machine with enough cores: the agent has one, and what it stands between has one.
        on_core(agent, 1)
        apart = spliced(group, agent, 0)
        after = resident(agent)
    told(found["rounds"], "all cores")
    told(kept_awake, "all cores, none halts")
    told(together, "all on one core")
    print(f"         the agent goes to sleep {found['each'][0]:.1f} times for each call, and takes {found['each'][1]:.0f} us of a core")
    print(f"streams  {found['streams']}")
    told_spliced(sharing, "three processes on all cores")
    told_spliced(paced, "three processes on all cores, at 10 Gbit/s")
    told_spliced(apart, "the agent on one core, client and server on the other")
    print(f"idle     {rss}; {woken} wake-ups in 30 s; {after} after the load")


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        client(*sys.argv[2:])
    elif sys.argv[1:2] == ["calls"]:
        calls(*sys.argv[2:])
    elif sys.argv[1:2] == ["bytes"]:
        bytes_through(*sys.argv[2:])
    elif sys.argv[1:2] == ["load"]:
        load(*sys.argv[2:])
    elif sys.argv[1:2] == ["train"]:
        train()
    else:
        main()
