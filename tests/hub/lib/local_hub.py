"""A hub of one's own: serves snapshot folders over the HTTP contract of huggingface.co.

    local_hub.py ROOT [--latency-ms N] [--token TOKEN] [--log FILE] [--faults FILE]

ROOT holds org/name folders. A file `.hub.json` in one sets how it is served: `gated`, `private`, `disabled`,
`renamed_to`, `pipeline_tag`, and `revisions`, which maps branches and tags to other folders. Small files come from the
hub itself by way of a relative redirect, large ones from a second host (another port), as on huggingface.co. The
address is printed on the first line. Standard library only; that the contract is right is proved by fidelity.sh.
"""

import argparse
import asyncio
import dataclasses
import functools
import hashlib
import itertools
import json
import pathlib
import re
import ssl
import struct
import threading
import urllib.parse

LARGE_SUFFIXES = (".safetensors", ".bin", ".h5", ".msgpack", ".onnx", ".pt", ".pth", ".gguf")
LARGE_SIZE = 10 << 20
DATE = "2026-01-02T03:04:05.000Z"
DTYPE_BITS = {"BOOL": 8, "U8": 8, "I8": 8, "F16": 16, "BF16": 16, "F32": 32, "I32": 32, "F64": 64, "I64": 64}
REASONS = {200: "OK", 206: "Partial Content", 302: "Found", 307: "Temporary Redirect", 404: "Not Found"}


# What is served -------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Entry:
    """One file of one revision."""

    path: pathlib.Path
    size: int
    blob_id: str
    sha256: str = ""

    @property
    def etag(self):
        return self.sha256 or self.blob_id

    @property
    def is_large(self):
        return bool(self.sha256)


class Digests:
    """sha256 of files by inode: a hundred links to one large file are read once."""

    def __init__(self):
        self.known = {}

    def of(self, path):
        status = path.stat()
        key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
        if key not in self.known:
            digest = hashlib.sha256()
            with path.open("rb") as file:
                while piece := file.read(1 << 20):
                    digest.update(piece)
            self.known[key] = digest.hexdigest()
        return self.known[key]


def git_blob_id(content):
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def read_entry(path, digests):
    size = path.stat().st_size
    if not path.name.endswith(LARGE_SUFFIXES) and size < LARGE_SIZE:
        return Entry(path, size, git_blob_id(path.read_bytes()))
    sha256 = digests.of(path)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    return Entry(path, size, git_blob_id(pointer.encode()), sha256)


def front_matter(text):
    """The YAML head of a model card, of which cards use `key: value` and lists of words."""
    found, key = {}, None
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---":
        return None
    for line in lines[1:]:
        if line.strip() == "---":
            return found
        if line.startswith("- ") and key:
            found[key] = [*(found[key] or []), line[2:].strip()] if not isinstance(found[key], str) else found[key]
        elif match := re.match(r"(\w[\w-]*):\s*(.*)$", line):
            key = match[1]
            found[key] = match[2].strip("'\" ") or None
    return None


class Revision:
    def __init__(self, name, folder, digests):
        paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != ".hub.json"]
        self.files = {str(path.relative_to(folder)): read_entry(path, digests) for path in paths}
        listing = "".join(f"{path}\0{entry.etag}\n" for path, entry in self.files.items())
        self.sha = hashlib.sha1(f"{name}\n{listing}".encode()).hexdigest()

    def json(self, name):
        entry = self.files.get(name)
        try:
            return json.loads(entry.path.read_bytes()) if entry else {}
        except ValueError:
            return {}

    def card(self):
        entry = self.files.get("README.md")
        return front_matter(entry.path.read_text(errors="replace")) if entry else None

    def siblings(self, with_blobs):
        for path, entry in self.files.items():
            row = {"rfilename": path}
            if with_blobs:
                row |= {"blobId": entry.blob_id, "size": entry.size}
            if with_blobs and entry.is_large:
                row["lfs"] = {"sha256": entry.sha256, "size": entry.size, "pointerSize": 134}
            yield row

    def parameters(self):
        counts = {}
        for path, entry in self.files.items():
            if "/" not in path and path.endswith(".safetensors"):
                for dtype, count in safetensors_counts(entry.path).items():
                    counts[dtype] = counts.get(dtype, 0) + count
        return counts


def safetensors_counts(path):
    counts = {}
    try:
        with path.open("rb") as file:
            header = json.loads(file.read(min(struct.unpack("<Q", file.read(8))[0], 25_000_000)))
        for tensor in (value for key, value in header.items() if key != "__metadata__"):
            begin, end = tensor["data_offsets"]
            bits = DTYPE_BITS.get(tensor["dtype"], 8)
            counts[tensor["dtype"]] = counts.get(tensor["dtype"], 0) + (end - begin) * 8 // bits
    except (ValueError, KeyError, TypeError, struct.error, AttributeError):
        return {}
    return counts


class Model:
    def __init__(self, name, folder, digests):
        self.name = name
        settings = folder / ".hub.json"
        self.settings = json.loads(settings.read_text()) if settings.exists() else {}
        self.revisions = {"main": Revision(name, folder, digests)}
        for revision, other in self.settings.get("revisions", {}).items():
            self.revisions[revision] = Revision(name, folder / other, digests)

    def revision(self, wanted):
        by_commit = {revision.sha: revision for revision in self.revisions.values()}
        return self.revisions.get(wanted) or by_commit.get(wanted)

    def info(self, revision, with_blobs):
        config, card = revision.json("config.json"), revision.card() or {}
        library = card.get("library_name") or ("timm" if "pretrained_cfg" in config else "transformers")
        tag = self.settings.get("pipeline_tag") or card.get("pipeline_tag")
        kept = ("architectures", "model_type", "auto_map", "quantization_config")
        parameters = revision.parameters()
        document = {
            "_id": hashlib.sha1(self.name.encode()).hexdigest()[:24],
            "id": self.name,
            "modelId": self.name,
            "author": self.name.split("/")[0],
            "sha": revision.sha,
            "lastModified": DATE,
            "createdAt": DATE,
            "private": bool(self.settings.get("private")),
            "gated": self.settings.get("gated", False),
            "disabled": bool(self.settings.get("disabled")),
            "downloads": 1,
            "likes": 0,
            "library_name": library,
            "tags": [library, *([tag] if tag else []), "region:us"],
            "config": {key: config[key] for key in kept if key in config},
            "siblings": list(revision.siblings(with_blobs)),
            "spaces": [],
            "usedStorage": sum(entry.size for entry in revision.files.values()),
        }
        if tag:
            document["pipeline_tag"] = tag
        if card:
            document["cardData"] = card
        if parameters:
            document["safetensors"] = {"parameters": parameters, "total": sum(parameters.values())}
        return document


# HTTP -----------------------------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Request:
    method: str
    target: str
    headers: dict
    body: bytes
    host: str  # "hub" or "cdn"

    @property
    def path(self):
        return urllib.parse.urlsplit(self.target).path

    @property
    def query(self):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.target).query, keep_blank_values=True))

    @property
    def token(self):
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""


@dataclasses.dataclass
class Response:
    status: int = 200
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    file: pathlib.Path | None = None  # instead of body
    offset: int = 0
    size: int = 0
    # Faults
    stop_after: int | None = None  # bytes, and then the connection is closed
    hang_after: int | None = None  # bytes, and then nothing
    bytes_per_second: int | None = None
    chunked_extra: int | None = None  # chunked instead of Content-Length, this many bytes behind the body
    flips: bool = False  # the last byte arrives changed

    def length(self):
        return self.size if self.file else len(self.body)

    def pieces(self):
        if not self.file:
            yield self.body
            return
        with self.file.open("rb") as file:
            file.seek(self.offset)
            left = self.size
            while left and (piece := file.read(min(left, 1 << 18))):
                left -= len(piece)
                yield piece


def json_response(document, status=200, headers=None):
    body = json.dumps(document).encode()
    return Response(status, {"Content-Type": "application/json; charset=utf-8", **(headers or {})}, body)


def error(status, code, message):
    headers = {"X-Error-Message": message}
    if code:
        headers["X-Error-Code"] = code
    return json_response({"error": message}, status, headers)


def file_response(request, entry, headers):
    """A static file server's answer to GET and HEAD, ranges included."""
    response = Response(200, {"Accept-Ranges": "bytes", **headers}, file=entry.path, size=entry.size)
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("range", ""))
    if not match or match[1] == match[2] == "":
        return response
    first = int(match[1]) if match[1] else max(entry.size - int(match[2]), 0)
    last = min(int(match[2]) if match[1] and match[2] else entry.size - 1, entry.size - 1)
    if first > last:
        return Response(416, {"Content-Range": f"bytes */{entry.size}"})
    response.status, response.offset, response.size = 206, first, last - first + 1
    response.headers["Content-Range"] = f"bytes {first}-{last}/{entry.size}"
    return response


class LocalHub:
    """`faults` are rules that change answers (see apply_faults), `log` is what was asked; both may be used while the
    hub runs."""

    def __init__(self, root, latency=0.0, token="hf_localtesttoken", tls=None):
        self.root, self.latency, self.valid_token, self.tls = pathlib.Path(root), latency, token, tls
        self.faults, self.log, self.models, self.stored, self.info_cache = [], [], {}, {}, {}
        self.digests = Digests()
        self.scan()

    def scan(self):
        """Looks at the folders again, after a change."""
        self.info_cache.clear()
        for folder in sorted(path for path in self.root.glob("*/*") if path.is_dir()):
            name = str(folder.relative_to(self.root))
            self.models[name] = Model(name, folder, self.digests)
        for model in self.models.values():
            for revision in model.revisions.values():
                self.stored |= {entry.sha256: entry for entry in revision.files.values() if entry.is_large}

    # Addresses

    def url(self, path=""):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{path}"

    def storage_url(self, path=""):
        return f"{'https' if self.tls else 'http'}://127.0.0.2:{self.storage_port}{path}"

    # Answers

    def answer(self, request):
        if request.host == "cdn":
            return self.answer_storage(request)
        if request.token and request.token != self.valid_token and not request.token.endswith("noaccess"):
            return error(401, "", "Invalid credentials in Authorization header")
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(/.*)?", request.path):
            return self.answer_api(request, match[1], match[2] or "")
        if match := re.fullmatch(r"/api/resolve-cache/models/([^/]+/[^/]+)/([0-9a-f]{40})/(.+)", request.path):
            return self.answer_resolve(request, *match.groups(), cached=True)
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", request.path):
            return self.answer_resolve(request, *match.groups())
        if request.path == "/api/whoami-v2":
            return json_response({"name": "tester"}) if request.token else error(401, "", "Not logged in")
        return error(404, "", "Sorry, we can't find the page you are looking for.")

    def find_model(self, request, name):
        """The model, or the answer that stands for it."""
        model = self.models.get(name)
        if not model:
            for other in self.models:
                if other.lower() == name.lower():
                    return self.moved(request, name, other)
        allowed = request.token == self.valid_token
        if not model or (model.settings.get("private") and not allowed):
            # Who is not known is not told whether it exists.
            status = 404 if request.token else 401
            return error(status, "RepoNotFound", "Repository not found" if status == 404 else
                         "Invalid username or password.")
        if model.settings.get("disabled"):
            return error(403, "", "Access to this resource is disabled.")
        if "renamed_to" in model.settings:
            return self.moved(request, name, model.settings["renamed_to"])
        return model

    @staticmethod
    def moved(request, old, new):
        return Response(307, {"Location": request.target.replace(f"/{old}", f"/{new}", 1)})

    def answer_api(self, request, name, rest):
        model = self.find_model(request, name)
        if isinstance(model, Response):
            return model
        if rest == "/auth-check":
            return self.check_gate(request, model) or json_response({})
        if rest == "/refs":
            return json_response(self.refs(model))
        match = re.fullmatch(r"(?:/(revision|tree|paths-info)/([^/]+)(?:/(.*))?)?", rest)
        kind, wanted = (match[1] or "revision", urllib.parse.unquote(match[2] or "main")) if match else ("", "")
        revision = model.revision(wanted)
        if not revision:
            return error(404, "RevisionNotFound", f"Invalid rev id: {wanted}")
        if kind == "tree":
            return json_response([self.tree_row(path, entry) for path, entry in revision.files.items()])
        if kind == "paths-info":
            asked = urllib.parse.parse_qs(request.body.decode()).get("paths", [])
            asked = asked or json.loads(request.body or b"{}").get("paths", [])
            known = [path for path in asked if path in revision.files]
            return json_response([self.tree_row(path, revision.files[path]) for path in known])
        return self.answer_info(request, model, revision)

    def answer_info(self, request, model, revision):
        with_blobs = request.query.get("blobs", "").lower() in ("true", "1")
        key = (model.name, revision.sha, with_blobs)
        if key not in self.info_cache:
            self.info_cache[key] = json_response(model.info(revision, with_blobs)).body
        return Response(200, {"Content-Type": "application/json; charset=utf-8"}, self.info_cache[key])

    @staticmethod
    def refs(model):
        branches = [{"name": name, "ref": f"refs/heads/{name}", "targetCommit": revision.sha}
                    for name, revision in model.revisions.items() if not name.startswith("refs/")]
        return {"branches": branches, "tags": [], "converts": []}

    @staticmethod
    def tree_row(path, entry):
        row = {"type": "file", "path": path, "size": entry.size, "oid": entry.blob_id}
        if entry.is_large:
            row["lfs"] = {"oid": entry.sha256, "size": entry.size, "pointerSize": 134}
        return row

    def check_gate(self, request, model):
        if model.settings.get("gated") and request.token != self.valid_token:
            return error(403 if request.token else 401, "GatedRepo",
                         f"Access to model {model.name} is restricted. You must have access to it and be "
                         "authenticated to access it. Please log in.")
        return None

    def answer_resolve(self, request, name, revision_name, path, cached=False):
        model = self.find_model(request, name)
        if isinstance(model, Response):
            return model
        if refused := self.check_gate(request, model):
            return refused
        revision = model.revision(urllib.parse.unquote(revision_name))
        if not revision:
            return error(404, "RevisionNotFound", f"Invalid rev id: {revision_name}")
        path = urllib.parse.unquote(path)
        entry = revision.files.get(path)
        if not entry:
            missing = error(404, "EntryNotFound", "Entry not found")
            missing.headers["X-Repo-Commit"] = revision.sha
            return missing
        headers = {"X-Repo-Commit": revision.sha, "ETag": f'"{entry.blob_id}"'}
        if entry.is_large:
            return self.to_storage(entry, path, headers)
        if cached:
            return file_response(request, entry, {**headers, "Content-Type": "text/plain; charset=utf-8"})
        where = f"/api/resolve-cache/models/{name}/{revision.sha}/{urllib.parse.quote(path)}"
        return Response(307, {**headers, "X-Linked-Size": str(entry.size), "Location": f"{where}?etag={entry.blob_id}"})

    def to_storage(self, entry, path, headers):
        headers |= {"X-Linked-Etag": f'"{entry.sha256}"', "X-Linked-Size": str(entry.size)}
        name = urllib.parse.quote(pathlib.PurePath(path).name)
        query = f"X-Amz-Signature=secret-signature&filename={name}"
        headers["Location"] = self.storage_url(f"/repos/{entry.sha256}?{query}")
        return Response(302, headers)

    def answer_storage(self, request):
        """Signed addresses: a token beside the signature is refused, as S3 does."""
        if "authorization" in request.headers or "cookie" in request.headers:
            return Response(400, {}, b"<Error><Code>InvalidArgument</Code></Error>")
        entry = self.stored.get(request.path.removeprefix("/repos/"))
        if not entry or "X-Amz-Signature" not in request.query:
            return Response(403, {}, b"<Error><Code>AccessDenied</Code></Error>")
        return file_response(request, entry, {"ETag": f'"{entry.sha256}"', "Content-Type": "application/octet-stream"})

    def apply_faults(self, request, response):
        """A rule is {"match": REGEX of "hub /path" or "cdn /path", "times": N (else for ever), and what to do}."""
        for rule in self.faults:
            if rule.get("times", 1) < 1 or not re.search(rule["match"], f"{request.host} {request.path}"):
                continue
            if "times" in rule:
                rule["times"] -= 1
            if "status" in rule:
                response = Response(rule["status"], {}, rule.get("body", "").encode())
            if "ignore_range" in rule and response.file:
                response.status, response.offset, response.size = 200, 0, response.file.stat().st_size
                response.headers.pop("Content-Range", None)
            for name, value in rule.get("headers", {}).items():
                response.headers.pop(name, None)
                if value is not None:
                    response.headers[name] = value
            for name in ("hang_after", "bytes_per_second", "chunked_extra", "flips", "stop_after"):
                if name in rule:
                    setattr(response, name, rule[name])
            if "stop_at" in rule:
                response.stop_after = int(response.length() * rule["stop_at"])
            return response
        return response

    # The servers

    async def serve(self, reader, writer, host):
        try:
            while request := await read_request(reader, host):
                if self.latency:
                    await asyncio.sleep(self.latency)
                response = self.apply_faults(request, self.answer(request))
                row = {"host": host, "method": request.method, "path": request.path, "status": response.status,
                       "token": bool(request.token), "range": request.headers.get("range", ""), "sent": 0}
                self.log.append(row)
                if not await send(writer, request, response, row):
                    break
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError):
            pass
        finally:
            writer.close()

    async def start(self):
        servers = []
        for host, address in (("hub", "127.0.0.1"), ("cdn", "127.0.0.2")):
            serve = functools.partial(self.serve, host=host)
            servers.append(await asyncio.start_server(serve, address, 0, ssl=self.tls, backlog=512))
        self.port, self.storage_port = (server.sockets[0].getsockname()[1] for server in servers)
        return servers

    def start_in_background(self):
        """For tests in Python: returns when it listens; ends with the process."""
        ready = threading.Event()

        async def main():
            self.servers = await self.start()
            ready.set()
            await asyncio.Event().wait()

        threading.Thread(target=lambda: asyncio.run(main()), daemon=True).start()
        ready.wait()
        return self


async def read_request(reader, host):
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, target, headers, body, host)


def head_of(response):
    lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Status')}"]
    headers = {"X-Request-Id": "Root=1-local", "RateLimit": '"resolvers";r=2999;t=300', **response.headers}
    if response.chunked_extra is not None:
        headers["Transfer-Encoding"] = "chunked"
    elif "Content-Length" not in headers:
        headers["Content-Length"] = str(response.length())
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def limited(response):
    """The body's pieces up to where a fault ends them."""
    limit = next((value for value in (response.stop_after, response.hang_after) if value is not None), None)
    left = response.length() if limit is None else limit
    total = response.length()
    seen = 0
    for piece in response.pieces():
        piece = piece[:left]
        seen += len(piece)
        left -= len(piece)
        if response.flips and seen == total and piece:
            piece = piece[:-1] + bytes([piece[-1] ^ 1])
        if piece:
            yield piece


async def send(writer, request, response, row):
    """False when the connection cannot be used any more."""
    head = head_of(response)
    if request.method == "HEAD":
        writer.write(head)
        await writer.drain()
        return True
    pieces = limited(response)
    first = next(pieces, b"")
    if response.chunked_extra is not None:
        return await send_chunked(writer, head, [first, *pieces], response.chunked_extra)
    if response.bytes_per_second:
        return await send_slowly(writer, head, [first, *pieces], response.bytes_per_second)
    row["sent"] += len(first)
    writer.write(head + first)
    await writer.drain()
    for piece in pieces:
        row["sent"] += len(piece)
        writer.write(piece)
        await writer.drain()
    if response.hang_after is not None:
        await asyncio.sleep(3600)
    return response.stop_after is None


async def send_slowly(writer, head, pieces, bytes_per_second):
    writer.write(head)
    for byte in b"".join(pieces):
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(1 / bytes_per_second)
    return True


async def send_chunked(writer, head, pieces, extra):
    writer.write(head)
    endless = (b"x" * (1 << 16) for _ in range(extra >> 16))
    for piece in itertools.chain(pieces, endless, [b"x" * (extra % (1 << 16))]):
        if piece:
            writer.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
            await writer.drain()
    writer.write(b"0\r\n\r\n")
    await writer.drain()
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root")
    parser.add_argument("--latency-ms", type=float, default=0, help="added before every answer")
    parser.add_argument("--token", default="hf_localtesttoken", help="the one that is valid")
    parser.add_argument("--log", help="a JSON line for each answer, written five times a second")
    parser.add_argument("--faults", help="a JSON file with rules")
    options = parser.parse_args()
    hub = LocalHub(options.root, options.latency_ms / 1000, options.token)
    if options.faults:
        hub.faults = json.loads(pathlib.Path(options.faults).read_text())

    async def run():
        await hub.start()
        print(hub.url(), flush=True)
        written = 0
        while True:
            await asyncio.sleep(0.2)
            if options.log and len(hub.log) > written:
                with open(options.log, "a", encoding="utf-8") as file:
                    file.writelines(json.dumps(row) + "\n" for row in hub.log[written:])
                written = len(hub.log)

    asyncio.run(run())


if __name__ == "__main__":
    main()
