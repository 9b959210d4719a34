"""`tidegate-edge trust` and `doctor` on a machine: before, after, and as it was."""
import hashlib
import json
import os
import shutil
from pathlib import Path

import machine
from rig import wait_for

HOST = "openrouter.ai"  # only here: who distrusted us at a host is let past there from then on
STORES = ["/etc", "/usr/local/share"]
REWRITTEN = "/etc/ssl/certs/java/cacerts"  # by its tool, with the day of each entry


def settle(lab, change):
    """Makes a change of the policy, and waits until the device obeys it."""
    before = lab.status()["policy"]["revision"]
    change()
    wait_for(lambda: lab.status()["policy"]["revision"] > before, "the new policy", lambda: lab.rig.log("edge"), 60)


def fail_closed(lab):
    """Nothing passes unseen from here on."""
    known = lab.rig.api("GET", "/edge/settings")
    settle(lab, lambda: lab.rig.api("PUT", "/edge/settings", {**known, "fail": "closed"}))


def without(lab, results, person, log):
    """Before the CA is installed: refused, counted, and then as the policy says."""
    url = f"https://{HOST}/_standin/requests"
    own_roots = ["--cacert", str(person.put(lab.folder / "lab.crt"))]
    done = person.run("curl", "-sS", url)
    results.check("without the CA curl refuses the agent's certificate", done.code == 60, done)
    pinned = wait_for(lambda: lab.seen("curl")["pinned"], "the refusal to be counted", lambda: lab.rig.log("edge"))
    results.check("which counts as a client that pins", pinned == 1, lab.status()["apps"])
    log.mark()
    done = person.run("curl", "-sS", *own_roots, url)
    results.check("let past by the policy, it meets the host's own certificate, and no call is relayed",
                  done.code == 0 and "requests" in done.out and not log.new(), done)
    settle(lab, lambda: lab.rig.api("PUT", "/edge/apps/curl", {"decision": "approved", "pinned": "block"}))
    done = person.run("curl", "-sS", *own_roots, url)
    results.check("blocked by the policy, it gets nowhere", done.code == 35 and not log.new(), done)
    settle(lab, lambda: lab.rig.api("PUT", "/edge/apps/curl", {"decision": "approved", "pinned": "bypass"}))


def command(lab, *words, seconds=150, **variables):
    """`tidegate-edge …` as root, from a login shell: exit code and what it said as JSON."""
    known = [f"{name}={value}" for name, value in {"HOME": "/root", **variables}.items()]
    done = machine.run(["env", "-i", *known, "sh", "-l", "-c", 'exec "$@"', "sh", lab.rig.binary("tidegate-edge"), *words,
                        "--json", "--config", lab.config], seconds)
    try:
        return done, json.loads(done.out)
    except ValueError:
        return done, {}


def install(lab, results):
    """Every store takes the CA, and says so afterwards too."""
    done, said = command(lab, "trust", "install")
    stores = {store["store"]: store["state"] for store in said.get("stores", [])}
    print("     stores:", ", ".join(f"{name} {state}" for name, state in stores.items()))
    results.check("trust install: every store takes the CA", {"file", "debian", "environment"} <= stores.keys()
                  and set(stores.values()) == {"installed"}, (done, said))
    again, said = command(lab, "trust", "status")
    results.check("trust status: all clients here trust it", again.code == 0 and said.get("fine"),
                  [client for client in said.get("clients", []) if client["trusted"] != "yes"])


def governed_at_once(results, person, log):
    """Who was let past as a client that pins has another chance."""
    log.mark()
    done = person.run("curl", "-sS", f"https://{HOST}/_standin/requests")
    results.check("who distrusted the CA before it was installed is governed now", done.code == 0 and log.any(), done)


def doctor(lab, results, person):
    """The doctor's own connections come to what was seen."""
    done, said = command(lab, "doctor", SUDO_USER=person.name)
    verdicts = {client["client"]: client for client in said.get("clients", [])}
    print("     doctor:", ", ".join(f"{name} {client['verdict']}" for name, client in verdicts.items()))
    wrong = [client for client in verdicts.values() if client["verdict"] in ("does_not_trust", "cannot_tell")]
    results.check("doctor: every client that it finds trusts the CA", verdicts and not wrong, wrong or done)


def snapshot():
    """Every file of the trust stores, by what is in it."""
    found = {}
    for store in STORES:
        for folder, _, files in os.walk(store):
            for file in files:
                path = Path(folder, file)
                found[str(path)] = os.readlink(path) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()
    return found


def uninstall(lab, results, person, before):
    """The machine is as it was, and the next client distrusts us."""
    done, said = command(lab, "trust", "uninstall")
    after = snapshot()
    paths = (before.keys() | after.keys()) - {REWRITTEN}
    changed = sorted(path for path in paths if before.get(path) != after.get(path))
    results.check("trust uninstall: every file is as it was", done.code == 0 and not changed, (changed, said or done))
    done = person.run("wget", "-nv", "--tries=1", "-O", "-", f"https://{HOST}/v1/models")
    results.check("and wget distrusts the agent again", done.code == 5, done)
    if java := shutil.which("java", path=machine.PATH):
        done = person.run(java, person.home / "Call.java", HOST)
        results.check("and Java", "PKIX" in done.err, done)
