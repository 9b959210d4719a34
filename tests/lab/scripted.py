"""A provider that says what a lab wants, cut where the lab wants it, and keeps every byte that it was sent.

It speaks what Claude Code (Messages) and Codex (Responses, over HTTP and over a WebSocket) speak. Only calls that offer tools are turns of
the script; whatever else a client asks (a title, a count of tokens, telemetry) gets a dull answer.
"""
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

import websocket


class Text:
    """Something that is said, a delta for each piece."""

    def __init__(self, *pieces):
        self.pieces = pieces


class Call:
    """A tool that is called, a delta for each piece of its arguments."""

    def __init__(self, name, *pieces):
        self.name, self.pieces = name, pieces


def arguments(value, *within):
    """A tool's arguments as JSON, cut twice in the midst of each of these."""
    return cut(json.dumps(value), *within)


def cut(text, *within):
    """A text in pieces, cut twice in the midst of each of these wherever it stands."""
    at = {0, len(text)}
    for word in within:
        start = text.find(word)
        while start >= 0:
            at |= {start + len(word) // 3, start + 2 * len(word) // 3}
            start = text.find(word, start + 1)
    edges = sorted(at)
    return [text[a:b] for a, b in zip(edges, edges[1:])]


class Provider:
    """Use it as a context, then `listen`. `seen` has path, headers and body of each request."""

    def __init__(self):
        self.seen = []
        self.sockets = 0
        self._script = []
        self._lock = threading.Lock()
        self._servers = []
        self.serial = count(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def listen(self, address, port=0, files=None):
        """Serves there, with TLS where a certificate and its key are given. Gives the port."""
        server = Server((address, port), Handler)
        server.provider = self
        if files:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*files)
            context.set_alpn_protocols(["http/1.1"])
            # The handshake is each connection's own: one that says nothing holds up nobody.
            server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self._servers.append(server)
        return server.server_address[1]

    def plays(self, *turns):
        """The next turns: each is a list of texts and calls, or makes one of the request. Forgets what was
        seen before."""
        with self._lock:
            self._script = list(turns)
            self.seen = []

    def left(self):
        """How many turns nobody asked for."""
        with self._lock:
            return len(self._script)

    def bodies(self):
        """Everything that was sent here: targets, headers and bodies."""
        with self._lock:
            return b"\n".join(part for seen in self.seen for part in
                              (seen["path"].encode(), json.dumps(seen["headers"]).encode(), seen["body"]))

    def turns(self):
        """The bodies of calls that offer tools."""
        with self._lock:
            seen = [seen["body"] for seen in self.seen if seen["turn"]]
        return [json.loads(body) for body in seen]

    def note(self, path, headers, body):
        """Notes a request. Gives its JSON, and what to say where it is a turn."""
        try:
            asked = json.loads(body)
        except ValueError:
            asked = None
        spoken = path.split("?")[0]
        turn = (spoken.endswith(("/messages", "/responses")) and isinstance(asked, dict) and bool(asked.get("tools"))
                and asked.get("generate") is not False)
        with self._lock:
            self.seen.append({"path": path, "headers": headers, "body": body, "turn": turn})
            said = self._script.pop(0) if turn and self._script else [Text("done")]
        return asked, said(asked) if callable(said) else said


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients leave when they like; what that breaks is no news."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        """The lab tells what matters."""

    def body(self):
        if "chunked" in self.headers.get("transfer-encoding", ""):
            whole = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                whole += self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return whole
        return self.rfile.read(int(self.headers.get("content-length", 0)))

    def do_POST(self):
        asked, said = self.server.provider.note(self.path, dict(self.headers), self.body())
        path = self.path.split("?")[0]
        if path.endswith("/count_tokens"):
            return self.whole(200, {"input_tokens": 10})
        number = next(self.server.provider.serial)
        if path.endswith("/messages"):
            events = messages(number, asked or {}, said)
        elif path.endswith("/responses"):
            events = responses(number, asked or {}, said)
        else:
            return self.whole(404, {"type": "error", "error": {"type": "not_found_error", "message": "nothing here"}})
        if not (asked or {}).get("stream"):
            return self.whole(200, whole_of(events))
        return self.stream(events)

    def do_GET(self):
        if self.headers.get("upgrade", "").lower() == "websocket" and self.path.split("?")[0].endswith("/responses"):
            return self.talk()
        self.server.provider.note(self.path, dict(self.headers), b"")
        self.whole(404, {"type": "error", "error": {"type": "not_found_error", "message": "nothing here"}})

    def talk(self):
        """The Responses API over a WebSocket. What continues a response is noted with what came before it."""
        self.close_connection = True
        if "sec-websocket-extensions" in self.headers:
            return self.whole(400, {"error": {"message": "no extensions here"}})
        self.send_response(101)
        self.send_header("connection", "Upgrade")
        self.send_header("upgrade", "websocket")
        self.send_header("sec-websocket-accept", websocket.accept(self.headers["sec-websocket-key"]))
        self.end_headers()
        socket = websocket.Socket(self.rfile, self.wfile.write, masks=False)
        self.server.provider.sockets += 1
        last, before = None, []
        try:
            while True:
                _, message = socket.receive()
                asked = json.loads(message)
                if asked["type"] != "response.create":
                    continue
                continued = asked.get("previous_response_id")
                if continued not in (None, last):
                    error = {"type": "invalid_request_error", "code": "previous_response_not_found", "message": "none such"}
                    socket.send(websocket.TEXT, json.dumps({"type": "error", "status": 400, "error": error}).encode())
                    continue
                whole = {**asked, "input": (before if continued else []) + asked["input"]}
                _, said = self.server.provider.note(self.path, dict(self.headers), json.dumps(whole).encode())
                if asked.get("generate") is False:
                    said = []
                for event in responses(next(self.server.provider.serial), asked, said):
                    if event["type"] == "response.completed":
                        last, before = event["response"]["id"], whole["input"] + event["response"]["output"]
                    socket.send(websocket.TEXT, json.dumps(event).encode())
        except websocket.Closed:
            pass

    def whole(self, status, value):
        said = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def stream(self, events):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for event in events:  # each in a chunk and a write of its own
            said = f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(said), said))
            self.wfile.flush()
        self.wfile.write(b"0\r\n\r\n")


def messages(number, asked, said):
    """The events of an answer of the Messages API."""
    message = {"id": f"msg_lab_{number}", "type": "message", "role": "assistant", "model": asked.get("model", "lab"),
               "content": [], "stop_reason": None, "stop_sequence": None,
               "usage": {"input_tokens": 10, "output_tokens": 1}}
    yield {"type": "message_start", "message": message}
    for index, part in enumerate(said):
        if isinstance(part, Call):
            block = {"type": "tool_use", "id": f"toolu_lab_{number}_{index}", "name": part.name, "input": {}}
            deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in part.pieces]
        else:
            block = {"type": "text", "text": ""}
            deltas = [{"type": "text_delta", "text": piece} for piece in part.pieces]
        yield {"type": "content_block_start", "index": index, "content_block": block}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    calls = any(isinstance(part, Call) for part in said)
    yield {"type": "message_delta", "usage": {"output_tokens": 20},
           "delta": {"stop_reason": "tool_use" if calls else "end_turn", "stop_sequence": None}}
    yield {"type": "message_stop"}


def item(number, index, part):
    """An item of an answer of the Responses API."""
    if isinstance(part, Call):
        return {"type": "function_call", "id": f"fc_lab_{number}_{index}", "call_id": f"call_lab_{number}_{index}",
                "name": part.name, "arguments": "".join(part.pieces), "status": "completed"}
    content = {"type": "output_text", "text": "".join(part.pieces), "annotations": []}
    return {"type": "message", "id": f"msg_lab_{number}_{index}", "role": "assistant", "status": "completed",
            "content": [content]}


def responses(number, asked, said):
    """The events of an answer of the Responses API: what the deltas add up to is said again at the end of each
    part, of each item, and of all."""
    items = [item(number, index, part) for index, part in enumerate(said)]
    done = {"id": f"resp_lab_{number}", "object": "response", "created_at": 1_767_225_600, "status": "completed",
            "model": asked.get("model", "lab"), "output": items, "error": None, "incomplete_details": None,
            "usage": {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 0}, "output_tokens": 20,
                      "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": 30}}
    counted = count()

    def event(kind, **more):
        return {"type": kind, "sequence_number": next(counted), **more}

    yield event("response.created", response={**done, "status": "in_progress", "output": [], "usage": None})
    for index, (part, whole) in enumerate(zip(said, items)):
        at = {"item_id": whole["id"], "output_index": index}
        if isinstance(part, Call):
            opening = {**whole, "status": "in_progress", "arguments": ""}
            yield event("response.output_item.added", output_index=index, item=opening)
            for piece in part.pieces:
                yield event("response.function_call_arguments.delta", **at, delta=piece)
            yield event("response.function_call_arguments.done", **at, arguments=whole["arguments"])
        else:
            opening = {**whole, "status": "in_progress", "content": []}
            yield event("response.output_item.added", output_index=index, item=opening)
            at["content_index"] = 0
            empty = {"type": "output_text", "text": "", "annotations": []}
            yield event("response.content_part.added", **at, part=empty)
            for piece in part.pieces:
                yield event("response.output_text.delta", **at, delta=piece)
            yield event("response.output_text.done", **at, text=whole["content"][0]["text"])
            yield event("response.content_part.done", **at, part=whole["content"][0])
        yield event("response.output_item.done", output_index=index, item=whole)
    yield event("response.completed", response=done)


def whole_of(events):
    """The same answer in one piece."""
    last, content, message = None, [], None
    for event in events:
        last = event
        if event["type"] == "message_start":
            message = dict(event["message"])
        elif event["type"] == "content_block_start":
            content.append({**event["content_block"], "json": ""})
        elif event["type"] == "content_block_delta":
            delta = event["delta"]
            content[-1]["json"] += delta.get("partial_json", "")
            if "text" in delta:
                content[-1]["text"] += delta["text"]
        elif event["type"] == "message_delta":
            message["stop_reason"] = event["delta"]["stop_reason"]
    if message is None:
        return last["response"]
    for block in content:
        told = block.pop("json")
        if block["type"] == "tool_use":
            block["input"] = json.loads(told or "{}")
    return {**message, "content": content}
