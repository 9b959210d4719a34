"""What guardrails do to Claude Code's turns: its prompts, its answers, and the tools that it runs."""
import json
import re

from guarded import LABEL, RULE, held_in, holds
from scripted import Call, Text, arguments, cut

PLACEHOLDER = re.compile(rf"\[{LABEL}_\d+\]")


def checks(way, planted, results):
    """All cases, by one way to the gateway."""
    for case in (redacted, refused, cleaned, stopped, disarmed, denied, restored):
        case(way, planted, results)


def bash(command, *within):
    """Claude Code's shell, with a command cut in the midst of these."""
    return Call("Bash", *arguments({"command": command, "description": "as told"}, *within))


def named(way):
    return f"Claude Code by {way.name}"


def completed(done):
    """Whether a turn came to its end, without an error."""
    result = done.result()
    return done.code == 0 and result.get("subtype") == "success" and not result.get("is_error")


def redacted(way, planted, results):
    """Keys in the system prompt, in what a person says, in what a tool reads; and all of it sent again."""
    system, said, read = keys = [planted.key() for _ in range(3)]
    work = way.work()
    (work / "settings.ini").write_text(f"aws_access_key_id = {read}\n")
    with way.guardrail({"do": "redact"}) as name:
        way.provider.plays([Text("I look. "), bash("cat settings.ini")], [Text("all ", "is well")], [Text("still ", "well")])
        first = way.claude(work, f"My key is {said}. What is in settings.ini?", "--append-system-prompt", f"Deploy with {system}.")
        second = way.claude(work, "And now?", "--continue", "--append-system-prompt", f"Deploy with {system}.")
        sent, turns = way.provider.bodies(), way.provider.turns()
        results.check(f"{named(way)}: completes a turn whose prompt is redacted, and the next",
                      completed(first) and completed(second) and first.result()["result"] == "all is well"
                      and second.result()["result"] == "still well" and way.provider.left() == 0,
                      (first.brief(), second.brief()))
        results.check(f"{named(way)}: the provider never saw a byte of keys in system prompt, words and tool results",
                      len(turns) >= 3 and not holds(sent, *keys), [key for key in keys if holds(sent, key)])
        label = f"[{LABEL}]"
        last = turns[-1] if turns else {}
        results.check(f"{named(way)}: it saw what stands in their place, each time",
                      label in json.dumps(last.get("system")) and json.dumps(last.get("messages")).count(label) >= 2
                      and all(label in json.dumps(turn["system"]) for turn in turns), json.dumps(last)[-1500:])
        results.check(f"{named(way)}: the tool itself read the key",
                      read in json.dumps([event for event in first.events if event["type"] == "user"]), first.brief())
        done = way.applied(name)
        results.check(f"{named(way)}: the log has rule and action, in the prompt",
                      {(d["detector"], d["action"], d["phase"]) for d in done} == {(RULE, "redact", "prompt")}
                      and any("tool_result" in d["places"] for d in done), done)


def refused(way, planted, results):
    """A prompt that is blocked."""
    key, work = planted.key(), way.work()
    with way.guardrail({"do": "block"}, answers=False) as name:
        way.provider.plays([Text("too late")])
        done = way.claude(work, f"wordless {key}")
        results.check(f"{named(way)}: shows why a prompt was refused",
                      name in done.result().get("result", "") and not completed(done), done.brief())
        results.check(f"{named(way)}: and the provider was not called",
                      way.provider.left() == 1 and not way.provider.turns() and not holds(way.provider.bodies(), key)
                      and b"wordless" not in way.provider.bodies(), [seen["path"] for seen in way.provider.seen])
        done = way.applied(name)
        results.check(f"{named(way)}: the log has the refusal",
                      {(d["detector"], d["action"], d["phase"]) for d in done} == {(RULE, "block", "prompt")}, done)


def cleaned(way, planted, results):
    """An answer that holds a key, cut in its midst."""
    key, work = planted.key(), way.work()
    with way.guardrail({"do": "redact"}, prompts=False) as name:
        way.provider.plays([Text(*cut(f"It is {key}, I believe.", key))])
        done = way.claude(work, "What is the key?")
        results.check(f"{named(way)}: prints an answer without its key",
                      completed(done) and done.result()["result"] == f"It is [{LABEL}], I believe."
                      and not holds(done.said(), key), done.brief())
        held = held_in(way.home, key) + held_in(work, key)
        results.check(f"{named(way)}: and writes it into none of its files", not held and any(way.home.iterdir()), held)
        done = way.applied(name)
        results.check(f"{named(way)}: the log has rule and action, in the answer",
                      {(d["detector"], d["action"], d["phase"]) for d in done} == {(RULE, "redact", "answer")}, done)


def stopped(way, planted, results):
    """An answer that is blocked in its midst."""
    key, work = planted.key(), way.work()
    with way.guardrail({"do": "block"}, prompts=False) as name:
        # It may ask again: the answer is the same.
        way.provider.plays(*[[Text(*cut(f"It is {key}, I believe.", key))]] * 20)
        done = way.claude(work, "What is the key?")
        results.check(f"{named(way)}: shows why an answer was stopped", name in done.result().get("result", ""), done.brief())
        held = held_in(way.home, key) + held_in(work, key)
        results.check(f"{named(way)}: nothing of it is printed or written",
                      not holds(done.said(), key) and not held and len(way.provider.turns()) >= 1, held or done.brief())


def disarmed(way, planted, results):
    """A command that would carry a key out."""
    key, work = planted.key(), way.work()
    with way.guardrail({"do": "redact"}, prompts=False) as name:
        way.provider.plays([bash(f"printf '%s' 'stolen {key}' > carried.txt", key)], [Text("gone")])
        done = way.claude(work, "Carry it out.")
        carried = work / "carried.txt"
        ran = carried.read_text() if carried.exists() else "nothing ran"
        results.check(f"{named(way)}: runs a command with what stands in the key's place",
                      completed(done) and ran == f"stolen [{LABEL}]", (ran, done.brief()))
        held = held_in(way.home, key)
        results.check(f"{named(way)}: and knows the key from nowhere", not held and not holds(done.said(), key), held)
        done = way.applied(name)
        results.check(f"{named(way)}: the log says that it was a tool's arguments",
                      any(d["places"] == ["tool_arguments"] and d["detector"] == RULE for d in done), done)


def denied(way, planted, results):
    """Tools that may not be called: by name, and by what stands in their arguments."""
    lists = {"by its name": {"kind": "tools", "names": ["Ba*"]},
             "by its arguments": {"kind": "tools", "arguments": [r"touch\s+\w+\.txt"]}}
    for by, detect in lists.items():
        work = way.work()
        with way.guardrail({"do": "block"}, detect) as name:
            way.provider.plays(*[[Text("I do it. "), bash("touch ran.txt", "touch")]] * 20)
            done = way.claude(work, "Do it.")
            results.check(f"{named(way)}: does not run a tool that is denied {by}, and says why",
                          not (work / "ran.txt").exists() and name in done.result().get("result", ""), done.brief())
            found = way.applied(name)
            results.check(f"{named(way)}: the log has it as blocked {by}",
                          found and all(d["action"] == "block" and d["phase"] == "answer" for d in found), found)


def restored(way, planted, results):
    """A key that the provider knows by a placeholder only, and that the command runs with all the same."""
    key, work = planted.key(), way.work()

    def told(asked):
        found = PLACEHOLDER.search(json.dumps(asked["messages"]))
        return found.group() if found else "no placeholder"

    def uses(asked):
        return [bash(f"printf '%s' 'use {told(asked)}' > used.txt", told(asked))]

    def answers(asked):
        return [Text(*cut(f"I used {told(asked)}.", told(asked)))]

    with way.guardrail({"do": "restore"}) as name:
        way.provider.plays(uses, answers)
        done = way.claude(work, f"Use {key}.")
        used = work / "used.txt"
        ran = used.read_text() if used.exists() else "nothing ran"
        results.check(f"{named(way)}: the command runs with the true key", ran == f"use {key}", (ran, done.brief()))
        results.check(f"{named(way)}: which its answer holds too", completed(done)
                      and done.result()["result"] == f"I used {key}.", done.brief())
        sent = way.provider.bodies()
        results.check(f"{named(way)}: and the provider saw only what stands for it, with the command sent back too",
                      len(way.provider.turns()) == 2 and not holds(sent, key)
                      and len(PLACEHOLDER.findall(json.dumps(way.provider.turns()[-1]["messages"]))) >= 2,
                      json.dumps(way.provider.turns()[-1:])[-1500:])
        done = way.applied(name)
        results.check(f"{named(way)}: the log has it as restored",
                      any((d["detector"], d["action"], d["phase"]) == (RULE, "restore", "prompt") for d in done), done)
