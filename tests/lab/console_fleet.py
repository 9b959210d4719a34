"""An organisation to take pictures of: teams and their people, machines with apps and MCP servers, decisions and
what came of them, keys with budgets, and a month of calls. What can be made by calls is made by calls: machines
enrol, check in and upload as agents do, calls go through the gateway. Only the past is written into the database,
while the gateway is down: copies of those calls, earlier.
"""
import base64
import hashlib
import http.client
import json
import random
import subprocess
from datetime import datetime, timedelta, timezone
from urllib.parse import urlparse

import console_past
from console_people import APPS, KEYS, MACHINES, PEOPLE, SERVERS, TEAMS, WISHES
from rig import wait_for

PROJECT = "Project Nightjar"
# What some prompts hold: made up, and written so that nobody takes it for a credential.
FOUND = {
    4: "Why is this refused? aws_access_key_id = " + "AKIA" + "QYLPMN5HHHFPZAM2",
    11: "Write to bea.lorenz@example.com that card 4111 1111 1111 1111 was declined.",
    17: f"Draft a note to the board about {PROJECT}.",
    23: "Our database does not answer: password = " + "'tW9-quartz-Lantern-41'",
}
VERSIONS = ["0.4.2", "0.4.2", "0.4.2", "0.4.1", "0.3.9"]


def fill(lab):
    """All of it."""
    _Organisation(lab).fill()


class _Organisation:
    def __init__(self, lab):
        self.lab, self.rig = lab, lab.rig
        self.dice = random.Random(20)  # the same organisation in every picture
        self.machines, self.posted = [], 0

    def fill(self):
        self.lab.check_in_every(900)
        self.teams = {name: self.api("POST", "/teams", {"name": name})["id"] for name in TEAMS}
        self.users = {name: self._user(name, team) for name, team in PEOPLE.items()}
        self._machines()
        self._decisions()
        self._money()
        self._doors()
        self._guardrails()
        self._calls()
        self._reports()
        if self.rig.store.startswith("sqlite:"):
            self.rig.stop_gateway()
            console_past.write(self.rig.folder / "tidegate.db", self.dice)
            self.rig.start_gateway()
            wait_for(self.lab.in_force, "the agent to be back")

    def api(self, method, path, body=None):
        return self.rig.api(method, path, body)

    def _user(self, name, team):
        address = name.lower().replace(" ", ".") + "@example.com"
        return self.api("POST", "/users", {"name": name, "email": address, "team": self.teams[team]})["id"]

    def _machines(self):
        csr = self._csr()
        token = self.api("POST", "/enrolment-tokens", {
            "name": "Rollout, autumn", "max_uses": 500, "expires_at": _in(days=30)})["secret"]
        for index, person in enumerate(PEOPLE):
            machine = _Machine(self.rig.control, index, person, self.dice)
            machine.enrol(token, csr)
            machine.check_in()
            self.api("PATCH", f"/devices/{machine.id}", {"user": self.users[person]})
            self.machines.append(machine)
        # Every fourth machine is in the pilot, some more belong to contractors, the others are in no group.
        for name, members in (("Pilot ring", self.machines[::4]), ("Contractors", self.machines[2::7])):
            group = self.api("POST", "/device-groups", {"name": name})["id"]
            self.api("POST", "/devices/move", {"devices": [machine.id for machine in members], "group": group})

    def _csr(self):
        """One request for all of them: it is the device's key that is proven, and nobody connects to these."""
        made = subprocess.run(
            ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
             self.rig.folder / "machines.key", "-subj", "/CN=device"], capture_output=True, text=True, check=True, timeout=20)
        return made.stdout

    def _decisions(self):
        decide = self.lab.decide
        decide("approved", apps=["claude-code", "codex", "cursor", "vscode", "github-copilot"], note="Reviewed in September.")
        decide("denied", apps=["harpa"], note="Reads every page. Use Claude in Chrome instead.")
        decide("denied", apps=["lm-studio"], note="Local models run on the shared GPU hosts.")
        decide("approved", servers=["npm:@modelcontextprotocol/server-github", "npm:@playwright/mcp", "url:https://mcp.linear.app/sse",
                                    "pypi:mcp-server-git", "url:https://mcp.sentry.dev/mcp"], note="On the list of July.")
        decide("denied", servers=["npm:mcp-shell-server"], note="Runs any command. Ask for a narrower one.")
        decide("denied", servers=["pypi:mcp-server-sqlite"], note="Archived by its authors; unsafe queries.")
        self.api("PUT", "/edge/mcp-rules", {
            "identity": "npm:@modelcontextprotocol/server-filesystem", "decision": "approved",
            "tools": {"deny": ["write_file", "move_file"]}, "note": "Reading only."})
        self.api("PUT", "/edge/mcp-rules", {
            "identity": "npm:mcp-shell-server", "audience": f"team:{self.teams['Platform']}", "decision": "approved",
            "note": "For the on-call rotation."})
        self.api("PUT", "/edge/apps/lm-studio", {
            "audience": f"team:{self.teams['Data science']}", "decision": "approved", "note": "Evaluations, until the GPU hosts are there."})

    def _money(self):
        self.secrets = {}
        for name, team, more in KEYS:
            made = self.api("POST", "/keys", {"name": name, "team": self.teams[team], **more})
            self.secrets[name] = made["secret"]
        for team, cap in zip(TEAMS, (4_000, 2_500, 3_000, 1_200, 800, 600)):
            self.api("POST", "/budgets", {"scope": self.teams[team], "cap_micro_usd": cap * 1_000_000, "window": "1mo"})
        self.api("POST", "/budgets", {"scope": "organization", "cap_micro_usd": 15_000_000_000, "window": "1mo"})
        keys = {key["name"]: key["id"] for key in self.lab.all("/keys?limit=200")}
        self.api("POST", "/budgets", {"scope": keys["nightly-evals"], "cap_micro_usd": 120_000_000, "window": "1d", "model": "claude-opus-*"})
        self.api("POST", "/budgets", {"scope": self.users["Noor Haddad"], "cap_micro_usd": 20_000, "window": "1d"})
        for scope, requests, tokens, at_once in (
                (self.teams["Support"], 600, 400_000, 40), (self.teams["Platform"], 3_000, None, None), (self.teams["Mobile"], 900, 600_000, 60),
                (self.users["Ivo Lindqvist"], 2, None, None), ("organization", 20_000, 8_000_000, 500)):
            asked = {"scope": scope, "requests_per_minute": requests, "tokens_per_minute": tokens, "concurrency": at_once}
            self.api("POST", "/limits", {key: value for key, value in asked.items() if value is not None})

    def _doors(self):
        """Accounts, tokens, and prices."""
        for email, name, role, team in (("mara.voss@example.com", "Mara Voss", "security", None), ("tomas.reyes@example.com", "Tomás Reyes", "read_only", None),
                                        ("hana.sato@example.com", "Hana Sato", "team_admin", "Payments")):
            self.api("POST", "/accounts", {"email": email, "name": name, "role": role, **({"team": self.teams[team]} if team else {})})
        for name, role in (("Terraform", "admin"), ("SIEM export", "read_only"), ("On-call runbooks", "security")):
            self.api("POST", "/tokens", {"name": name, "role": role, "expires_at": _in(days=180)})
        self.api("POST", "/scim-tokens", {"name": "Example SSO", "expires_at": _in(days=365)})
        self.api("POST", "/enrolment-tokens", {"name": "Contractors, Lisbon", "max_uses": 25, "team": self.teams["Mobile"], "expires_at": _in(days=14)})
        self.api("PUT", "/prices/overrides", {
            "family": "openai", "model": "gpt-5-mini", "input": "0.20", "cached": "0.02", "output": "1.60", "as_of": "2026-09-01",
            "source": "https://example.com/contracts/openai-2026", "note": "Our contract of September."})

    def _guardrails(self):
        """Some in force, one in shadow; returns when the gateway decides by them."""
        personal = {"kind": "rules", "groups": ["personal"]}
        for name, definition in (
                ("Credentials stay here", {"detect": {"kind": "rules", "groups": ["secrets"]}, "action": {"do": "redact"}}),
                ("Customers' data comes back only to us", {"detect": personal, "action": {"do": "restore"}, "scope": {"teams": [self.teams["Support"]]}}),
                ("Merger", {"detect": {"kind": "terms", "words": [PROJECT]}, "action": {"do": "block"}, "answers": False}),
                ("No shells", {"detect": {"kind": "tools", "names": ["*shell*", "run_command"]}, "action": {"do": "block"}, "on_failure": "closed"}),
                ("Passwords in words", {"detect": {"kind": "rules", "groups": ["generic_secrets"]}, "action": {"do": "redact"}, "shadow": True})):
            self.api("POST", "/guardrails", {"name": name, "enabled": True, "definition": definition})
        wait_for(lambda: self._service(0, f"What do we know of {PROJECT}?") >= 400, "guardrails to be in force", self.rig.log, 60)

    def _calls(self):
        """Calls of services and of machines, so that each way that a call can end is there."""
        for index in range(150):
            self._service(index)
        for index, machine in enumerate(self.machines):
            for _ in range(1 + index % 4):
                self._person(machine)
        wait_for(lambda: len(self.rig.requests()) >= self.posted, "the calls to be logged", self.rig.log)

    def _service(self, index, asked=None):
        """The status of the answer."""
        name, _, more = self.dice.choice([one for one in KEYS if not one[2].get("expires_at")])
        models = [("openai", "gpt-5"), ("openai", "gpt-5-mini"), ("anthropic", "claude-sonnet-4-5"), ("anthropic", "claude-haiku-4-5"), ("openai", "gpt-4.1")]
        _, model = self.dice.choice(models)
        told = "[[status:503]]" if index % 29 == 7 else ""
        if asked is None:
            asked = FOUND.get(index % 31, "Summarise the open incidents of this week for the status page.")
        return self._post("/v1/chat/completions" if model.startswith("gpt") else "/v1/messages", {
            "model": model, "max_tokens": 2_000, "stream": index % 3 == 0,
            "messages": [{"role": "user", "content": f"{asked} {told}{self._size()}"}],
        }, {"x-tidegate-key": self.secrets[name]})

    def _person(self, machine):
        app = self.dice.choice(machine.apps)["app"]
        anthropic = self.dice.random() < 0.7
        host = "api.anthropic.com" if anthropic else "api.openai.com"
        path, model = ("/v1/messages", self.dice.choice(["claude-opus-4-5", "claude-sonnet-4-5"])) if anthropic else ("/v1/responses", "gpt-5")
        content = "Why does the retry loop in `settle` never stop? " + self._size()
        body = {"model": model, "max_tokens": 4_000, "messages": [{"role": "user", "content": content}]} if anthropic \
            else {"model": model, "max_output_tokens": 4_000, "input": content}
        self._post(f"/edge/{host}{path}", body, {
            "x-tidegate-device-key": machine.key, "x-tidegate-app": app, "x-tidegate-mode": "pass_through", "x-tidegate-os-user": machine.user,
            "x-tidegate-process": f"/home/{machine.user}/.local/bin/{app}", "x-api-key" if anthropic else "authorization": "Bearer sk-of-the-app"})

    def _size(self):
        prompt = int(self.dice.lognormvariate(8.6, 1.1))
        return f"[[usage:input={prompt},cached={prompt // 3},output={int(self.dice.lognormvariate(6.2, 0.9))}]]"

    def _post(self, path, body, headers):
        to = http.client.HTTPConnection(urlparse(self.rig.url).netloc, timeout=30)
        to.request("POST", path, json.dumps(body), {"content-type": "application/json", "anthropic-version": "2023-06-01", **headers})
        answer = to.getresponse()
        answer.read()
        to.close()
        self.posted += 1
        return answer.status

    def _reports(self):
        """What came of the decisions, and what people ask for."""
        denied = {"npm:mcp-shell-server", "pypi:mcp-server-sqlite"}
        for index, machine in enumerate(self.machines):
            wishes = [{"id": f"wish-{machine.number}", "reason": reason, "user": machine.user, **wanted}
                      for person, wanted, reason in WISHES if person == machine.person]
            machine.report(denied, {"harpa", "lm-studio"}, wishes)
        asked = wait_for(lambda: self.lab.all("/edge/access-requests"), "the requests")
        self.api("POST", f"/edge/access-requests/{asked[-1]['id']}/decline", {"answer": "Use the shared browser server instead."})
        self.api("POST", f"/edge/access-requests/{asked[-2]['id']}/grant", {"answer": "For this machine, until the review."})


class _Machine:
    """A machine that says what an agent would."""

    def __init__(self, control, number, person, dice):
        self.number, self.person, self.dice = number, person, dice
        self.user = person.split()[0].lower()
        os, version, arch, kind = MACHINES[number % len(MACHINES)]
        self.platform = {"os": os, "os_version": version, "arch": arch}
        self.hostname = f"{self.user}-{kind}"
        self.version = VERSIONS[number % len(VERSIONS)]
        self.apps = self._apps()
        self.servers = self._servers()
        self.seq, self.revision, self.key = 0, 0, None
        self._to = urlparse(control).netloc

    def _apps(self):
        picked = [app for app in APPS if self.dice.random() < app[-1]] or [APPS[0]]
        return [{"app": app, "name": name, "kind": kind, "version": self.dice.choice(versions), "publisher": maker, "source": source,
                 "path": f"~/.local/share/{app}" if source in ("npm", "vendor") else f"/usr/share/{app}", "user": self.user}
                for app, name, maker, kind, source, versions, _ in picked]

    def _servers(self):
        clients = [app["app"] for app in self.apps if app["app"] in ("claude-code", "codex", "cursor", "vscode")] or ["claude-code"]
        found = []
        for identity, name, version, given, tools, often in SERVERS:
            if self.dice.random() > often:
                continue
            scheme, rest = identity.split(":", 1)
            launch = {"npm": ("npx", ["-y", rest]), "pypi": ("uvx", [rest]), "oci": ("docker", ["run", "-i", "--rm", rest]),
                      "path": ("python3", [f"~/tools/{rest.split('+')[0]}"])}.get(scheme)
            client = self.dice.choice(clients)
            file = {"codex": "~/.codex/config.toml", "cursor": "~/.cursor/mcp.json", "vscode": "~/.config/Code/User/mcp.json"}.get(client, "~/.claude.json")
            found.append({
                "user": self.user, "client": client, "scope": "user", "config_path": file, "name": name, "identity": identity,
                **({"version": version} if version else {}), "arguments": _hash(identity), "launch": _hash(identity + client),
                "transport": "stdio" if launch else "http", "enabled": True, "given": given,
                **({"command": launch[0], "args": launch[1]} if launch else {"url": rest}),
                "tools": [{"name": tool, "description": said} for tool, said in tools], **({"tool_source": "shim"} if tools else {})})
        return found

    def _call(self, path, body, key=True):
        to = http.client.HTTPConnection(self._to, timeout=30)
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"content-type": "application/json", **({"authorization": f"Bearer {self.key}"} if key else {})}
        to.request("POST", "/device/v1/" + path, sent, headers)
        answer = to.getresponse()
        said = answer.read()
        to.close()
        if answer.status >= 300:
            raise RuntimeError(f"{path}: {answer.status} {said.decode(errors='replace')}")
        return json.loads(said) if said else {}

    def enrol(self, token, csr):
        made = self._call("enrol", {"token": token, "hostname": self.hostname, "machine_id_hash": _hash(self.hostname), "platform": self.platform,
                                    "agent_version": self.version, "csr_pem": csr}, key=False)
        self.id, self.key = made["device_id"], made["device_key"]

    def check_in(self, **more):
        clients = {"claude-code": "~/.claude.json", "codex": "~/.codex/config.toml", "cursor": "~/.cursor/mcp.json", "gemini-cli": "~/.gemini/settings.json"}
        mine = {server["config_path"] for server in self.servers}
        looked = [{"user": self.user, "client": client, "path": path, "looked": "found" if path in mine else "absent"} for client, path in clients.items()]
        body = json.dumps({"apps": self.apps, "mcp_servers": self.servers, "coverage": looked}).encode()
        self.seq += 1
        effective = self.number % 13 != 5
        seen = [{"app": app["app"], "version": app["version"], "path": app["path"], "relayed": self.dice.randrange(5, 900),
                 "denied": self.dice.randrange(1, 30) if app["app"] in ("harpa", "lm-studio") else 0, "pinned": 0} for app in self.apps]
        told = self._call("check-in", {
            "revision": self.revision, "agent_version": self.version, "effective": effective, "seq": self.seq, "apps": seen,
            **({} if effective else {"problem": "cgroup v2 is not mounted: connections are not redirected"}),
            "machine_id_hash": _hash(self.hostname), "inventory": hashlib.sha256(body).hexdigest(), **more})
        if told.get("policy"):
            self.revision = json.loads(base64.b64decode(told["policy"]["document"]))["revision"]
        if told.get("want_inventory"):
            self._call("inventory", body)

    def report(self, servers, apps, wishes):
        """Checks in twice: for the policy, and with what came of it."""
        self.check_in()
        effects = [self._effect({"kind": "mcp_server", **{key: server[key] for key in ("identity", "launch", "client", "name", "user", "config_path")}}, "config_edit")
                   for server in self.servers if server["identity"] in servers]
        effects += [self._effect({"kind": "app", "app": app["app"]}, "socket") for app in self.apps if app["app"] in apps]
        self.check_in(effects={"revision": self.revision, "effects": effects}, requests=wishes)

    def _effect(self, item, means):
        state, detail = self.dice.choices(
            [("verified", None), ("pending_restart", "Cursor was running: it takes its settings at the next start."),
             ("shadowed", "A managed file of the organisation's MDM names the server again."),
             ("failed", "The file is read-only: ~/.claude.json"), ("unsupported", "No means on this client yet.")], [76, 12, 5, 4, 3])[0]
        return {"item": item, "decision": "denied", "state": state, "means": [means], **({"detail": detail} if detail else {})}


def _hash(text):
    return hashlib.sha256(text.encode()).hexdigest()


def _in(days):
    return (datetime.now(timezone.utc) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
