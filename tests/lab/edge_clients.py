#!/usr/bin/env python3
"""Who trusts the organisation's CA, and by which route: the clients of a machine, none of them configured,
call their providers as a person without rights, and `tidegate-edge trust install` is all that was done.

    sudo python3 tests/lab/edge_clients.py

The trust stores, the accounts and the homes are the machine's under a layer that goes away again. Prints a
line per test and the table of clients, and closes with `N passed, N failed`.
"""
import signal
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import cgroup  # noqa: E402, the path comes first
import edge  # noqa: E402
import edge_browsers  # noqa: E402
import edge_terminal  # noqa: E402
import edge_trust  # noqa: E402
import machine  # noqa: E402
import namespace  # noqa: E402
import pages  # noqa: E402
from edge_log import Log  # noqa: E402
from rig import CLIENTS, Results, Rig  # noqa: E402

PAGES = "203.0.113.30"
NAMES = {**{name: edge.PROVIDER for name in [*edge.HOSTS, "generativelanguage.googleapis.com", *edge_terminal.ELSEWHERE, edge_trust.HOST]},
         edge.UNGOVERNED: PAGES, **{name: PAGES for name in pages.HOSTS}}


def main():
    if not namespace.inside():
        reason = namespace.impossible() or (None if cgroup.root() else "no cgroup2 is mounted")
        if reason:
            print(f"SKIPPED: the clients' trust was not tried: {reason}")
            print("0 passed, 0 failed, all clients skipped")
            return 0
        namespace.enter()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was begun is taken away
    try:
        machine.prepare(CLIENTS / "venv", (CLIENTS / "venv" / "bin" / "python").resolve())
    except subprocess.CalledProcessError as error:
        print(f"SKIPPED: the clients' trust was not tried: no layers over this machine's folders: {error}")
        print("0 passed, 0 failed, all clients skipped")
        return 0
    namespace.prepare(NAMES)
    for address in (edge.PROVIDER, PAGES):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True, timeout=20)
    results, rig = Results(), Rig()
    edge.certificates(rig.folder, NAMES)
    rig.more_config(f'[edge]\norganisation = "Lab"\nca = "{rig.folder}/lab.crt"\n')
    with cgroup.Cgroup("tidegate-clients") as group, rig:
        certificate, key = rig.folder / "provider.crt", rig.folder / "provider.key"
        rig.spawn("provider", ["tidegate-standin", "--listen", f"{edge.PROVIDER}:443", "--cert", str(certificate), "--key", str(key)])
        lab = edge.Lab(rig, rig.folder, group)
        lab.enrol()
        lab.start()
        lab.judge(results, checks, pages.Pages(PAGES, certificate, key))
    return results.close()


def checks(lab, results, web):
    person = machine.Person("tidegate-lab", 1500, lab.group)
    log = Log(lab)
    edge_trust.fail_closed(lab)
    edge_browsers.first_start(results, person)
    edge_trust.without(lab, results, person, log)
    subprocess.run(["update-ca-certificates"], check=True, capture_output=True, timeout=120)
    before = edge_trust.snapshot()
    edge_trust.install(lab, results)
    edge_trust.governed_at_once(results, person, log)
    table = edge_terminal.run(lab, results, person, log)
    table += edge_browsers.run(results, person, log, web)
    edge_terminal.short_lived(results, person, log)
    edge_trust.doctor(lab, results, person)
    edge_browsers.by_one_alone(results, person, log, table)
    edge_terminal.by_the_system_alone(lab, results, person, log, table)
    edge_trust.uninstall(lab, results, person, before)
    edge_terminal.show(table)


if __name__ == "__main__":
    sys.exit(main())
