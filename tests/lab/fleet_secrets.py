"""Credentials as people leave them in their configurations, made anew for each run, and a search for them."""
import base64
import json
import os
import secrets
import string
import urllib.parse


class Secrets:
    """Every credential that was planted, by where."""

    def __init__(self):
        self.planted = {}

    def new(self, where, shape="{}"):
        """Another one, kept under where it was planted. `shape` puts words around it, as vendors do."""
        core = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(32))
        while where in self.planted:
            where += "'"
        self.planted[where] = core
        return shape.format(core)

    def found(self, text):
        """Where those were planted that are in a text or bytes, as they are or written in another way."""
        data = text if isinstance(text, bytes) else text.encode(errors="surrogateescape")
        return sorted(where for where, core in self.planted.items() if any(way in data for way in _ways(core)))

    def found_in_files(self, *folders):
        """The same for every regular file below the folders: pairs of file and where."""
        hits = []
        for folder in folders:
            for above, _, names in os.walk(folder):
                for name in names:
                    path = os.path.join(above, name)
                    if os.path.isfile(path) and not os.path.islink(path):
                        with open(path, "rb") as file:
                            hits += [(path, where) for where in self.found(file.read())]
        return hits

    def found_in_json(self, value):
        """The same for an answer of the API."""
        return self.found(json.dumps(value))


def _ways(core):
    """A credential as it stands, its first half, and what base64 makes of it at each of three offsets."""
    yield core.encode()
    yield core[:16].encode()
    yield core[16:].encode()
    yield urllib.parse.quote("/" + core + "/", safe="").encode()
    for pad in range(3):
        encoded = base64.b64encode(b"x" * pad + core.encode()).decode()
        yield encoded[4:-4].encode()
