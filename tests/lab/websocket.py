"""WebSockets (RFC 6455), as much as the lab needs: a server's end for the stand-in pages, and a client's
end to drive browsers with."""
import base64
import hashlib
import os
import socket
import struct

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §1.3
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
LARGEST = 64 << 20


class Closed(Exception):
    """The other end has closed."""


class Socket:
    """An open WebSocket: `reader` and `write` are the connection's, whatever carries it."""

    def __init__(self, reader, write, masks):
        self._reader, self._write, self._masks = reader, write, masks

    def send(self, kind, data):
        """Sends one message, in one frame."""
        length, bit = len(data), 0x80 if self._masks else 0
        if length < 126:
            head = struct.pack("!BB", 0x80 | kind, bit | length)
        elif length < 1 << 16:
            head = struct.pack("!BBH", 0x80 | kind, bit | 126, length)
        else:
            head = struct.pack("!BBQ", 0x80 | kind, bit | 127, length)
        if self._masks:
            mask = os.urandom(4)
            head, data = head + mask, _masked(data, mask)
        self._write(head + data)

    def receive(self):
        """The next message and its kind; pings are answered on the way."""
        whole, of = b"", None
        while True:
            final, kind, data = self._frame()
            if kind == PING:
                self.send(PONG, data)
            elif kind == CLOSE:
                raise Closed(data)
            elif kind != PONG:
                whole, of = whole + data, of or kind
                if final:
                    return of, whole

    def _frame(self):
        first, second = self._exactly(2)
        length = second & 0x7F
        if length == 126:
            length, = struct.unpack("!H", self._exactly(2))
        elif length == 127:
            length, = struct.unpack("!Q", self._exactly(8))
        if length > LARGEST:
            raise Closed(f"a frame of {length} bytes")
        mask = self._exactly(4) if second & 0x80 else None
        data = self._exactly(length)
        return bool(first & 0x80), first & 0x0F, _masked(data, mask) if mask else data

    def _exactly(self, length):
        data = self._reader.read(length)
        if len(data) < length:
            raise Closed("gone")
        return data


def _masked(data, mask):
    """RFC 6455 §5.3, on whole numbers instead of byte by byte."""
    key = (mask * (len(data) // 4 + 1))[:len(data)]
    return (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(len(data), "big")


def accept(key):
    """What a server answers to `sec-websocket-key`."""
    return base64.b64encode(hashlib.sha1((key + _MAGIC).encode()).digest()).decode()


def connect(host, port, path, seconds):
    """A client's end, in clear text."""
    stream = socket.create_connection((host, port), timeout=seconds)
    key = base64.b64encode(os.urandom(16)).decode()
    stream.sendall(f"GET {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
                   f"sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n\r\n".encode())
    reader = stream.makefile("rb")
    status = reader.readline().decode()
    fields = {}
    while line := reader.readline().strip():
        name, _, value = line.decode().partition(":")
        fields[name.lower()] = value.strip()
    if " 101 " not in status or fields.get("sec-websocket-accept") != accept(key):
        raise Closed(f"{status.strip()}: no WebSocket")
    opened = Socket(reader, stream.sendall, masks=True)
    opened.close = stream.close
    return opened
