"""Where nothing but loopback exists: a network namespace whose only link is lo, with a mount
namespace, so that a client under test can reach the gateway and nothing else, whatever it tries.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

INSIDE = "TIDEGATE_LAB_INSIDE"
ENTER = ["unshare", "--net", "--mount", "--propagation", "private", "--"]
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


def impossible():
    """Why this machine cannot do it, or None."""
    if os.geteuid() != 0:
        return "not root, so no namespaces"
    for tool in ("unshare", "ip"):
        if not shutil.which(tool, path=PATH):
            return f"no {tool}; run `make setup`"
    tried = subprocess.run([*ENTER, "ip", "link", "set", "lo", "up"], capture_output=True, text=True,
                           check=False, env={"PATH": PATH})
    return f"no namespaces here: {tried.stderr.strip()}" if tried.returncode else None


def inside():
    """Whether this process is in the namespaces."""
    return INSIDE in os.environ


def enter():
    """Starts this script again, in namespaces of its own. Does not return."""
    os.execvpe("unshare", [*ENTER, sys.executable, *sys.argv], {**os.environ, "PATH": PATH, INSIDE: "1"})


def prepare():
    """Brings loopback up, makes sure that it is all there is, and answers every name with "no such".

    Without an answer a client would wait for its resolver's timeout, which is not what is measured.
    """
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    links = [name for _, name in socket.if_nameindex()]
    if links != ["lo"]:
        raise SystemExit(f"expected only lo, found {links}")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    threading.Thread(target=_no_such_name, args=(server,), daemon=True).start()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
        settings.write("nameserver 127.0.0.1\n")
        settings.flush()
        os.chmod(settings.name, 0o644)
        subprocess.run(["mount", "--bind", settings.name, "/etc/resolv.conf"], check=True)


def _no_such_name(server):
    while True:
        query, client = server.recvfrom(2048)
        end = 12
        while end < len(query) and query[end]:
            end += query[end] + 1
        question = query[12:end + 5]  # the name's closing zero, type and class
        head = query[:2] + b"\x81\x83" + b"\0\1" + b"\0\0" * 3  # a response, NXDOMAIN, one question
        server.sendto(head + question, client)
