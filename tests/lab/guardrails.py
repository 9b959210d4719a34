#!/usr/bin/env python3
"""Claude Code and Codex, as they come from npm, behind guardrails: what they send holds no planted key, what
they are told neither, and the commands that they run are those that may be run.

    sudo python3 tests/lab/guardrails.py       (after `make setup` and a build)

Every case by base URL, and once more through Edge from clients that nobody configured. Gateway, agent and
clients are the real ones, in namespaces that have no way out; the provider says what a case wants, cut in
the midst of a key (`scripted.py`). Prints a line per test and closes with `N passed, N failed`.
"""
import subprocess
import sys
import time

sys.dont_write_bytecode = True
from pathlib import Path  # noqa: E402, the path comes first

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import cgroup  # noqa: E402
import claude_code  # noqa: E402
import codex  # noqa: E402
import edge  # noqa: E402
import guarded_claude  # noqa: E402
import guarded_codex  # noqa: E402
import namespace  # noqa: E402
from guarded import Planted, Way, files_of, holds  # noqa: E402
from rig import Results, Rig  # noqa: E402
from scripted import Provider  # noqa: E402


def main():
    if not namespace.inside():
        reason = namespace.impossible() or (None if cgroup.root() else "no cgroup2 is mounted")
        if reason:
            print(f"SKIPPED: clients behind guardrails were not run: {reason}")
            print("0 passed, 0 failed, the clients skipped")
            return 0
        namespace.enter()
    namespace.prepare({name: edge.PROVIDER for name in edge.HOSTS})
    subprocess.run(["ip", "address", "add", f"{edge.PROVIDER}/32", "dev", "lo"], check=True)
    results, rig, planted = Results(), Rig(), Planted()
    edge.certificates(rig.folder)
    rig.more_config(f'[edge]\norganisation = "Lab"\nca = "{rig.folder}/lab.crt"\n')
    people = rig.folder / "people"
    with Provider() as provider:
        rig.answer_by(f"http://127.0.0.1:{provider.listen('127.0.0.1')}")
        provider.listen(edge.PROVIDER, 443, (rig.folder / "provider.crt", rig.folder / "provider.key"))
        with cgroup.Cgroup("tidegate-guardrails") as group, rig:
            by_url(Way(rig, provider, people), planted, results)
            lab = edge.Lab(rig, rig.folder, group)
            lab.enrol()
            lab.start()
            edge.trust(rig.folder, rig.folder / "lab.crt", lab.state / "ca.pem")
            way = Way(rig, provider, people, lab)
            lab.judge(results, lambda _, results: clients(way, planted, results))
            kept(rig, people, planted, results)
    return results.close()


def by_url(way, planted, results):
    """The clients with their base URL set."""
    try:
        clients(way, planted, results)
    except Exception as error:  # The other way is still to be tried.
        results.check(f"clients by {way.name}", False, f"{type(error).__name__}: {error}")
    if results.failed:
        print(f"--- the gateway said ---\n{way.rig.log()[-3000:]}")


def clients(way, planted, results):
    """All clients that are here, by one way."""
    for name, binary, cases in (("Claude Code", claude_code.BINARY, guarded_claude), ("Codex", codex.binary(), guarded_codex)):
        if not binary.is_file():
            print(f"SKIPPED: {name}: it is not installed; run `make setup`")
            continue
        began = time.monotonic()
        cases.checks(way, planted, results)
        print(f"     {name} by {way.name}: {time.monotonic() - began:.0f} s", flush=True)


def kept(rig, people, planted, results):
    """What the gateway and the agent wrote: database, journal and logs, all of it."""
    ours = [(path, data) for path, data in files_of(rig.folder) if people not in path.parents]
    held = [str(path) for path, data in ours if holds(data, *planted.keys)]
    results.check(f"none of {len(planted.keys)} planted keys is in any of {len(ours)} files of the gateway and the agent",
                  planted.keys and not held, held)
    # What a guardrail did is there: so these are the files, and they were read.
    databases = [path.name for path, data in ours if b"redact" in data and ".db" in path.name]
    results.check("and what guardrails did is in the database", databases, [path.name for path, _ in ours])


if __name__ == "__main__":
    sys.exit(main())
