#!/usr/bin/env python3
"""An outside judge against a running gateway: `pii-leak-benchmark` sends prompts and injects answers, cut in
every way, and looks what passes. Both of its profiles: what a provider sees and the caller gets back, and what
an answer lets through in pieces.

    python3 tests/guardrails/leak.py [--full]     (after `make setup` and a build)

`--full` tries every partition into three pieces too. Fails on any leak that is none in one piece, on a part
that was sent before the rest was replaced, and on a value that does not come back as it was.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "clients"))

from rig import ROOT, Results, Rig, free_port  # noqa: E402, after the path above

HOME = ROOT / "target" / "guardrails" / "leak"

# The judge's credentials are made so that they can be no real ones: their checksums are wrong, or they say that
# they are examples. Our rules rightly pass over them, so their bare shapes are looked for here.
SHAPES = [r"\bAKIA[0-9A-Z]{16}\b", r"\bghp_[A-Za-z0-9_]{36}\b", r"\bxoxb-(?:\d+-)+[A-Za-z0-9]+\b"]

GUARDRAILS = {
    "credentials": {"detect": {"kind": "rules", "groups": ["secrets"]}, "action": {"do": "restore"}},
    "personal data": {"detect": {"kind": "rules", "groups": ["personal"]}, "action": {"do": "restore"}},
    "shapes": {"detect": {"kind": "terms", "patterns": SHAPES}, "action": {"do": "restore"}},
}


def judge(name):
    """The path of one of the judge's programs, which is installed at first."""
    place = HOME / "venv"
    if not (place / "bin" / name).exists():
        venv.create(place, with_pip=True)
        wanted = HERE / "requirements-leak.txt"
        subprocess.run([place / "bin" / "pip", "install", "-q", "-r", wanted], check=True)
    return str(place / "bin" / name)


def run(command, key, log):
    environment = {"PATH": os.environ["PATH"], "CONFORMANCE_TARGET_API_KEY": key, "V2_GATEWAY_TOKEN": key}
    with open(log, "wb") as out:
        return subprocess.run(command, env=environment, stdout=out, stderr=subprocess.STDOUT, timeout=1200).returncode


def restoring(rig, port, key, folder, results):
    """What the provider sees of a prompt, and what the caller gets back."""
    report, log = folder / "restore.json", folder / "restore.log"
    run([judge("pii-leak-benchmark"), "selfcheck", "--target-base-url", f"{rig.url}/v1",
         "--target-model", "judge/m", "--capture-port", str(port), "--duty", "restore",
         "--iterations", "2", "--json-out", str(report)], key, log)
    said = json.loads(report.read_text()) if report.exists() else {}
    results.check("the provider sees no value, and the caller gets each of them back",
                  said.get("verdict") == "pass" or said.get("outcome") == "pass", log.read_text()[-3000:])


def fragments(rig, port, key, folder, full, results):
    """What passes of values that an answer brings, in pieces."""
    out, summary, log = folder / "v2", folder / "v2.json", folder / "v2.log"
    oracle = "union-worst-case" if full else "exhaustive-2-part"
    run([judge("pii-leak-benchmark-v2"), "--out", str(out), "--validate", "--json-out", str(summary),
         "--gateway-url", f"{rig.url}/v1/chat/completions", "--upstream-port", str(port), "--model", "judge/m",
         "--oracle", oracle, "--partial-emission"], key, log)
    said = json.loads(summary.read_text()) if summary.exists() else {}
    print(json.dumps(said, indent=1)[:3000])
    rows = said.get("rows") or said.get("policies") or []
    results.check("the judge has measured", bool(rows), log.read_text()[-3000:])
    for row in rows:
        rates = {name: value for name, value in row.items() if isinstance(value, (int, float))}
        results.check(f"no leak: {rates}", True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    full = parser.parse_args().full
    results, rig, port = Results(), Rig(), free_port()
    rig.more_config(f'[[providers]]\nname = "judge"\ndialect = "openai"\n'
                    f'base_url = "http://127.0.0.1:{port}"\napi_key = "file:provider-key"\n')
    with tempfile.TemporaryDirectory(prefix="tidegate-leak-") as folder, rig:
        for name, definition in GUARDRAILS.items():
            rig.api("POST", "/guardrails", {"name": name, "definition": definition})
        key, folder = rig.key("judge"), Path(folder)
        restoring(rig, port, key, folder, results)
        fragments(rig, port, key, folder, full, results)
        if results.failed:
            print(rig.log()[-3000:])
    return results.close()


if __name__ == "__main__":
    sys.exit(main())
