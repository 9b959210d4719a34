"""HTTP/2 as it is on the wire (RFC 9113), written by hand so that it can be wrong, and as much of HPACK
(RFC 7541) as tells a status.
"""
import socket
import struct

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
(DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION) = range(10)
END_STREAM = ACK = 1
END_HEADERS, PADDED, PRIORITISED = 4, 8, 32
CODES = ("NO_ERROR PROTOCOL_ERROR INTERNAL_ERROR FLOW_CONTROL_ERROR SETTINGS_TIMEOUT STREAM_CLOSED FRAME_SIZE_ERROR "
         "REFUSED_STREAM CANCEL COMPRESSION_ERROR CONNECT_ERROR ENHANCE_YOUR_CALM INADEQUATE_SECURITY HTTP_1_1_REQUIRED").split()
# RFC 7541, appendix A: the statuses, and appendix B: the digits.
STATUSES = {8: 200, 9: 204, 10: 206, 11: 304, 12: 400, 13: 404, 14: 500}
DIGITS = {"00000": "0", "00001": "1", "00010": "2", "011001": "3", "011010": "4", "011011": "5", "011100": "6",
          "011101": "7", "011110": "8", "011111": "9"}


def frame(kind, flags=0, stream=0, payload=b"", length=None):
    """A frame; `length` is what it says of itself, when that is to be wrong."""
    size = len(payload) if length is None else length
    return struct.pack(">I", size)[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def integer(value, bits, first=0):
    """RFC 7541 §5.1."""
    most = (1 << bits) - 1
    if value < most:
        return bytes([first | value])
    out, value = [first | most], value - most
    while value >= 128:
        out.append(value % 128 | 128)
        value //= 128
    return bytes([*out, value])


def fields(pairs, indexed=False):
    """Literal fields (RFC 7541 §6.2): nothing is compressed, so that every byte is ours."""
    out = b""
    for name, value in pairs:
        name, value = (text.encode("latin-1") if isinstance(text, str) else text for text in (name, value))
        out += (b"\x40" if indexed else b"\x00") + integer(len(name), 7) + name + integer(len(value), 7) + value
    return out


def status(block):
    """The status at a header block's beginning: that is where it stands."""
    while block and block[0] & 0xE0 == 0x20:
        block = block[1:]  # A table's new size; ours are small.
    if not block:
        return None
    if block[0] & 0x80:
        return STATUSES.get(block[0] & 0x7F)
    length, huffman = block[1] & 0x7F, block[1] & 0x80
    value = block[2:2 + length]
    if not huffman:
        return int(value)
    bits, said = "".join(f"{byte:08b}" for byte in value), ""
    while len(said) < 3:
        found = next((code for code in DIGITS if bits.startswith(code)), None)
        if found is None:
            return None
        said, bits = said + DIGITS[found], bits[len(found):]
    return int(said)


class Peer:
    """A connection that speaks HTTP/2, as wrongly as it is told to."""

    def __init__(self, bed, settings=b"", preface=PREFACE, begin=True):
        self.bed, self.connection, self.rest, self.closed = bed, bed.connect(), b"", False
        if begin:
            self.send(preface + frame(SETTINGS, payload=settings))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def send(self, data):
        """Sends it, for as far as the other side takes it."""
        try:
            self.connection.sendall(data)
            return True
        except (ConnectionError, TimeoutError):
            return False

    def request(self, stream=1, more=(), end=True, drop=(), change=None, key=None, method="POST"):
        """A frame of headers that asks for a chat; what of it is dropped, changed and added."""
        pairs = [(":method", method), (":scheme", "http"), (":path", "/openai/v1/chat/completions"),
                 (":authority", "gateway")]
        pairs += [("authorization", f"Bearer {key or self.bed.key}"), ("content-type", "application/json")]
        pairs = [(name, (change or {}).get(name, value)) for name, value in pairs if name not in drop]
        return frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, fields([*pairs, *more]))

    def chat(self, stream=1, marker="h2-outer", more=(), **how):
        """A whole call."""
        body = self.bed.chat(marker)
        return self.request(stream, more, end=False, **how) + frame(DATA, END_STREAM, stream, body)

    def frames(self, wait=5.0):
        """Frames as they come, until the connection ends or nothing comes for so long."""
        self.connection.settimeout(wait)
        while True:
            while len(self.rest) < 9 or len(self.rest) < 9 + int.from_bytes(self.rest[:3], "big"):
                try:
                    piece = self.connection.recv(65536)
                except socket.timeout:
                    return
                except OSError:
                    piece = b""
                if not piece:
                    self.closed = True
                    return
                self.rest += piece
            size = int.from_bytes(self.rest[:3], "big")
            kind, flags, stream = struct.unpack(">BBI", self.rest[3:9])
            payload, self.rest = self.rest[9:9 + size], self.rest[9 + size:]
            yield kind, flags, stream, payload

    def outcome(self, stream=1, wait=5.0):
        """What comes of a stream first: `("goaway", code)`, `("reset", code)`, `("status", n)`, `("closed", "")`,
        `("quiet", "")`; a ping of ours that is answered counts as `("pong", "")` when no stream is asked for."""
        for kind, flags, on, payload in self.frames(wait):
            if kind == GOAWAY:
                code = int.from_bytes(payload[4:8], "big")
                if code:
                    return "goaway", name(code)
            elif kind == RST_STREAM and on == stream:
                return "reset", name(int.from_bytes(payload, "big"))
            elif kind == HEADERS and on == stream:
                return "status", status(payload)
            elif kind == PING and flags & ACK and stream is None:
                return "pong", payload
        return ("closed", "") if self.closed else ("quiet", "")


def name(code):
    """An error code's name (RFC 9113 §7)."""
    return CODES[code] if code < len(CODES) else hex(code)
