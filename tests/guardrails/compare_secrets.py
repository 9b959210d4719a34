#!/usr/bin/env python3
"""Compares the rules for secrets with gitleaks' and kingfisher's own, over texts that are made here: what
each finds of the examples, what it wrongly finds in clean prose and code, and at what speed.

    python3 tests/guardrails/compare_secrets.py [--seed N] [--write]

Needs PyPI once, for the two scanners. `--write` writes the tables into docs/guardrails/secrets.md. Fails when
one of the two finds an example that our rules do not, or when ours find more in clean text than both.
"""
import argparse
import json
import os
import resource
import subprocess
import sys
import time
import venv
from collections import Counter
from pathlib import Path

sys.dont_write_bytecode = True

import corpus_secrets as corpus  # noqa: E402, after the switch above

ROOT = corpus.root()
HOME = ROOT / "target" / "guardrails"
BIN = HOME / "venv" / "bin"
RULES = ROOT / "crates" / "base" / "guardrails" / "rules" / "secrets"
DOCUMENT = ROOT / "docs" / "guardrails" / "secrets.md"
LEAST = 0.1  # seconds; less cannot be told from the time that starting up takes
TIMED = ("prose", "code")  # the others are too small to measure speed by
COPIES = 3  # as often the clean texts are scanned to measure speed, so that starting up hardly counts
OUR_RULES_ELSEWHERE = "gitleaks with our rules"  # without our checks, which gitleaks does not know
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
BUILT = os.environ.get("TIDEGATE_GUARDRAILS_BUILT", "")  # a folder with the two examples, built already


def run(command, **more):
    """What a program wrote, and the seconds of processor time that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 200, 205):
        sys.exit("%s: %s\n%s" % (command[0], done.returncode, done.stderr[-2000:]))
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def prepare():
    if not (BIN / "gitleaks").exists() or not (BIN / "kingfisher").exists():
        venv.create(BIN.parent, with_pip=True)
        run([BIN / "pip", "install", "-q", "-r", Path(__file__).with_name("requirements-secrets.txt")])
    build = ["cargo", "build", "-q", "-p", "tidegate-guardrails", "--example", "scan", "--example", "samples",
             "--config", "profile.dev.package.tidegate-guardrails.opt-level=3",
             "--config", "profile.dev.package.tidegate-guardrails.debug-assertions=false"]
    if not BUILT:
        run(build, cwd=ROOT)


def example(name):
    return (Path(BUILT) if BUILT else ROOT / "target" / "debug" / "examples") / name


class Found:
    """A finding of whatever scanner."""

    def __init__(self, file, rule, generic, at, text=""):
        self.file, self.rule, self.generic, self.at, self.text = file, rule, generic, at, text


def ours(folder, repeat=1):
    out, seconds = run([example("scan"), "--repeat", repeat, folder])
    lines = [json.loads(line) for line in out.splitlines()][:-1]
    texts = {}
    found = []
    for line in lines:
        data = texts.setdefault(line["file"], Path(line["file"]).read_bytes())
        text = data[line["start"]:line["end"]].decode(errors="replace")
        found.append(Found(Path(line["file"]).name, line["rule"], line["generic"], line["start"], text))
    return found, seconds


def gitleaks(folder, config=None):
    report = HOME / "gitleaks.json"
    command = [BIN / "gitleaks", "dir", folder, "-f", "json", "-r", report, "--no-banner", "--exit-code", "0",
               "--log-level", "error"] + (["--config", config] if config else [])
    _, seconds = run(command)
    lines = json.loads(report.read_text() or "[]")
    return [Found(Path(line["File"]).name, line["RuleID"], line["RuleID"] == "generic-api-key",
                  (line["StartLine"], line["StartColumn"]), line["Secret"]) for line in lines], seconds


def kingfisher(folder):
    out, seconds = run([BIN / "kingfisher", "scan", "--no-validate", "--no-update-check", "--no-dedup",
                        "--format", "jsonl", "--git-history", "none", folder])
    found = []
    for line in out.splitlines():
        fields = json.loads(line) if line.startswith("{") else {}
        if "rule" in fields and "finding" in fields:
            finding, rule = fields["finding"], fields["rule"]["id"]
            found.append(Found(Path(finding["path"]).name, rule, "generic" in rule,
                               (finding.get("line"), finding.get("column_start")), finding["snippet"]))
    return found, seconds


def files(found, generic):
    return {each.file for each in found if generic or not each.generic}


def missed(index, theirs, mine):
    """Files with an example in which one of the others finds something, and we do not."""
    with_ours = files(mine, True)
    lost = Counter()
    for name in sorted(files(theirs, True) - with_ours):
        if index[name]["finds"]:
            rules = sorted({each.rule for each in theirs if each.file == name})
            lost[(index[name]["rule"], index[name]["kind"], ", ".join(rules))] += 1
    return lost


def measure(seed):
    samples, _ = run([example("samples"), seed])
    samples = [json.loads(line) for line in samples.splitlines()]
    index = corpus.write_samples(samples, corpus.fresh(HOME / "samples"), seed)
    sizes = corpus.write_clean(ROOT, corpus.fresh(HOME / "clean"), seed, 4)
    empty = corpus.fresh(HOME / "empty")
    (empty / "a.txt").write_text("nothing\n")
    many = corpus.write_copies(HOME / "clean", corpus.fresh(HOME / "many"), TIMED, COPIES)
    config = HOME / "ours.toml"
    config.write_text("\n".join(path.read_text() for path in sorted(RULES.glob("*.toml"))))
    scanners = {
        "Tidegate": ours,
        "gitleaks 8.30.1": gitleaks,
        "kingfisher 2.14.0": kingfisher,
        OUR_RULES_ELSEWHERE: lambda folder: gitleaks(folder, config),
    }
    results = {}
    for name, scan in scanners.items():
        start = time.monotonic()
        result = {"samples": scan(HOME / "samples")[0]}
        _, idle = scan(empty)
        for kind in sizes:
            result[kind], _ = scan(HOME / "clean" / kind)
            if name != OUR_RULES_ELSEWHERE and kind in TIMED:
                _, busy = scan(many / kind)
                result["speed " + kind] = COPIES * sizes[kind] / max(busy - idle, LEAST)
        results[name] = result
        print("%s: %.0f s" % (name, time.monotonic() - start), file=sys.stderr)
    return index, sizes, results


def tables(seed, index, sizes, results):
    true = {name for name, sample in index.items() if sample["finds"]}
    false = set(index) - true
    rows = ["Seed %d: %d texts with an example, %d with a counterexample; clean: %s." % (
                seed, len(true), len(false),
                ", ".join("%.1f MB of %s" % (size / 1e6, kind) for kind, size in sizes.items())), "",
            "| | examples found | with generic rules | counterexamples found | %s | %s | %s |" % (
                " | ".join("wrong per MB of " + kind for kind in sizes),
                " | ".join("generic per MB of " + kind for kind in sizes),
                " | ".join("MB per CPU second of " + kind for kind in TIMED)), "|---|" + "--:|" * 11]
    for name, result in results.items():
        plain, every = files(result["samples"], False), files(result["samples"], True)
        cells = ["%.1f %%" % (100 * len(plain & true) / len(true)),
                 "%.1f %%" % (100 * len(every & true) / len(true)),
                 "%.1f %%" % (100 * len(plain & false) / len(false))]
        for generic in (False, True):
            for kind in sizes:
                count = sum(each.generic == generic for each in result[kind])
                cells.append("%.2f" % (count / sizes[kind] * 1e6))
        speeds = [result.get("speed " + kind) for kind in TIMED]
        cells += ["%.0f" % (speed / 1e6) if speed else "" for speed in speeds]
        rows.append("| %s | %s |" % (name, " | ".join(cells)))
    for name in ("gitleaks 8.30.1", "kingfisher 2.14.0"):
        lost = missed(index, results[name]["samples"], results["Tidegate"]["samples"])
        theirs = files(results[name]["samples"], True) & true
        rules = {each.rule for each in results[name]["samples"] if each.file in true}
        rows += ["", "%s finds %d of these by %d of its rules; we miss %d of them%s" % (
            name, len(theirs), len(rules), sum(lost.values()), ":" if lost else ".")]
        rows += ["- `%s` (%s): %s, %d" % (*key, count) for key, count in sorted(lost.items())]
    return "\n".join(rows)


def judge(index, results):
    mine = results["Tidegate"]
    problems = []
    for name in ("gitleaks 8.30.1", "kingfisher 2.14.0"):
        lost = missed(index, results[name]["samples"], mine["samples"])
        if lost:
            problems.append("%s finds %d examples that we miss" % (name, sum(lost.values())))
    for kind in ("documents", "prose", "code"):
        wrong = {name: sum(not each.generic for each in result[kind]) for name, result in results.items()}
        if wrong["Tidegate"] > max(wrong["gitleaks 8.30.1"], wrong["kingfisher 2.14.0"]):
            problems.append("wrong in clean %s: %s" % (kind, wrong))
    return problems


def main():
    reader = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    reader.add_argument("--seed", type=int, default=1)
    reader.add_argument("--write", action="store_true")
    reader.add_argument("--show", action="store_true", help="also list what is found in clean text")
    asked = reader.parse_args()
    prepare()
    index, sizes, results = measure(asked.seed)
    text = tables(asked.seed, index, sizes, results)
    print(text)
    if asked.show:
        for name, result in results.items():
            for kind in sizes:
                for each in result[kind]:
                    print(name, kind, each.rule, each.file, each.at, each.text[:100], sep="\t")
            lost = [(file, index[file]["rule"]) for file in index
                    if index[file]["finds"] and file not in files(result["samples"], True)]
            print(name, "misses", Counter(rule for _, rule in lost).most_common(400), sep="\t")
            wrong = [(index[each.file]["rule"], each.rule, each.text[:60]) for each in result["samples"]
                     if not index[each.file]["finds"] and not each.generic]
            print(name, "wrong", Counter(wrong).most_common(200), sep="\t")
    if asked.write:
        document = DOCUMENT.read_text()
        before, rest = document.split(BEGIN)
        DOCUMENT.write_text(before + BEGIN + "\n" + text + "\n" + END + rest.split(END)[1])
    problems = judge(index, results)
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
