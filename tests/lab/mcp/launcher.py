#!/usr/bin/env python3
"""Stands where a launcher is (npx, uvx): notes what it is asked to start, and starts it from what is
installed. The true ones would ask their registry first, which is out of reach here."""
import json
import os
import sys
import time
from pathlib import Path

LAB = Path("/opt/lab")
MODULES = Path("/usr/local/lib/node_modules")


def npm(words):
    """The program of an npm package, with what it is to be told."""
    words = [word for word in words if word not in ("-y", "--yes", "--")]
    at = words[0].rfind("@")
    package = MODULES / (words[0][:at] if at > 0 else words[0])
    program = json.loads((package / "package.json").read_text())["bin"]
    script = program if isinstance(program, str) else next(iter(program.values()))
    return ["/usr/local/bin/node", str(package / script), *words[1:]]


def main():
    name, words = Path(sys.argv[0]).name, sys.argv[1:]
    with open(LAB / "starts", "a") as log:
        log.write(json.dumps({"at": time.time(), "uid": os.getuid(), "argv": [name, *words]}) + "\n")
    command = npm(words) if name == "npx" else [str(LAB / "python" / "bin" / words[0].partition("@")[0]), *words[1:]]
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
