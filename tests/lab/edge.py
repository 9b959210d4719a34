#!/usr/bin/env python3
"""A laptop where nobody changed a setting: clients call their providers, the kernel hands the sockets to
the agent, the agent relays the calls through the gateway.

    sudo python3 tests/lab/edge.py          (`make demo`)

Gateway, stand-in provider, agent and clients are the real ones, in namespaces that have no way out; only
the clients' cgroup is steered. Prints a line per test and closes with `N passed, N failed`.
"""
import json
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import cgroup  # noqa: E402, the path comes first
import claude_code  # noqa: E402
import codex  # noqa: E402
import edge_privileges  # noqa: E402
import edge_upgrade  # noqa: E402
import namespace  # noqa: E402
from rig import Results, Rig, wait_for  # noqa: E402

PROVIDER, OTHER = "203.0.113.10", "203.0.113.20"
HOSTS = ["api.anthropic.com", "api.openai.com", "chatgpt.com", "claude.ai", "statsig.anthropic.com"]
UNGOVERNED = "www.example.org"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


class Lab:
    """The rig with an agent: certificates, a provider at its true names, an enrolled device."""

    def __init__(self, rig, folder, group):
        self.rig, self.folder, self.group = rig, folder, group
        self.state = folder / "edge-state"
        self.config = folder / "edge.toml"
        self.socket = folder / "edge.sock"
        self.agent = None

    def enrol(self, more=""):
        """Configures the agent as management would, with a one-time token; `more` goes to `[gateway]`."""
        soon = datetime.now(timezone.utc) + timedelta(hours=1)
        made = self.rig.api("POST", "/enrolment-tokens",
                            {"name": "lab", "max_uses": 1, "expires_at": soon.strftime("%Y-%m-%dT%H:%M:%SZ")})
        token = self.folder / "token"
        token.write_text(made["secret"])
        token.chmod(0o600)
        # The relay is nobody here, and has to get to its state.
        self.folder.chmod(0o711)
        self.config.write_text(
            f'[gateway]\nurl = "{self.rig.control}"\nenrolment_token = "file:{token}"\n{more}'
            f'[agent]\nstate = "{self.state}"\nsocket = "{self.socket}"\nuser = "nobody"\nlog = "info,tidegate_edge=debug"\n'
            f'[linux]\ncgroup = "{self.group.path}"\n')

    def start(self):
        """Starts the agent and waits until it is in force."""
        self.agent = self.rig.spawn("edge", ["tidegate-edge", "run", "--config", str(self.config)])
        wait_for(self.in_force, "the agent to be in force", lambda: self.rig.log("edge"))

    def judge(self, results, checks, *more):
        """Runs checks; says what agent and gateway said where one failed; ends the agent."""
        try:
            checks(self, results, *more)
        except Exception as error:  # The rest could not run; what ran has its results.
            results.check("the lab", False, f"{type(error).__name__}: {error}")
        if results.failed:
            print(f"--- the agent said ---\n{noteworthy(self.rig.log('edge'))[-4000:]}\n--- the gateway said ---\n{self.rig.log()[-3000:]}")
        if self.agent and self.agent.poll() is None:
            self.agent.terminate()
            self.agent.wait(timeout=20)

    def in_force(self):
        """Whether everything is in force, as the agent says."""
        if self.agent.poll() is not None:
            raise RuntimeError(f"the agent ended with {self.agent.returncode}:\n{self.rig.log('edge')}")
        view = self.status()
        return view and view["connected"] and view["redirection"]["effective"] and view["policy"]

    def status(self):
        """What `tidegate-edge status --json` says; None where nobody answers."""
        asked = subprocess.run([self.rig.binary("tidegate-edge"), "status", "--json", "--config", str(self.config)],
                               capture_output=True, text=True, check=False, timeout=20)
        return json.loads(asked.stdout) if asked.stdout.startswith("{") else None

    def seen(self, app):
        """What an app's connections came to, as the agent says."""
        none = {"relayed": 0, "denied": 0, "pinned": 0}
        return next((seen["counts"] for seen in self.status()["apps"] if seen["app"] == app), none)

    def curl(self, url, *more):
        """One call of an unconfigured curl, steered: status, body, exit code."""
        done = subprocess.run(
            self.group.run("curl", "-sS", "--max-time", "20", "-w", "\n%{http_code}", *more, url),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=40)
        body, _, status = done.stdout.rpartition("\n")
        return int(status or 0), body, done.returncode, done.stderr

    def ask(self, stream=False, *more):
        """What a person types: a call of Anthropic's API with a key of their own."""
        body = {"model": "claude-sonnet-4-5", "max_tokens": 64, "stream": stream,
                "messages": [{"role": "user", "content": "hello"}]}
        return self.curl("https://api.anthropic.com/v1/messages", "-H", "x-api-key: sk-ant-of-the-app",
                         "-H", "anthropic-version: 2023-06-01", "-H", "content-type: application/json",
                         "-d", json.dumps(body), *more)


def noteworthy(log):
    """Without colours, and without the names that no resolver knows here."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", log).splitlines()
    return "\n".join(line for line in lines if "does not resolve now" not in line)


def certificates(folder, names=(*HOSTS, UNGOVERNED)):
    """A public CA of the lab, and the provider's certificate for its true names."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    listed = ",".join(f"DNS:{name}" for name in names)
    (folder / "names.ext").write_text(f"subjectAltName={listed}\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-days", "2", "-keyout", "lab.key", "-out", "lab.crt", "-subj", "/CN=Lab Public CA")
    openssl("req", *curve, "-keyout", "provider.key", "-out", "provider.csr", "-subj", "/CN=provider")
    openssl("x509", "-req", "-in", "provider.csr", "-CA", "lab.crt", "-CAkey", "lab.key", "-CAcreateserial",
            "-days", "2", "-out", "provider.crt", "-extfile", "names.ext")


def trust(folder, *more):
    """Puts certificates into the system's bundle, in this mount namespace only."""
    system, bundle = folder / "system.crt", folder / "bundle.crt"
    if not system.exists():
        system.write_text(Path(BUNDLE).read_text())
    bundle.write_text(system.read_text() + "".join(path.read_text() for path in more))
    if not trust.mounted:
        subprocess.run(["mount", "--bind", str(bundle), BUNDLE], check=True)
        trust.mounted = True


trust.mounted = False


def main():
    if not namespace.inside():
        reason = namespace.impossible() or (None if cgroup.root() else "no cgroup2 is mounted")
        if reason:
            print(f"SKIPPED: the agent was not run: {reason}")
            print("0 passed, 0 failed, the agent skipped")
            return 0
        namespace.enter()
    names = {name: PROVIDER for name in HOSTS}
    namespace.prepare({**names, UNGOVERNED: OTHER})
    for address in (PROVIDER, OTHER):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    results = Results()
    rig = Rig()
    certificates(rig.folder)
    rig.more_config(f'[edge]\norganisation = "Lab"\nca = "{rig.folder}/lab.crt"\n')
    with cgroup.Cgroup("tidegate-lab") as group, rig:
        for address in (PROVIDER, OTHER):
            rig.spawn(f"provider-{address}", ["tidegate-standin", "--listen", f"{address}:443", "--cert",
                                              str(rig.folder / "provider.crt"), "--key", str(rig.folder / "provider.key")])
        lab = Lab(rig, rig.folder, group)
        lab.enrol()
        lab.start()
        trust(rig.folder, rig.folder / "lab.crt", lab.state / "ca.pem")
        lab.judge(results, checks)
    return results.close()


def checks(lab, results):
    governed(lab, results)
    untouched(lab, results)
    unconfigured_claude(lab, results)
    unconfigured_codex(lab, results)
    denied(lab, results)
    edge_privileges.checks(lab, results)
    edge_upgrade.checks(lab, results)
    gateway_gone(lab, results)


def rows(lab, **filters):
    return [row for row in lab.rig.requests(**filters) if row.get("edge")]


def logged(lab, before, operation):
    """The newest rows of an operation; the log is written a moment after the answer."""
    def new():
        found = rows(lab)
        return [row for row in found[:len(found) - before] if row["operation"] == operation]

    return wait_for(new, f"{operation} to be logged", lab.rig.log)


def governed(lab, results):
    """curl, not configured in any way."""
    status, body, code, error = lab.ask()
    results.check("curl: an unconfigured call is answered", status == 200 and '"content"' in body, (status, body, code, error))
    status, body, code, error = lab.ask(stream=True)
    results.check("curl: streamed too", status == 200 and "message_stop" in body, (status, body[-300:], code, error))
    found = wait_for(lambda: len(rows(lab)) >= 2 and rows(lab), "the calls to be logged", lab.rig.log)
    row = found[0]
    results.check("the log row names device, app, user and process",
                  row["edge"]["app"] == "curl" and row["edge"]["os_user"] == "root" and row["edge"]["process"].endswith("curl")
                  and row["edge"]["host"] == "api.anthropic.com" and row["edge"]["device"], row["edge"])
    results.check("and tokens and cost", row["usage"]["output"] > 0 and row["cost_micro_usd"] > 0, row)
    view = lab.status()
    results.check("the agent counts what it relayed", view["counts"]["relayed"] >= 2, view["counts"])


def untouched(lab, results):
    """What is not AI never sees our certificate."""
    status, _, code, error = lab.curl(f"https://{UNGOVERNED}/_standin/requests", "--cacert", str(lab.folder / "lab.crt"))
    results.check("a host that is not AI answers with its own certificate", status == 200, (status, code, error))


def unconfigured_claude(lab, results):
    """Claude Code as it comes, with the key that its user has."""
    if not claude_code.BINARY.is_file():
        print("SKIPPED: Claude Code: it is not installed; run `make setup`")
        return
    home = lab.folder / "home"
    home.mkdir()
    before = len(rows(lab))
    done = subprocess.run(
        lab.group.run(claude_code.BINARY, "-p", "--output-format", "json", "--", "Say hello."),
        cwd=home, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "ANTHROPIC_API_KEY": "sk-ant-of-the-user"})
    answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    results.check("Claude Code, not configured at all, completes a turn",
                  done.returncode == 0 and answer.get("subtype") == "success" and not answer.get("is_error"),
                  (done.returncode, done.stdout[-800:], done.stderr[-800:]))
    found = logged(lab, before, "messages")
    results.check("and the log knows it as Claude Code", found and all(row["edge"]["app"] == "claude-code" for row in found),
                  [row["edge"] for row in rows(lab)[:5]])


def unconfigured_codex(lab, results):
    """Codex as it comes, with the key that its user has. It tries a WebSocket first."""
    if not codex.binary().is_file():
        print("SKIPPED: Codex: it is not installed; run `make setup`")
        return
    home = lab.folder / "codex"
    home.mkdir()
    before, started = len(rows(lab)), time.monotonic()
    done = subprocess.run(
        lab.group.run(codex.binary(), "exec", "--json", "--skip-git-repo-check", "-m", codex.MODEL, "-C", home, "Say hello."),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "CODEX_HOME": str(home), "CODEX_API_KEY": "sk-of-the-user"})
    took = time.monotonic() - started
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    results.check(f"Codex, not configured at all, completes a turn ({took:.1f} s)",
                  done.returncode == 0 and events and events[-1]["type"] == "turn.completed",
                  (done.returncode, done.stdout[-800:], done.stderr[-800:]))
    found = logged(lab, before, "responses")
    results.check("and the log knows it as Codex", found and all(row["edge"]["app"] == "codex" for row in found),
                  [row["edge"] for row in rows(lab)[:5]])


def gateway_gone(lab, results):
    """Without a gateway nothing breaks where the policy fails open, and nothing passes where it fails
    closed."""
    lab.rig.stop_gateway()
    status, body, code, error = lab.ask()
    results.check("without a gateway, failing open: the provider itself answers", status == 200, (status, body[:300], code, error))
    lab.rig.start_gateway()
    settings = lab.rig.api("GET", "/edge/settings")
    lab.rig.api("PUT", "/edge/settings", {**{key: settings[key] for key in settings if key not in ("revision", "updated_at")}, "fail": "closed"})
    wait_for(lambda: (view := lab.status()) and view["policy"]["fail"] == "closed", "the new policy", lambda: lab.rig.log("edge"), 90)
    lab.rig.stop_gateway()
    status, body, code, error = lab.ask()
    results.check("without a gateway, failing closed: refused, and told why",
                  status == 503 or (status == 0 and code != 0), (status, body[:300], code, error))
    status, _, code, error = lab.curl(f"https://{UNGOVERNED}/_standin/requests", "--cacert", str(lab.folder / "lab.crt"))
    results.check("what is not AI is not touched by that", status == 200, (status, code, error))
    lab.rig.start_gateway()
    wait_for(lambda: lab.ask()[0] == 200, "the calls to be governed again", lambda: lab.rig.log("edge"))
    results.check("with the gateway back, calls are governed again", True)


def denied(lab, results):
    """A decision reaches the device at once."""
    lab.rig.api("PUT", "/edge/apps/curl", {"decision": "denied", "note": "not reviewed yet"})
    decided = time.monotonic()
    while (answer := lab.ask())[0] == 200 and time.monotonic() - decided < 20:
        pass
    delay = time.monotonic() - decided
    status, body, code, error = answer
    refused = (status == 403 and "not reviewed yet" in body) or (status == 0 and code == 7)
    results.check(f"a denied app is refused ({delay * 1000:.0f} ms after the decision)", refused and delay < 5, (answer, delay))
    # The proxy refuses at once; what the loader tells of it follows.
    def told():
        return [app["reason"] for app in lab.status()["denied"] if app["app"] == "curl"]

    reasons = wait_for(told, "the status to say so", lambda: lab.rig.log("edge"))
    results.check("and status says why and how to ask", "not reviewed yet" in reasons[0], reasons)
    lab.rig.api("PUT", "/edge/apps/curl", {"decision": "approved"})
    wait_for(lambda: lab.ask()[0] == 200, "the app to be allowed again", lambda: lab.rig.log("edge"))
    results.check("approved again, it works again", True)


if __name__ == "__main__":
    sys.exit(main())
