"""A gateway with one machine of the fleet: how a test starts it, decides, and asks what came of it."""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import cgroup  # noqa: E402, the path comes first
import edge  # noqa: E402
import fleet_homes  # noqa: E402
import fleet_machine  # noqa: E402
import machine  # noqa: E402
import namespace  # noqa: E402
from fleet_secrets import Secrets  # noqa: E402
from mcp.remote import Remote  # noqa: E402
from rig import Results, Rig, wait_for  # noqa: E402

REMOTE = "203.0.113.50"
SOON = 20  # seconds within which a decision has to be in force where nothing is said about time


class Fleet(edge.Lab):
    """The lab of `edge.py` on a machine with people."""

    def __init__(self, rig, group, remote):
        super().__init__(rig, rig.folder, group)
        # Where management puts it: /etc is nobody's here.
        self.config = Path("/etc/tidegate-edge/config.toml")
        self.config.parent.mkdir()
        self.remote = remote
        self.secrets = Secrets()
        self.homes = fleet_homes.Homes(self.secrets)
        # Nobody else's on this machine, whose processes the agent sees too.
        number = 20_000 + 2 * (os.getpid() % 20_000)
        self.ada = machine.Person("ada", number, group)
        self.ben = machine.Person("ben", number + 1, group)

    def people(self, whole):
        """Fills the homes: with everything, or with what decisions are tried on."""
        if whole:
            self.homes.by_commands(self.ada)
            self.homes.by_hand(self.ada)
            self.homes.hostile(self.ben)
        else:
            self.homes.quick(self.ada)
            self.homes.write(self.ben, ".codex/config.toml", "")
        self.app = fleet_machine.install_app(self.ben)

    def check_in_every(self, seconds):
        """Sets the interval of check-ins for the fleet."""
        settings = self.rig.api("GET", "/edge/settings")
        kept = {key: settings[key] for key in settings if key not in ("revision", "updated_at")}
        self.rig.api("PUT", "/edge/settings", {**kept, "check_in_seconds": seconds})

    def stop_agent(self):
        """Ends the agent, as its service would."""
        self.agent.terminate()
        self.agent.wait(timeout=30)

    def scan(self, person=None):
        """`tidegate-edge scan --json`: seconds, exit code, and what it said."""
        command = [self.rig.binary("tidegate-edge"), "scan", "--json", *([] if person else ["--all-homes"])]
        began = time.monotonic()
        if person:
            done = person.run(*command, seconds=60)
        else:
            done = machine.run(["env", "-i", f"PATH={machine.PATH}", "HOME=/root", *command], 60)
        return time.monotonic() - began, done

    def device(self):
        """The one device."""
        return self.rig.api("GET", "/devices")["items"][0]

    def all(self, path):
        """All pages of a list."""
        items, cursor = [], None
        while True:
            between = "&" if "?" in path else "?"
            page = self.rig.api("GET", path + (f"{between}cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items

    def decide(self, decision, servers=(), apps=(), note=None):
        """One decision about servers and apps, in bulk."""
        items = [*({"identity": identity} for identity in servers), *({"app": app} for app in apps)]
        body = {"decision": decision, "items": items, **({"note": note} if note else {})}
        return self.rig.api("POST", "/edge/decisions", body)

    def inventory(self):
        """What is on the device, as the API says."""
        return self.rig.api("GET", f"/devices/{self.device()['id']}/inventory")

    def known(self):
        """Waits until the gateway has the inventory."""
        return wait_for(lambda: (said := self.inventory())["hash"] and said, "the inventory", lambda: edge.noteworthy(self.rig.log("edge")), 60)

    def effects(self):
        """What came of decisions on the device, as the API says."""
        return self.all(f"/devices/{self.device()['id']}/effects")

    def settled(self, decision, identity=None, app=None, seconds=SOON):
        """Waits until the API has the effects of a decision about a server or an app, none of them failed
        or waited for; gives them."""
        def there():
            found = [effect for effect in self.effects() if _about(effect, identity, app)]
            return found and all(effect["decision"] == decision for effect in found) and found

        return wait_for(there, f"the effects of {decision} on {identity or app}", lambda: edge.noteworthy(self.rig.log("edge")), seconds)

    def lifted(self, identity=None, app=None, seconds=SOON):
        """Waits until nothing is enforced about a server or an app any more."""
        def gone():
            found = [effect for effect in self.effects() if _about(effect, identity, app)]
            return all(effect["decision"] != "denied" for effect in found)

        wait_for(gone, f"{identity or app} to be free", lambda: edge.noteworthy(self.rig.log("edge")), seconds)


def _about(effect, identity, app):
    return (identity is not None and (effect["identity"] or "").startswith(identity)) or (app is not None and effect["app"] == app)


def run(name, checks, whole=False, before=None):
    """The main of a test: machine, gateway, homes with everything or with little, then the checks. `before` is
    called when the namespaces stand and the gateway does not; what it gives is called at the end. Gives the
    exit code."""
    if not namespace.inside():
        if reason := namespace.impossible() or (None if cgroup.root() else "no cgroup2 is mounted"):
            print(f"SKIPPED: {name} was not run: {reason}")
            print(f"0 passed, 0 failed, {name} skipped")
            return 0
        namespace.enter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was begun is taken away
    results, rig = Results(), Rig()
    try:
        fleet_machine.prepare(rig.binaries)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"SKIPPED: {name} was not run: no layers over this machine's folders: {error}")
        print(f"0 passed, 0 failed, {name} skipped")
        return 0
    names = {**{host: edge.PROVIDER for host in [*edge.HOSTS, "generativelanguage.googleapis.com"]}, fleet_homes.HOST: REMOTE}
    namespace.prepare(names)
    for address in (edge.PROVIDER, REMOTE):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True, timeout=20)
    edge.certificates(rig.folder, names)
    rig.more_config(f'[edge]\norganisation = "Lab"\nca = "{rig.folder}/lab.crt"\n')
    certificate, key = rig.folder / "provider.crt", rig.folder / "provider.key"
    after = before(rig) if before else lambda: None
    with contextlib.ExitStack() as stack:
        stack.callback(after)
        _judged(rig, results, checks, whole, certificate, key)
    return results.close()


def _judged(rig, results, checks, whole, certificate, key):
    with cgroup.Cgroup("tidegate-fleet") as group, rig:
        rig.spawn("provider", ["tidegate-standin", "--listen", f"{edge.PROVIDER}:443", "--cert", str(certificate), "--key", str(key)])
        lab = Fleet(rig, group, Remote(REMOTE, certificate, key))
        edge.trust(rig.folder, rig.folder / "lab.crt")
        lab.people(whole)
        lab.enrol()
        lab.judge(results, checks)


def status_line(effect):
    """An effect in a few words."""
    what = effect["app"] or f"{effect['user'] or 'all'}, {effect['client']}, {effect['name']}"
    return f"{what}: {effect['state']} by {'+'.join(effect['means']) or 'nothing'}" + (f" ({effect['detail']})" if effect.get("detail") else "")


def dump(value):
    """JSON on one line, for what went wrong."""
    return json.dumps(value)[:3000]
