#!/usr/bin/env python3
"""An MCP server on standard input and output with one tool. It writes a line into a
list whenever it is started, so that a test sees what a client started, whatever the client says."""
import json
import os
import sys
import time
from pathlib import Path

STARTS = Path("/opt/lab/starts")
TOOLS = [{"name": name, "description": f"{name}s a text", "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}}}
         for name in ("echo", "shout")]


def answer(call):
    """The result of a call."""
    method, parameters = call["method"], call.get("params") or {}
    if method == "initialize":
        return {"protocolVersion": parameters.get("protocolVersion", "2025-03-26"), "capabilities": {"tools": {}},
                "serverInfo": {"name": "stub", "version": "1.0.0"}}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        text = str((parameters.get("arguments") or {}).get("text", ""))
        return {"content": [{"type": "text", "text": text.upper() if parameters["name"] == "shout" else text}]}
    return {}


def main():
    with open(STARTS, "a") as log:
        log.write(json.dumps({"at": time.time(), "uid": os.getuid(), "argv": ["stub.py", *sys.argv[1:]]}) + "\n")
    for line in sys.stdin:
        call = json.loads(line)
        if "id" in call:
            print(json.dumps({"jsonrpc": "2.0", "id": call["id"], "result": answer(call)}), flush=True)


if __name__ == "__main__":
    main()
