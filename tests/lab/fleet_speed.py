#!/usr/bin/env python3
"""How long a decision takes from the answer of the admin API to its effects on a machine: the clients' files, a
start that is refused, a connection that is refused, and until the API says that it is verified.

    sudo python3 tests/lab/fleet_speed.py [DECISIONS]

With long poll, and then as where something on the way does not let it through. Prints a table, a line per
test, and closes with `N passed, N failed`.
"""
import http.client
import json
import os
import statistics
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import fleet_api  # noqa: E402, the path comes first
import fleet_homes  # noqa: E402
from fleet_app import App  # noqa: E402
from fleet_machine import BINARY_APP  # noqa: E402
from rig import wait_for  # noqa: E402

DECISIONS = int(sys.argv[1]) if len(sys.argv) > 1 else 20
SLOW_DECISIONS = max(DECISIONS // 3, 4)
MOST, INTERVAL, MORE = 2.0, 5, 1.0  # seconds
IDENTITY = fleet_homes.IS_MEMORY
TOLD = "API: verified"  # told later than it holds, so that the gateway is not asked too often


def checks(lab, results):
    lab.check_in_every(INTERVAL)
    lab.start()
    fleet_api.edge.trust(lab.folder, lab.folder / "lab.crt", lab.state / "ca.pem")
    lab.known()
    with App(lab) as app:
        judge(results, "with long poll", measure(lab, app, DECISIONS, waiting=True), MOST, f"p95 under {MOST:.0f} s")
        left_alone(lab, results)
        lab.stop_agent()
        proxy = WithoutPoll(lab.rig.control)
        lab.config.write_text(lab.config.read_text().replace(lab.rig.control, proxy.url))
        lab.start()
        limit = INTERVAL + MORE
        judge(results, "without", measure(lab, app, SLOW_DECISIONS), limit, f"never over the interval of {INTERVAL} s and {MORE:.0f} s", whole=True)
        results.check("without: no check-in was let wait", proxy.changed > 0, proxy.changed)


def left_alone(lab, results):
    """What a decision wrote stays: the pass that follows the agent's own changes finds nothing to do."""
    for decision in ("denied", "approved", "denied"):
        lab.decide(decision, servers=[IDENTITY])
        if decision == "denied":
            lab.settled("denied", identity=IDENTITY)
        else:
            lab.lifted(identity=IDENTITY)
    time.sleep(3)  # that pass is over
    watch = Watch(folders(lab))
    time.sleep(7)
    (changes,) = watch.close()
    results.check("what a decision wrote is left alone", not changes, f"{len(changes)} changes in 7 s")
    lab.decide("approved", servers=[IDENTITY])
    lab.lifted(identity=IDENTITY)


def folders(lab):
    """Where decisions about the servers of the lab's homes are written."""
    return [Path("/etc/claude-code/managed-settings.d"), Path("/etc/codex"), Path("/etc/gemini-cli"), Path("/etc/gemini-cli/policies"),
            Path("/etc/opencode"), *(lab.ada.home / path for path in (".codex", ".gemini", ".config/opencode", ".cursor"))]


def measure(lab, app, decisions, waiting=False):
    """Denied and approved in turn: seconds to each effect, for each decision. They come while a check-in waits
    at the gateway, or whenever."""
    files = folders(lab)
    times = {what: [] for what in ("first file", "last file", "start refused or allowed", "connection refused or allowed", TOLD)}
    for number in range(decisions):
        deny = number % 2 == 0
        watch = Watch(files, lambda: app.may_start() != deny, lambda: app.connects().startswith("status 200") != deny)
        if waiting:  # A decision is followed by a check-in some seconds later, and by one that waits then.
            wait_for(lambda: lab.status()["next_check_in"] is None, "a check-in that waits", seconds=60)
        time.sleep(0.3 + (number * 0.37) % 1)  # not in step with anything
        lab.decide("denied" if deny else "approved", servers=[IDENTITY], apps=[BINARY_APP])
        decided = time.monotonic()
        if deny:
            lab.settled("denied", identity=IDENTITY)
            lab.settled("denied", app=BINARY_APP)
        else:
            lab.lifted(identity=IDENTITY)
            lab.lifted(app=BINARY_APP)
        told = time.monotonic()
        changes, *reached = watch.close()
        for what, at in zip(times, (changes[0] if changes else None, changes[-1] if changes else None, *reached, told)):
            times[what].append(None if at is None else max(at - decided, 0.0))
    return times


class Watch:
    """Looks every few milliseconds until both conditions hold and it is closed."""

    def __init__(self, folders, *conditions):
        self.folders, self.changes, self.ended = folders, [], threading.Event()
        self.reached = [None for _ in conditions]
        self.threads = [threading.Thread(target=self._files, daemon=True),
                        *(threading.Thread(target=self._until, args=pair, daemon=True) for pair in enumerate(conditions))]
        for thread in self.threads:
            thread.start()

    def _files(self):
        before = self._look()
        while not self.ended.wait(0.004):
            if (now := self._look()) != before:
                self.changes.append(time.monotonic())
                before = now

    def _look(self):
        seen = []
        for folder in self.folders:
            try:
                seen += [(entry.path, entry.inode(), entry.stat(follow_symlinks=False).st_mtime_ns) for entry in os.scandir(folder)]
            except OSError:
                continue  # Not there, or not now.
        return sorted(seen)

    def _until(self, number, condition):
        end = time.monotonic() + fleet_api.SOON
        while time.monotonic() < end:
            if condition():
                self.reached[number] = time.monotonic()
                return
            time.sleep(0.004)

    def close(self):
        """When files changed, and when each condition held."""
        for thread in self.threads[1:]:
            thread.join(timeout=fleet_api.SOON)
        self.ended.set()
        self.threads[0].join(timeout=5)
        return [self.changes, *self.reached]


def judge(results, name, times, most, words, whole=False):
    """A line for each effect."""
    for what, taken in times.items():
        missing = taken.count(None)
        known = sorted(value for value in taken if value is not None)
        if not known:
            results.check(f"{name}: {what}", False, "never seen")
            continue
        p50, p95 = statistics.median(known), known[min(len(known) - 1, int(len(known) * 0.95))]
        worst = known[-1] if whole else p95
        line = f"{name}: {what}: p50 {p50:.2f} s, p95 {p95:.2f} s, slowest {known[-1]:.2f} s of {len(taken)} decisions"
        if what == TOLD:
            print(f"     {line}")
        else:
            results.check(f"{line}; {words}", not missing and worst < most, taken)


class WithoutPoll:
    """Stands between agent and gateway and lets no check-in wait, as a proxy that cuts what is idle."""

    def __init__(self, upstream):
        self.host, self.changed = upstream.removeprefix("http://"), 0
        server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Between,), {"proxy": self}))
        server.daemon_threads = True
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()


class _Between(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy = None

    def log_message(self, *_):
        pass

    def _pass(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.endswith("/check-in"):
            said = json.loads(body)
            self.proxy.changed += said.get("wait_seconds", 0) > 0
            body = json.dumps({**said, "wait_seconds": 0}).encode()
        connection = http.client.HTTPConnection(self.proxy.host, timeout=60)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "connection")}
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        said = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
        connection.close()

    do_GET = do_POST = do_PUT = _pass


if __name__ == "__main__":
    sys.exit(fleet_api.run("the fleet's speed", checks))
