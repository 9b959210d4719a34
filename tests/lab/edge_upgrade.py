"""The agent is replaced in the middle of an answer: the old relay finishes it, the new one takes what comes."""
import json
import subprocess
from pathlib import Path

import edge_privileges
from rig import wait_for


def checks(lab, results):
    """A streamed answer over a restart of the agent."""
    words = " ".join(f"word{number}" for number in range(20))
    body = {"model": "claude-sonnet-4-5", "max_tokens": 64, "stream": True,
            "messages": [{"role": "user", "content": f"[[pause:0.5]] {words}"}]}
    old = edge_privileges.relay(lab)
    asking = subprocess.Popen(
        lab.group.run("curl", "-sSN", "--max-time", "60", "-H", "x-api-key: sk-ant-of-the-app",
                      "-H", "anthropic-version: 2023-06-01", "-H", "content-type: application/json",
                      "-d", json.dumps(body), "https://api.anthropic.com/v1/messages"),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        first = asking.stdout.readline()
        lab.agent.terminate()
        lab.agent.wait(timeout=10)
        lab.start()
        answered, running = lab.ask()[0], asking.poll() is None
        rest, error = asking.communicate(timeout=60)
        results.check("a restart of the agent cuts no stream",
                      asking.returncode == 0 and running and "message_stop" in rest, (first, rest[-300:], error, running))
        results.check("while new calls are governed by the new agent", answered == 200, answered)
        wait_for(lambda: not Path(f"/proc/{old}").exists(), "the relay before to end", lambda: lab.rig.log("edge"), 20)
        results.check("the relay before ends when it has finished", True)
    finally:
        if asking.poll() is None:
            asking.kill()
