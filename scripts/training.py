#!/usr/bin/env python3
"""The load by which a release build learns which of its code is hot (scripts/release.sh, ADR 0029).

    scripts/training.py gateway|agent BINARIES [--brief]

BINARIES is a folder with the instrumented `tidegate` and `tidegate-edge` and our load tools. The gateway gets the rows
of the benchmark, and every dialect's requests to providers of every dialect, whole and streamed, with guardrails and
without. The agent gets streamed calls, short and long, alone and many at once, and bytes to splice (as root, in
namespaces of its own). What is not called here the compiler takes for cold and builds small: a new way that calls take
belongs here too. Briefly, the load is tried rather than given: the tests do.
"""
import http.client
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from urllib.parse import quote

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests" / "clients"), str(ROOT / "tests" / "lab")]

import namespace  # noqa: E402, the path comes first
from rig import Rig  # noqa: E402
from translated import MODELS  # noqa: E402

REQUESTS = ROOT / "crates" / "base" / "wire" / "tests" / "translate"
# How often each request goes to each provider, and how many times its conversation is repeated in it: few are short.
ROUNDS, TURNS = 6, (1, 1, 24)
# Rows of the benchmark and how many seconds each has. What runs for every byte of a large body is counted so often that
# beside it nothing would be hot that runs once a call.
ROWS = {"120 B": 0.5, "stream": 0.5, "20 KB": 0.5, "4 KB": 8, "200 KB": 0.1}
LONG_ANSWER = " [[size:2000]]"

# Where a language's conversation lies, and its path, whole and streamed.
LANGUAGES = {
    "chat": ("messages", "/v1/chat/completions", "/v1/chat/completions"),
    "responses": ("input", "/v1/responses", "/v1/responses"),
    "messages": ("messages", "/anthropic/v1/messages", "/anthropic/v1/messages"),
    "gemini": ("contents", "/genai/v1beta/models/{}:generateContent", "/genai/v1beta/models/{}:streamGenerateContent?alt=sse"),
    "converse": ("messages", "/bedrock/model/{}/converse", "/bedrock/model/{}/converse-stream"),
    "invoke": ("messages", "/bedrock/model/{}/invoke", "/bedrock/model/{}/invoke-with-response-stream"),
}


def say(words):
    print(f"training: {words}", flush=True)


def asked(language, request, model, streamed, turns):
    """A request of a language as it goes to a model: path and body."""
    conversation, *paths = LANGUAGES[language]
    body = dict(request)
    if "{}" not in paths[0]:
        body |= {"model": model, **({"stream": True} if streamed else {})}
    if isinstance(body.get(conversation), list):
        body[conversation] = body[conversation] * turns
    return paths[streamed].format(quote(model, safe="")), json.dumps(body).replace("Say heron", "Say heron" + LONG_ANSWER)


def converse(connection, key, count):
    """Every request of every language to every provider; counts how they were answered."""
    for language in LANGUAGES:
        requests = json.loads((REQUESTS / f"requests_{language}.json").read_text())
        for model, _ in MODELS.values():
            for turns in TURNS:
                for streamed in (False, True):
                    for request in requests.values():
                        path, body = asked(language, request, model, streamed, turns)
                        connection.request("POST", path, body, {"authorization": f"Bearer {key}", "content-type": "application/json"})
                        answer = connection.getresponse()
                        answer.read()
                        count[language, answer.status] += 1


def dialects(rounds):
    """All dialects through one gateway, at first without guardrails."""
    with Rig() as rig:
        key, count = rig.key("training"), Counter()
        connection = http.client.HTTPConnection(rig.url.removeprefix("http://"), timeout=60)
        for turn in range(rounds):
            if turn == rounds // 2:
                detect = {"kind": "rules", "groups": ["secrets", "personal"]}
                rig.api("POST", "/guardrails", {"name": "training", "enabled": True,
                                                "definition": {"detect": detect, "action": {"do": "redact"}}})
            converse(connection, key, count)
            say(f"dialects: round {turn + 1}/{rounds}, {count.total()} calls")
        connection.close()
    for language in LANGUAGES:
        answers = {status: number for (of, status), number in count.items() if of == language}
        # Some requests cannot be said to every provider, and are refused before they are sent.
        if answers.keys() - {200, 400} or answers.get(200, 0) * 2 < sum(answers.values()):
            raise SystemExit(f"training: calls of {language} were not answered as they should: {answers}")
        say(f"{language}: {', '.join(f'{number} times {status}' for status, number in sorted(answers.items()))}")


def bench(binaries, rows, seconds):
    """Those rows of the benchmark, for so long each on each way."""
    with tempfile.TemporaryDirectory(prefix="tidegate-") as folder:
        out = Path(folder) / "bench.json"
        command = [binaries / "tidegate-bench", "--gateway", binaries / "tidegate", "--rounds", 1, "--out", out,
                   "--seconds", seconds, "--only", rows]
        subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
        lines = json.loads(out.read_text())["lines"]
    if failed := [f"{line['row']}, {line['target']}: {line['error']}" for line in lines if line["error"]]:
        raise SystemExit(f"training: rows of the benchmark failed: {'; '.join(failed)}")


def gateway(binaries, brief):
    for rows, seconds in ROWS.items():
        bench(binaries, rows, seconds / 20 if brief else seconds)
    dialects(2 if brief else ROUNDS)


def agent():
    if reason := namespace.impossible():
        print(f"SKIPPED: the agent's load: {reason}")
    else:
        subprocess.run([sys.executable, str(ROOT / "tests" / "lab" / "edge_cost.py"), "train"], check=True)


def main():
    part, binaries, brief = (sys.argv[1:] + [None, None])[:3]
    if part not in ("gateway", "agent") or not binaries or brief not in (None, "--brief"):
        raise SystemExit(__doc__)
    binaries = Path(binaries).resolve()
    os.environ["TIDEGATE_BIN_DIR"] = str(binaries)
    if part == "gateway":
        gateway(binaries, brief)
    else:
        agent()


if __name__ == "__main__":
    main()
