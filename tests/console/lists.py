"""How long the admin API takes for every list and filter of the console, with a large fleet behind it.

    cargo run -p tidegate-store --example seed_console -- URL    # once, into an empty database
    tests/console/lists.py URL [--binary target/debug/tidegate] [--rounds 20] [--limit-ms 200] [--server PID]

It starts a real gateway on that database, signs in, and calls each list again and again over one
connection. It prints p50 and p95 of each, the processor time of a call, and how much came; it fails where a p95
is over the limit, or where an answer is not what was asked for. The first call of each is counted like the
others. On a machine that has other things to do the processor time is what can be compared: it is that of the
gateway, and of PostgreSQL where its first process is named.
"""
import argparse
import hashlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """A gateway on a database that is there, and a session of its admin."""

    def __init__(self, binary, url):
        self.binary, self.url = binary, url
        self.folder = tempfile.TemporaryDirectory(prefix="tidegate-lists-")
        # The database's authority is sealed by the first run's key: it stays for the next.
        keys = ROOT / "target" / "console-keys"
        keys.mkdir(parents=True, exist_ok=True)
        self.seal = keys / hashlib.sha256(url.encode()).hexdigest()[:16]
        self.port = free_port()

    def __enter__(self):
        folder = Path(self.folder.name)
        config = folder / "config.toml"
        config.write_text(
            f'[listen]\ndata = "127.0.0.1:{free_port()}"\ncontrol = "127.0.0.1:{self.port}"\n'
            f'[store]\nurl = "{self.url}"\njournal = "{folder / "journal"}"\n'
            '[[providers]]\nname = "openai"\ndialect = "openai"\nbase_url = "https://api.openai.com"\n'
            'api_key = "env:OPENAI_API_KEY"\n'
            f'[edge]\nseal_key = "{self.seal}"\n[telemetry]\nlevel = "warn"\n'
        )
        env = dict(os.environ, OPENAI_API_KEY="unused")
        self.email = email = f"lists-{os.getpid()}@example.com"
        made = subprocess.run(
            [self.binary, "admin", "create", "--config", config, "--email", email],
            env=env, cwd=folder, check=True, capture_output=True, text=True,
        )
        once = made.stdout.strip().splitlines()[-1]
        self.log = open(folder / "log", "w+")
        self.process = subprocess.Popen(
            [self.binary, "serve", "--config", config], env=env, cwd=folder,
            stdout=self.log, stderr=subprocess.STDOUT,
        )
        self.wait()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.token = None
        body = {"email": email, "password": once, "new_password": "lists-and-filters-1"}
        self.token = self.call("POST", "/sessions", body)["token"]
        return self

    def wait(self):
        for _ in range(600):
            if self.process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                    probe.sendall(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
                    if b" 200 " in probe.recv(64):
                        return
            except OSError:
                pass
            time.sleep(0.1)
        self.log.seek(0)
        raise SystemExit(f"the gateway did not start:\n{self.log.read()}")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.folder.cleanup()

    def call(self, method, path, body=None, accept="application/json"):
        headers = {"accept": accept}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if body is not None:
            headers["content-type"] = "application/json"
        data = None if body is None else json.dumps(body)
        self.connection.request(method, "/api/v1" + path, data, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text) if accept == "application/json" else text.decode()


def processor_ms(process, server):
    """How long the gateway, and the database server's processes, have computed so far."""
    pids = [process]
    if server:
        children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii")
        pids += [server, *map(int, children.split())]
    total = 0.0
    for pid in pids:
        try:
            # How Linux numbers the clocks of other processes.
            total += time.clock_gettime((~pid << 3) | 2)
        except OSError:
            pass  # it ended
    return total * 1_000


def query(path, **parameters):
    parameters = {name: value for name, value in parameters.items() if value is not None}
    return f"{path}?{urllib.parse.urlencode(parameters)}" if parameters else path


def calls(gateway):
    """Every list and filter, each with a value that is in the database."""
    devices = gateway.call("GET", "/devices?limit=50")["items"]
    one = devices[7]
    requests = gateway.call("GET", "/requests?limit=200")["items"]
    logged = next(request for request in requests if request["edge"])
    servers = gateway.call("GET", "/edge/mcp-servers?limit=200&sort=devices&order=desc")["items"]
    common, rare = servers[0]["identity"], servers[-1]["identity"]
    apps = gateway.call("GET", "/edge/apps?limit=200&sort=devices&order=desc")["items"]
    audit = gateway.call("GET", "/audit?limit=200")["items"]
    decided = next(entry for entry in audit if entry["action"] == "edge_mcp.decide")
    actor = next(entry["actor"] for entry in audit if entry["actor"].startswith("acc_"))
    week = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 7 * 86_400))
    fortnight = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 14 * 86_400))
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def each(path, filters):
        return [query(path, **one) for one in filters]

    found = each("/devices", [
        {}, {"sort": "hostname"}, {"sort": "hostname", "order": "desc"}, {"sort": "last_seen", "order": "desc"},
        {"sort": "last_seen"}, {"sort": "first_seen", "order": "desc"}, {"limit": 200},
        {"q": "laptop-09"}, {"q": "person00042@"}, {"q": "nobody has this"}, {"os": "linux"},
        {"os_version": "macOS 15.6"}, {"agent_version": "0.1.0"}, {"presence": "online"}, {"presence": "late"},
        {"presence": "missing", "sort": "last_seen"}, {"team": one["team"]}, {"user": one["user"]},
        {"app": apps[0]["app"]}, {"app": apps[-1]["app"]}, {"mcp_server": common}, {"mcp_server": rare},
        {"approval": "pending"}, {"approval": "denied"}, {"approval": "approved"}, {"effect": "shadowed"},
        {"effect": "failed", "sort": "hostname"}, {"effect": "pending_restart", "mcp_server": common},
        {"effect": "verified", "mcp_server": common}, {"quarantined": "true"}, {"effective": "false"},
        {"disabled": "true"}, {"approval": "denied", "os": "windows", "presence": "missing", "q": "7"},
    ])
    found += each("/devices/facets", [{}, {"os": "linux"}, {"q": "laptop-0"}, {"approval": "denied"}])
    device = f"/devices/{one['id']}"
    found += [device, device + "/inventory", device + "/effects", device + "/apps"]
    for path in ("/edge/apps", "/edge/mcp-servers"):
        found += each(path, [
            {"limit": 50}, {"limit": 200}, {"limit": 50, "sort": "devices", "order": "desc"},
            {"limit": 50, "sort": "first_seen", "order": "desc"}, {"limit": 50, "sort": "last_seen"},
            {"limit": 50, "q": "acme"}, {"limit": 50, "decision": "denied"}, {"limit": 50, "decision": "pending"},
            {"limit": 50, "decided": "true"}, {"limit": 50, "present": "true"},
        ])
    found += [
        "/edge/apps", query("/edge/mcp-servers", client="claude-code"), "/edge/mcp-rules",
        "/edge/mcp-servers/" + urllib.parse.quote(common, safe=""),
        "/edge/mcp-servers/" + urllib.parse.quote(rare, safe=""),
    ]
    found += each("/edge/access-requests", [{}, {"state": "open"}, {"state": "declined"}, {"device": one["id"]}])
    edge = logged["edge"]
    found += each("/requests", [
        {}, {"limit": 200}, {"from": week}, {"to": fortnight}, {"from": fortnight, "to": week},
        {"key": logged["key"]}, {"user": logged["user"]}, {"team": logged["team"]}, {"device": edge["device"]},
        {"app": edge["app"]}, {"model": "gpt-4o-mini"}, {"model": "claude-sonnet-4-5"}, {"model": "no-such-model"},
        {"provider": "gemini"}, {"operation": "messages"}, {"status": "2xx"}, {"status": "4xx"}, {"status": "5xx"},
        {"outcome": "refused"}, {"outcome": "upstream_broken"}, {"outcome": "client_gone"},
        {"code": "prompt_blocked"}, {"code": "mcp_denied"}, {"code": "key_expired"}, {"streamed": "false"},
        {"min_cost_micro_usd": 400_000}, {"min_cost_micro_usd": 10_000_000}, {"min_tokens": 40_000},
        {"q": logged["id"]}, {"q": logged["trace_id"]}, {"q": logged["key"]}, {"q": "opus"}, {"q": "nothing has this"},
        {"team": logged["team"], "model": "claude-opus-4-5", "status": "4xx", "from": fortnight},
        {"user": logged["user"], "code": "mcp_denied"},
    ])
    found += [f"/requests/{logged['id']}"]
    found += each("/audit", [
        {}, {"limit": 200}, {"action": "edge_mcp.decide"}, {"action": "edge_mcp."}, {"action": "budget."},
        {"target": decided["target"]}, {"actor": actor}, {"actor": "cli"}, {"from": week}, {"to": week},
        {"from": fortnight, "to": week}, {"q": "pending"}, {"q": "nothing has this"},
        {"target": decided["target"], "action": "edge_mcp."},
    ])
    found += each("/overview", [{"hours": 24}, {"hours": 168}, {"hours": 720}])
    usage = {"from": time.strftime("%Y-%m-%dT00:00:00Z", time.gmtime(time.time() - 30 * 86_400)), "to": now}
    found += each("/usage", [
        dict(usage, bucket="day"), dict(usage, bucket="day", group_by="model"),
        dict(usage, bucket="day", group_by="team"), dict(usage, bucket="hour", key=logged["key"]),
        dict(usage, bucket="day", user=logged["user"], group_by="model"), dict(usage, team=logged["team"]),
    ])
    cap = {"cap_micro_usd": 1_000_000}
    found += each("/budgets/what-if", [
        dict(cap, scope="organization", window="1d"), dict(cap, scope=logged["team"], window="1w"),
        dict(cap, scope=logged["user"], window="1mo"), dict(cap, scope=logged["key"], window="1h", windows=90),
        dict(cap, scope="organization", window="1mo", model="claude-*"),
    ])
    found += ["/keys", "/keys?limit=200", query("/keys", user=one["user"]), "/users", "/users?limit=200",
              query("/users", team=one["team"]), "/teams", "/budgets", "/limits", "/providers", "/info"]
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--binary", default=str(ROOT / "target" / "debug" / "tidegate"))
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--limit-ms", type=float, default=200)
    parser.add_argument("--server", type=int, help="PostgreSQL's first process, to count its processor time too")
    parser.add_argument("--only", default="", help="only paths that start with this")
    arguments = parser.parse_args()
    slow = []
    with Gateway(Path(arguments.binary).resolve(), arguments.url) as gateway:
        paths = [path for path in calls(gateway) if path.startswith(arguments.only)]
        times = {path: [] for path in paths}
        computed = dict.fromkeys(paths, 0.0)
        items = {}
        # Round by round, so that no list is measured on what it just left in the caches alone.
        for _ in range(arguments.rounds):
            for path in paths:
                before = processor_ms(gateway.process.pid, arguments.server)
                start = time.perf_counter()
                answer = gateway.call("GET", path)
                times[path].append((time.perf_counter() - start) * 1_000)
                computed[path] += processor_ms(gateway.process.pid, arguments.server) - before
                items[path] = len(answer.get("items", [])) if isinstance(answer, dict) else 0
        print(f"{'p50 ms':>8} {'p95 ms':>8} {'cpu ms':>8} {'items':>6}  path")
        for path in paths:
            taken = sorted(times[path])
            p95 = taken[min(len(taken) - 1, int(len(taken) * 0.95))]
            print(f"{statistics.median(taken):8.1f} {p95:8.1f} {computed[path] / len(taken):8.1f} {items[path]:6}  {path}")
            if p95 > arguments.limit_ms:
                slow.append(path)
    print(f"{len(paths)} lists and filters, {arguments.rounds} rounds; {len(slow)} over {arguments.limit_ms:.0f} ms")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
