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


def prepare(names=None):
    """Brings loopback up, makes sure that it is all there is, and answers names: those given with their
    IPv4 address, all others with "no such".

    Without an answer a client would wait for its resolver's timeout, which is not what is measured.
    """
    names = names or {}
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    links = [name for _, name in socket.if_nameindex()]
    if links != ["lo"]:
        raise SystemExit(f"expected only lo, found {links}")
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    threading.Thread(target=_resolve, args=(server, names), daemon=True).start()
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as settings:
        settings.write("nameserver 127.0.0.1\n")
        settings.flush()
        os.chmod(settings.name, 0o644)
        subprocess.run(["mount", "--bind", settings.name, "/etc/resolv.conf"], check=True)


def _resolve(server, names):
    while True:
        query, client = server.recvfrom(2048)
        end, labels = 12, []
        while end < len(query) and query[end]:
            labels.append(query[end + 1:end + 1 + query[end]].decode("ascii", "replace"))
            end += query[end] + 1
        question = query[12:end + 5]  # the name's closing zero, type and class
        address = names.get(".".join(labels).lower())
        answer = b""
        if address and question[-4:] == b"\0\1\0\1":  # type A, class IN
            # The name as a pointer to the question's, a TTL of a minute.
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(address)
        code = 0x80 if address else 0x83  # NOERROR or NXDOMAIN, recursion available
        counts = b"\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0" * 2
        server.sendto(query[:2] + bytes([0x81, code]) + counts + question + answer, client)
