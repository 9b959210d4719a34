"""A remote MCP server: streamable HTTP at any path, the older way with server-sent events at `/sse`. Every
request is kept, with its headers, so that a test sees who got through."""
import json
import queue
import ssl
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from mcp.stub import answer


class Remote:
    """Serves until the process ends: by TLS at 443, in clear at 80."""

    def __init__(self, address, certificate, key):
        self.calls, self.sessions = [], {}
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        for port in (443, 80):
            server = ThreadingHTTPServer((address, port), type("Bound", (_Call,), {"remote": self}))
            server.daemon_threads = True
            if port == 443:
                server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def seen(self, path):
        """The requests at a path so far."""
        return [call for call in self.calls if call["path"].split("?")[0] == path]


class _Call(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    remote = None

    def log_message(self, *_):
        pass

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        self._note()
        call = json.loads(raw or b"{}")
        reply = {"jsonrpc": "2.0", "id": call.get("id"), "result": answer(call)} if "id" in call else None
        session = self.path.partition("session=")[2]
        if session in self.remote.sessions:
            if reply:
                self.remote.sessions[session].put(reply)
            return self._say(202, b"")
        return self._say(200 if reply else 202, json.dumps(reply).encode() if reply else b"")

    def do_GET(self):
        self._note()
        if self.path.split("?")[0] != "/sse":
            return self._say(405, b"")
        session, waiting = uuid.uuid4().hex, queue.Queue()
        self.remote.sessions[session] = waiting
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self._event("endpoint", f"/message?session={session}")
        try:
            while True:
                self._event("message", json.dumps(waiting.get(timeout=60)))
        except (queue.Empty, OSError):
            self.close_connection = True

    def do_DELETE(self):
        self._say(200, b"")

    def _note(self):
        self.remote.calls.append({"path": self.path, "headers": {name.lower(): value for name, value in self.headers.items()}})

    def _event(self, name, data):
        self.wfile.write(f"event: {name}\ndata: {data}\n\n".encode())
        self.wfile.flush()

    def _say(self, status, body):
        self.send_response(status)
        if body:
            self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
