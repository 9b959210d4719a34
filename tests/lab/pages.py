"""Stand-ins for the web pages of Claude and ChatGPT: a page of ours whose script asks as theirs do, and an
answer that comes in pieces. A piece is sent only when the page has shown the one before, so whoever holds
pieces back on the way stops it.

It also says that it can be had over QUIC, and counts who tries; nothing would answer.
"""
import json
import socket
import ssl
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import websocket

HOSTS = ["claude.ai", "chatgpt.com"]
PAGE = Path(__file__).resolve().parent / "pages" / "chat.html"
PATIENCE = 15  # seconds for the page to have shown a piece
MODELS = {"claude.ai": "claude-sonnet-4-5", "chatgpt.com": "gpt-5"}


class Pages:
    """Serves on port 443 of an address until it is closed."""

    def __init__(self, address, certificate, key):
        self.asked, self.seen = [], []
        self.datagrams = 0
        self._shown, self._news = {}, threading.Condition()
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(certificate, key)
        tls.set_alpn_protocols(["http/1.1"])
        self._server = _Server((address, 443), type("Bound", (_Handler,), {"pages": self, "tls": tls}))
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self._quic = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._quic.bind((address, 443))
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        while True:
            self._quic.recv(2048)
            self.datagrams += 1

    def knock(self):
        """Sends a datagram to the QUIC port, as this process."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"hello", self._quic.getsockname())

    def show(self, turn, pieces):
        """The page has shown that many pieces of a turn."""
        with self._news:
            self._shown[turn] = max(pieces, self._shown.get(turn, 0))
            self._news.notify_all()

    def wait_shown(self, turn, pieces):
        """Whether the page has shown that many pieces, in time."""
        with self._news:
            return self._news.wait_for(lambda: self._shown.get(turn, 0) >= pieces, PATIENCE)


def answer(turn):
    """The pieces of the answer to a turn."""
    return ["Piece by piece, ", "and not before ", "the last was shown: ", turn, " – 終."]


def claude(pieces):
    """Events as Claude's page gets them, piece by piece."""
    def event(kind, **more):
        return f"event: {kind}\ndata: {json.dumps({'type': kind, **more})}\n\n"

    def delta(text):
        return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})

    start = event("message_start", message={"id": "chatcompl_lab", "type": "message", "role": "assistant",
                                            "model": MODELS["claude.ai"], "content": []})
    start += event("content_block_start", index=0, content_block={"type": "text", "text": ""})
    end = event("content_block_stop", index=0) + event("message_stop")
    yield start + delta(pieces[0])
    for piece in pieces[1:-1]:
        yield delta(piece)
    yield delta(pieces[-1]) + end


def chatgpt(pieces):
    """Events as ChatGPT's page gets them."""
    def event(value, name="event: delta\n"):
        return f"{name}data: {json.dumps(value)}\n\n"

    message = {"id": "lab", "author": {"role": "assistant"}, "content": {"content_type": "text", "parts": [""]},
               "status": "in_progress", "metadata": {"model_slug": MODELS["chatgpt.com"]}}
    start = event("v1", "event: delta_encoding\n") + event({"v": {"message": message, "conversation_id": "lab"}, "c": 0})
    yield start + event({"p": "/message/content/parts/0", "o": "append", "v": pieces[0]})
    for piece in pieces[1:-1]:
        yield event({"v": piece})
    yield event({"v": pieces[-1]}) + event({"type": "message_stream_complete", "conversation_id": "lab"}, "") + "data: [DONE]\n\n"


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients go when they like."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages = tls = None

    def setup(self):
        self.request.settimeout(60)
        self.request = self.tls.wrap_socket(self.request, server_side=True)
        super().setup()

    def log_message(self, *_):
        """Nothing is written."""

    def do_GET(self):
        host, (path, _, query) = self._host(), self.path.partition("?")
        if path == "/ws" and self.headers.get("sec-websocket-key"):
            return self._echo()
        if path == "/lab/shown":
            asked = urllib.parse.parse_qs(query)
            self.pages.show(asked["turn"][0], int(asked["pieces"][0]))
            return self._whole(b"", "text/plain")
        if path == "/" and host in HOSTS:
            return self._whole(PAGE.read_bytes(), "text/html; charset=utf-8")
        return self._whole(b"not found", "text/plain", 404)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.pages.asked.append({"host": self._host(), "path": self.path, "body": body})
        if self._host() == "claude.ai":
            turn, events = body["prompt"].rsplit(" ", 1)[-1], claude
        else:
            turn, events = body["messages"][0]["content"]["parts"][0].rsplit(" ", 1)[-1], chatgpt
        self._head(200, "text/event-stream; charset=utf-8", ("transfer-encoding", "chunked"))
        for number, piece in enumerate(events(answer(turn))):
            if not self.pages.wait_shown(turn, number):
                self.close_connection = True  # without an end: the page sees it break
                return
            data = piece.encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.write(b"0\r\n\r\n")

    def _host(self):
        return self.headers.get("host", "").partition(":")[0]

    def _head(self, status, kind, *more):
        self.pages.seen.append((self._host(), self.command, self.path))
        self.send_response(status)
        for name, value in (("content-type", kind), ("alt-svc", 'h3=":443"; ma=86400'), *more):
            self.send_header(name, value)
        self.end_headers()

    def _whole(self, body, kind, status=200):
        self._head(status, kind, ("content-length", str(len(body))))
        self.wfile.write(body)

    def _echo(self):
        """Says back what it is told, until the other end closes."""
        self.pages.seen.append((self._host(), "WEBSOCKET", self.path))
        self.send_response(101)
        for name, value in (("connection", "upgrade"), ("upgrade", "websocket"),
                            ("sec-websocket-accept", websocket.accept(self.headers["sec-websocket-key"]))):
            self.send_header(name, value)
        self.end_headers()
        self.close_connection = True
        opened = websocket.Socket(self.rfile, self.connection.sendall, masks=False)
        try:
            while True:
                opened.send(*opened.receive())
        except websocket.Closed:
            opened.send(websocket.CLOSE, b"\x03\xe8")
