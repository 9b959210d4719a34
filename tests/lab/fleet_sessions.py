"""A turn of each client, in the person's home: the truth about which servers it starts."""
import fleet_machine
from fleet_machine import CLIENTS_BY_NAME

PROMPT = "Say hello."


def session(person, name, more=(), folder=None, prompt=PROMPT, **variables):
    """One turn, answered by the stand-in: how it ended, and what was started meanwhile."""
    command, key = {
        "claude-code": (["claude", "-p", "--output-format", "json", *more, "--", prompt], "ANTHROPIC_API_KEY"),
        "codex": (["codex", "exec", "--json", "--skip-git-repo-check", "-m", "gpt-5.4", *more, prompt], "CODEX_API_KEY"),
        "gemini-cli": (["gemini", *more, "-p", prompt], "GEMINI_API_KEY"),
        "opencode": (["opencode", "mcp", "list", *more], "LAB_NO_KEY"),  # its list starts them all as a session would
    }[name]
    at = fleet_machine.mark()
    done = CLIENTS_BY_NAME[name].run(person, *command, folder=folder, **{key: "sk-of-the-person", **variables})
    return done, fleet_machine.starts(at)
