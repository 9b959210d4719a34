"""What guardrails do to Codex' turns. It writes a key where Claude Code does not: into the items that end a
part of an answer, which the Responses API says again."""
import json
import re

from guarded import LABEL, RULE, held_in, holds
from scripted import Call, Text, arguments, cut

PLACEHOLDER = re.compile(rf"\[{LABEL}_\d+\]")


def checks(way, planted, results):
    """All cases, by one way to the gateway."""
    before = way.provider.sockets
    for case in (redacted, refused, cleaned, restored):
        case(way, planted, results)
    if way.lab:  # by its base URL it is told to speak HTTP
        results.check(f"Codex by {way.name}: it spoke over WebSockets", way.provider.sockets > before,
                      way.provider.sockets)


def shell(command, *within):
    """Codex' shell, with a command cut in the midst of these."""
    return Call("exec_command", *arguments({"cmd": command}, *within))


def completed(done):
    """Whether a turn came to its end, without an error."""
    return done.code == 0 and done.events and done.events[-1]["type"] == "turn.completed"


def redacted(way, planted, results):
    """Keys in standing instructions, in what a person says, in what a command prints."""
    system, said, read = keys = [planted.key() for _ in range(3)]
    work = way.work()
    (work / "AGENTS.md").write_text(f"Deploy with {system}.\n")
    (work / "settings.ini").write_text(f"aws_access_key_id = {read}\n")
    with way.guardrail({"do": "redact"}) as name:
        way.provider.plays([shell("cat settings.ini")], [Text("all ", "is well")])
        done = way.codex(work, f"My key is {said}. What is in settings.ini?")
        sent, turns = way.provider.bodies(), way.provider.turns()
        results.check(f"Codex by {way.name}: completes a turn whose prompt is redacted",
                      completed(done) and done.spoken() == "all is well", done.brief())
        label = f"[{LABEL}]"
        results.check(f"Codex by {way.name}: the provider never saw a byte of its keys",
                      len(turns) == 2 and not holds(sent, *keys) and json.dumps(turns[-1]["input"]).count(label) >= 3,
                      ([key for key in keys if holds(sent, key)], json.dumps(turns[-1:])[-1500:]))
        done = way.applied(name)
        results.check(f"Codex by {way.name}: the log has rule and action",
                      {(d["detector"], d["action"], d["phase"]) for d in done} == {(RULE, "redact", "prompt")}, done)


def refused(way, planted, results):
    """A prompt that is blocked."""
    key, work = planted.key(), way.work()
    with way.guardrail({"do": "block"}, answers=False) as name:
        way.provider.plays([Text("too late")])
        done = way.codex(work, f"wordless {key}")
        results.check(f"Codex by {way.name}: shows why a prompt was refused, and the provider was not called",
                      name in done.out and way.provider.left() == 1 and not holds(way.provider.bodies(), key), done.brief())


def cleaned(way, planted, results):
    """Answer and arguments that hold keys, cut in their midst."""
    said, carried = keys = [planted.key() for _ in range(2)]
    work = way.work()
    with way.guardrail({"do": "redact"}, prompts=False):
        way.provider.plays([shell(f"printf '%s' 'stolen {carried}' > carried.txt", carried)],
                           [Text(*cut(f"It is {said}, I believe.", said))])
        done = way.codex(work, "Carry it out, and say it.")
        file = work / "carried.txt"
        ran = file.read_text() if file.exists() else "nothing ran"
        results.check(f"Codex by {way.name}: runs a command with what stands in the key's place",
                      ran == f"stolen [{LABEL}]", (ran, done.brief()))
        results.check(f"Codex by {way.name}: prints an answer without its key",
                      completed(done) and done.spoken() == f"It is [{LABEL}], I believe." and not holds(done.said(), *keys),
                      done.brief())
        held = held_in(way.home, *keys)
        results.check(f"Codex by {way.name}: and writes none into its files", not held, held)


def restored(way, planted, results):
    """A key that the provider knows by a placeholder only, and that the command runs with all the same."""
    key, work = planted.key(), way.work()

    def told(asked):
        found = PLACEHOLDER.search(json.dumps(asked["input"]))
        return found.group() if found else "no placeholder"

    def uses(asked):
        return [shell(f"printf '%s' 'use {told(asked)}' > used.txt", told(asked))]

    def answers(asked):
        return [Text(*cut(f"I used {told(asked)}.", told(asked)))]

    with way.guardrail({"do": "restore"}):
        way.provider.plays(uses, answers)
        done = way.codex(work, f"Use {key}.")
        file = work / "used.txt"
        ran = file.read_text() if file.exists() else "nothing ran"
        results.check(f"Codex by {way.name}: the command runs with the true key, which its answer holds too",
                      completed(done) and ran == f"use {key}" and done.spoken() == f"I used {key}.", (ran, done.brief()))
        results.check(f"Codex by {way.name}: and the provider saw only what stands for it",
                      len(way.provider.turns()) == 2 and not holds(way.provider.bodies(), key), "")
