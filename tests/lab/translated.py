"""The clients as they come from npm, each on models of other dialects: a whole turn with a tool, streamed.

A client asks in its own language (Claude Code in Messages or as it asks Amazon Bedrock, Codex in Responses, Gemini CLI in generateContent,
OpenCode in Chat Completions and Messages); the provider's stand-in is asked in another one, and answers in that.
"""
import base64
import json
import platform
import secrets
import subprocess

from rig import CLIENTS

import claude_code
import codex

NODE = CLIENTS / "venv" / "bin" / "node"
GEMINI = CLIENTS / "node" / "node_modules" / "@google" / "gemini-cli" / "bundle" / "gemini.js"
OPENCODE = CLIENTS / "node" / "node_modules" / "opencode-linux-x64" / "bin" / "opencode"

# Models by the language in which their provider is asked, and the path that the stand-in sees.
MODELS = {
    "chat": ("openai-chat/gpt-4.1-mini", "/chat/completions"),
    "responses": ("openai-responses/gpt-4.1-mini", "/responses"),
    "messages": ("anthropic/claude-sonnet-4-5", "/messages"),
    "gemini": ("gemini/gemini-2.5-flash", ":streamGenerateContent"),
    "converse": ("bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "/converse-stream"),
}


def check(rig, home, key, results):
    """Each client on each language that is not its own."""
    if platform.machine() != "x86_64":
        print("SKIPPED: clients on models of other dialects: their packages are pinned for x86-64 only")
        return
    for name, own, turn in (("claude code", "messages", by_claude),
                            ("claude code in its Bedrock mode", "converse", by_claude_of_bedrock),
                            ("codex", "responses", by_codex),
                            ("gemini cli", "gemini", by_gemini), ("opencode", None, by_opencode)):
        for language, (model, path) in MODELS.items():
            if language == own:
                continue
            line, work = f"{name} on {language}", home / f"turn-{secrets.token_hex(4)}"
            work.mkdir()
            word = "word-" + secrets.token_hex(6)
            (work / "word.txt").write_text(word + "\n")
            before = len(rig.seen())
            try:
                said = turn(rig, work, key, model)
            except Exception as error:  # One turn's trouble is its own result; the others still run.
                results.check(f"{line}: completes its turn", False, f"{type(error).__name__}: {error}")
                continue
            # In its Bedrock mode Claude Code also tries which of its own models there are, whatever it was told.
            asked = [seen for seen in rig.seen()[before:]
                     if seen["method"] == "POST" and not seen["path"].endswith("/invoke")]
            results.check(f"{line}: runs its tool, and the model gets the file's word",
                          any(word in body(seen) for seen in asked), said[-1500:])
            results.check(f"{line}: the provider is asked in its own language, and never with our key",
                          asked and all(path in seen["path"] for seen in asked) and key not in json.dumps(asked),
                          [seen["path"] for seen in asked])


def body(seen):
    """What the provider was sent."""
    return base64.b64decode(seen["body_base64"] or "").decode(errors="replace")


def run(command, work, environment):
    """Runs a client in its folder; gives what it said."""
    done = subprocess.run([str(part) for part in command], cwd=work, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=120, check=False,
                          env={"PATH": f"{NODE.parent}:/usr/local/bin:/usr/bin:/bin", "HOME": str(work), **environment})
    if done.returncode != 0:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {done.stdout[-1500:]} {done.stderr[-1500:]}")
    return done.stdout + done.stderr


def by_claude(rig, work, key, model):
    """Claude Code, which names any model where it is told so by its environment."""
    return claude(work, model, {"ANTHROPIC_BASE_URL": rig.url + "/anthropic", "ANTHROPIC_AUTH_TOKEN": key})


def by_claude_of_bedrock(rig, work, key, model):
    """The same as it asks Amazon Bedrock: model and stream are in the path, answers in AWS' messages."""
    return claude(work, model, {"CLAUDE_CODE_USE_BEDROCK": "1", "ANTHROPIC_BEDROCK_BASE_URL": rig.url + "/bedrock",
                                "AWS_BEARER_TOKEN_BEDROCK": key, "AWS_REGION": "eu-west-1"})


def claude(work, model, environment):
    """A turn of Claude Code's."""
    prompt = 'What is in the file? [[tool:Bash {"command":"cat word.txt","description":"reads a file"}]]'
    return run([claude_code.BINARY, "-p", "--model", model, "--output-format", "stream-json", "--verbose",
                "--allowedTools", "Bash(cat *)", "--", prompt], work,
               {"ANTHROPIC_SMALL_FAST_MODEL": model, "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", **environment})


def by_codex(rig, work, key, model):
    """Codex, with a provider of its own."""
    configured = codex.CONFIG.format(model=model, base_url=rig.url + "/v1")
    (work / "codex").mkdir()
    (work / "codex" / "config.toml").write_text(configured)
    prompt = 'What is in the file? [[tool:exec_command {"cmd":"cat word.txt"}]]'
    return run([codex.binary(), "exec", "--json", "--skip-git-repo-check",
                "--dangerously-bypass-approvals-and-sandbox", "-C", work, prompt], work,
               {"CODEX_HOME": str(work / "codex"), "GATEWAY_KEY": key})


def by_gemini(rig, work, key, model):
    """Gemini CLI, by its base URL."""
    (work / ".gemini").mkdir()
    (work / ".gemini" / "settings.json").write_text(json.dumps({"security": {"auth": {"selectedType": "gemini-api-key"}}}))
    prompt = 'What is in the file? [[tool:run_shell_command {"command":"cat word.txt"}]]'
    return run([NODE, GEMINI, "--yolo", "-m", model, "-p", prompt], work,
               {"GEMINI_API_KEY": key, "GOOGLE_GEMINI_BASE_URL": rig.url + "/genai", "GEMINI_CLI_TRUST_WORKSPACE": "true"})


def by_opencode(rig, work, key, model):
    """OpenCode, with a provider of its own that speaks Chat Completions, or Messages where that is the model's."""
    kind = "@ai-sdk/anthropic" if model.startswith("openai-chat/") else "@ai-sdk/openai-compatible"
    (work / "opencode.json").write_text(json.dumps({
        "$schema": "https://opencode.ai/config.json", "permission": {"bash": "allow"}, "autoupdate": False,
        "provider": {"governed": {"npm": kind, "name": "Governed", "models": {model: {"name": model}},
                                  "options": {"baseURL": rig.url + "/v1", "apiKey": key}}}}))
    prompt = 'What is in the file? [[tool:bash {"command":"cat word.txt","description":"reads a file"}]]'
    # As words: an argument with spaces is put in quotes, and its own quotes escaped.
    return run([OPENCODE, "run", "-m", f"governed/{model}", *prompt.split(" ")], work,
               {"OPENCODE_DISABLE_MODELS_FETCH": "1", "OPENCODE_DISABLE_AUTOUPDATE": "1"})
