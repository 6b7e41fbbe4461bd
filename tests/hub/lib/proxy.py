"""A forward proxy for tests: CONNECT and plain requests, with a name and password if asked for."""

import base64
import socket
import socketserver
import threading
import urllib.parse


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        head = [self.rfile.readline()]
        while head[-1] not in (b"\r\n", b""):
            head.append(self.rfile.readline())
        words = head[0].decode().split()
        if len(words) < 2:
            return
        self.server.seen.append(words[1])
        if self.server.wanted and not self.is_allowed(head):
            self.wfile.write(b'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="p"\r\n'
                             b"Content-Length: 0\r\nConnection: close\r\n\r\n")
            return
        self.relay(words, head)

    def is_allowed(self, head):
        wanted = b"Proxy-Authorization: Basic " + base64.b64encode(self.server.wanted.encode())
        return any(line.strip().lower() == wanted.lower() for line in head)

    def relay(self, words, head):
        tunnel = words[0] == "CONNECT"
        split = urllib.parse.urlsplit(f"//{words[1]}" if tunnel else words[1])
        with socket.create_connection((split.hostname, split.port)) as upstream:
            if tunnel:
                self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                target = f"{split.path}?{split.query}" if split.query else split.path
                kept = [line for line in head[1:-1] if not line.lower().startswith((b"proxy-", b"connection:"))]
                upstream.sendall(f"{words[0]} {target} HTTP/1.1\r\n".encode() + b"".join(kept) +
                                 b"Connection: close\r\n\r\n")
            back = threading.Thread(target=pump, args=(upstream, self.connection), daemon=True)
            back.start()
            if tunnel:
                pump(self.connection, upstream)
            back.join()


def pump(source, target):
    try:
        while piece := source.recv(1 << 16):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Proxy(socketserver.ThreadingTCPServer):
    """`seen` is what was asked for; `wanted` is "NAME:PASSWORD"."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, wanted=""):
        super().__init__(("127.0.0.1", 0), Handler)
        self.wanted, self.seen = wanted, []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"
