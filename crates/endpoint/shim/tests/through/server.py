"""An MCP server of our own over standard input and output: three tools on two pages, and what it was told
goes line by line into the file that it is given."""

import json
import os
import signal
import sys

LOG = open(sys.argv[1], "a", buffering=1)
TOOLS = [[{"name": "read", "description": "reads"}, {"name": "remove"}], [{"name": "write"}]]


def say(message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer(request):
    method = request.get("method")
    params = request.get("params") or {}
    if method == "initialize":
        return {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}}
    if method == "tools/list":
        if params.get("cursor"):
            return {"tools": TOOLS[1]}
        return {"tools": TOOLS[0], "nextCursor": "2"}
    if method == "tools/call":
        return {"content": [{"type": "text", "text": params.get("name")}]}
    return {"pid": os.getpid(), "cwd": os.getcwd(), "env": os.environ.get("SHIM_TEST")}


def on_signal(number, _):
    LOG.write("signal %d\n" % number)
    os._exit(number + 10)


for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, on_signal)
if "--fork" in sys.argv and os.fork() == 0:
    signal.pause()
sys.stderr.write("ready\n")
sys.stderr.flush()
for line in sys.stdin:
    LOG.write(line.rstrip("\n") + "\n")
    message = json.loads(line)
    batch = message if isinstance(message, list) else [message]
    answers = [
        {"jsonrpc": "2.0", "id": one["id"], "result": answer(one)}
        for one in batch
        if "id" in one and one.get("method") not in (None, "wait")
    ]
    if isinstance(message, list):
        say(answers)
    else:
        for one in answers:
            say(one)
LOG.write("end\n")
