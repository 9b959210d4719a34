"""Claude Code, as it comes from npm, turned to the gateway by its base URL alone."""
import json
import secrets
import subprocess

from rig import CLIENTS

BINARY = CLIENTS / "node" / "node_modules" / "@anthropic-ai" / "claude-code-linux-x64" / "claude"


def turn(home, base_url, token):
    """One turn that reads a file with the Bash tool. Gives the file's word and the events."""
    work = home / f"work-{secrets.token_hex(4)}"
    work.mkdir()
    word = "word-" + secrets.token_hex(6)
    (work / "word.txt").write_text(word + "\n")
    prompt = 'What is in the file? [[tool:Bash {"command":"cat word.txt","description":"reads a file"}]]'
    done = subprocess.run(
        [BINARY, "-p", "--output-format", "stream-json", "--verbose", "--allowedTools", "Bash(cat *)", "--", prompt],
        cwd=work, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "ANTHROPIC_BASE_URL": base_url,
             "ANTHROPIC_AUTH_TOKEN": token, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1"})
    events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode != 0:
        raise RuntimeError(f"claude ended with {done.returncode}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
    return word, events


def check(rig, home, key, results):
    """The turn, and what the gateway and the provider saw of it."""
    word, events = turn(home, rig.url + "/anthropic", key)
    used = [block for event in events if event["type"] == "assistant"
            for block in event["message"]["content"] if block["type"] == "tool_use"]
    answers = [block for event in events if event["type"] == "user"
               for block in event["message"]["content"] if block["type"] == "tool_result"]
    results.check("claude code: uses the Bash tool as told", [u["name"] for u in used] == ["Bash"], used)
    results.check("claude code: the tool ran and gave the file's word", word in json.dumps(answers), answers)
    last = events[-1]
    results.check("claude code: completes the turn",
                  last["type"] == "result" and last["subtype"] == "success" and not last["is_error"], last)
    sent = [seen for seen in rig.seen() if "/messages" in seen["path"]]
    headers = json.dumps([seen["headers"] for seen in sent])
    results.check("claude code: at least two calls reached the provider", len(sent) >= 2, len(sent))
    results.check("claude code: the provider never sees the virtual key", key not in headers and sent, headers[:500])
    results.check("claude code: its betas and its query pass",
                  all("beta=true" in seen["path"] and "anthropic-beta" in dict(seen["headers"]) for seen in sent),
                  [seen["path"] for seen in sent])
