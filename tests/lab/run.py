#!/usr/bin/env python3
"""Claude Code and Codex through a real gateway, and with Gemini CLI and OpenCode on models of other dialects, in namespaces that have no way out.

    sudo python3 tests/lab/run.py       (after `make setup` and a build)

Prints a line per test and closes with `N passed, N failed`. Where namespaces are not possible it
says so and skips. TIDEGATE_BIN_DIR names the folder of the binaries when it is not target/debug.
"""
import platform
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))

import claude_code  # noqa: E402, the path comes first
import codex  # noqa: E402
import namespace  # noqa: E402
import translated  # noqa: E402
from rig import Results, Rig, wait_for  # noqa: E402


def main():
    if not namespace.inside():
        if reason := namespace.impossible():
            print(f"SKIPPED: Claude Code and Codex were not run: {reason}")
            print("0 passed, 0 failed, 2 clients skipped")
            return 0
        namespace.enter()
    namespace.prepare()
    results, skipped = Results(), 0
    with Rig() as rig:
        for name, client, binary in (("claude-code", claude_code, claude_code.BINARY), ("codex", codex, codex.binary())):
            if not binary.is_file():
                if platform.machine() == "x86_64":
                    results.check(name, False, f"no {binary}; run `make setup`")
                else:
                    print(f"SKIPPED: {name}: its package is pinned for x86-64 only")
                    skipped += 1
                continue
            key = rig.key(name)
            home = rig.folder / name
            home.mkdir()
            try:
                client.check(rig, home, key, results)
                logged(rig, name, results)
            except Exception as error:  # One client's trouble is its own result; the other still runs.
                results.check(name, False, f"{type(error).__name__}: {error}")
        home = rig.folder / "translated"
        home.mkdir()
        translated.check(rig, home, rig.key("translated"), results)
        if results.failed:
            print(f"--- the gateway said ---\n{rig.log()[-4000:]}")
    if skipped:
        print(f"{skipped} clients skipped")
    return results.close()


def logged(rig, name, results):
    """The client's calls are in the request log, streamed, with their tokens."""
    key = next(key["id"] for key in rig.api("GET", f"/keys?name={name}")["items"])

    def rows():
        return [row for row in rig.requests(key=key) if row["operation"] in ("messages", "responses")
                and row["outcome"] == "completed"]

    found = wait_for(lambda: len(rows()) >= 2 and rows(), "the log to be written", rig.log)
    results.check(f"{name}: its calls are in the log, streamed, with tokens",
                  all(row["streamed"] and row["status"] == 200 and row["usage"]["output"] > 0 for row in found), found[:2])


if __name__ == "__main__":
    sys.exit(main())
