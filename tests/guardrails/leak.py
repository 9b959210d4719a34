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

# The judge's values are made so that they can be no real ones: checksums are wrong, area numbers were never given
# out, or they say that they are examples. Our rules rightly pass over them, so their bare shapes are looked for here.
SHAPES = [r"\bAKIA[0-9A-Z]{16}\b", r"\bghp_[A-Za-z0-9_]{36}\b", r"\bxoxb-(?:\d+-)+[A-Za-z0-9]+\b",
          r"\b\d{3}-\d{2}-\d{4}\b"]

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


def read(file):
    return json.loads(file.read_text()) if file.exists() else {}


def restoring(rig, port, key, folder, results):
    """What the provider sees of a prompt, and what the caller gets back."""
    report, log = folder / "restore.json", folder / "restore.log"
    run([judge("pii-leak-benchmark"), "selfcheck", "--target-base-url", f"{rig.url}/v1",
         "--target-model", "judge/m", "--capture-port", str(port), "--duty", "restore",
         "--iterations", "2", "--json-out", str(report)], key, log)
    results.check("the provider sees no value, and the caller gets each of them back",
                  read(report).get("passed") is True, log.read_text()[-3000:])


def fragments(rig, port, key, folder, full, results):
    """What passes of values that an answer brings, in pieces."""
    out, log = folder / "v2", folder / "v2.log"
    oracle = "union-worst-case" if full else "exhaustive-2-part"
    run([judge("pii-leak-benchmark-v2"), "--out", str(out), "--only", "tidegate", "--validate",
         "--gateway-url", f"{rig.url}/v1/chat/completions", "--upstream-port", str(port), "--model", "judge/m",
         "--oracle", oracle, "--partial-emission"], key, log)
    said, parts = read(out / "tidegate.json").get("metrics"), read(out / "tidegate.partial-emission.json")
    if not said:
        results.check("the judge has measured", False, log.read_text()[-3000:])
        return
    print(f"     {said['cases_applicable']} cases, {said['partition_oracle']['adversarial_partitions']} ways to cut them")
    results.check("every value that was taken out comes back", said["fidelity_rate"] == 1, said["fidelity_rate"])
    arms = said["by_axis_arm"]["encoding"]
    for encoding, way in (("plain", ""), ("percent", " in percent signs")):
        for arm, name in (("single_chunk", "in one piece"), ("adversarial", "cut anywhere")):
            cases = arms[encoding][arm]
            results.check(f"no value of an answer passes{way} {name}",
                          cases["leaked"] == 0 and cases["applicable"] > 0, cases)
    emitted = parts.get("metrics", {}).get("partial_emission_rate", {}).get("overall")
    results.check("no part of a value is sent before the rest is replaced", emitted == 0, emitted)


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
