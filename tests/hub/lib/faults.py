"""What a hub, a proxy and a line can do wrong, and what taohf makes of it.

Usage: faults.py TAOHF WORKSPACE FOLDER [ID]

Each function `F<n>_...` is a row of the catalogue: it starts a hub of its own, breaks it, runs taohf and looks at exit
code, message and number of tries. After every row the token must not be found anywhere but in the hub's first host.
WORKSPACE has the phases/ whose only step fetches a model. Standard library only.
"""

import concurrent.futures
import gzip
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import time
import traceback
import warnings

import local_hub
from proxy import Proxy

TOKEN = "hf_CanaryTokenThatMustNotLeak42"
WEIGHTS = r"^cdn /repos/"
INFO = r"^hub /api/models/"
SMALL = r"^hub /api/resolve-cache/.*/config\.json"
RESOLVE = r"^hub /org/.*/resolve/.*model\.safetensors"
INSPECT_CALLS = {"metadata": INFO, "config": SMALL, "weights at the hub": RESOLVE, "weights at the storage": WEIGHTS}


class Outcome:
    def __init__(self, done, seconds, log):
        self.code, self.out, self.err, self.seconds, self.log = done.returncode, done.stdout, done.stderr, seconds, log

    def tries(self, pattern):
        return sum(bool(re.search(pattern, f"{row['host']} {row['path']}")) for row in self.log)

    def expect(self, code, *texts):
        found = f"exit code {self.code}, {self.seconds:.1f} s\n{self.out}\n{self.err}"
        assert self.code == code, f"expected exit code {code}: {found}"
        for text in texts:
            assert text in self.err, f"expected '{text}': {found}"
        if code != 0:
            assert "\nnext: " in self.err or "next: " in self.err, f"nothing says what to do: {found}"
        return self

    def expect_tries(self, pattern, number):
        assert self.tries(pattern) == number, f"{self.tries(pattern)} tries of {pattern}, expected {number}"
        return self


class World:
    """A hub with a model or two, and a taohf with a home of its own."""

    def __init__(self, name, tls=None):
        self.folder = FOLDER / name
        (self.folder / "hub/org").mkdir(parents=True)
        shutil.copytree(DIGITS, self.folder / "hub/org/digits")
        gated = self.folder / "hub/org/gated"
        shutil.copytree(DIGITS, gated)
        (gated / ".hub.json").write_text('{"gated": "auto"}')
        self.hub = local_hub.LocalHub(self.folder / "hub", token=TOKEN, tls=tls).start_in_background()
        shutil.copytree(WORKSPACE, self.folder / "ws")
        self.environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8",
                            "HF_TOKEN": TOKEN, "HF_ENDPOINT": self.hub.url(), "DOCKER_HOST": "unix:///nowhere",
                            "NO_PROXY": "127.0.0.1,127.0.0.2"}
        self.outcomes = []

    def run(self, arguments, before=(), **environment):
        self.hub.log.clear()
        started = time.monotonic()
        surroundings = {key: value for key, value in {**self.environment, **environment}.items() if value is not None}
        done = subprocess.run([*before, TAOHF, *arguments], env=surroundings, text=True, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=400, cwd=self.folder)
        outcome = Outcome(done, time.monotonic() - started, list(self.hub.log))
        self.outcomes.append(outcome)
        return outcome

    def inspect(self, model="org/digits", **environment):
        return self.run(["--json" if environment.pop("as_json", False) else "--no-color", "inspect", model],
                        **environment)

    def fetch(self, model="org/digits", port="digits", **environment):
        record = self.folder / "ws/.taohf" / port
        record.mkdir(parents=True, exist_ok=True)
        state = {"schema": "taohf/state/v1", "port": port, "lineage": "0123456789abcdef", "serial": 1,
                 "updated": "2026-01-01T00:00:00Z", "inputs": {"model": model}, "phases": [], "approvals": {}}
        if not (record / "state.json").exists():
            (record / "state.json").write_text(json.dumps(state))
        return self.run(["--phases", "ws/phases", "-C", "ws", "--port", port, "phase", "0"], **environment)

    def breaks(self, match, **rule):
        self.hub.faults = [{"match": match, **rule}]
        return self

    def entry(self, model="digits"):
        return self.folder / "home/.cache/huggingface/hub" / f"models--org--{model}"

    def blobs(self):
        return sorted(path.name for path in (self.entry() / "blobs").glob("*"))

    def weights(self):
        return self.hub.models["org/digits"].revisions["main"].files["model.safetensors"]

    def check_token(self):
        for outcome in self.outcomes:
            assert TOKEN not in outcome.out + outcome.err, "the token is in the output"
            assert not any(row["token"] for row in outcome.log if row["host"] == "cdn"), "the storage got the token"
        for path in self.folder.rglob("*"):
            if path.is_file() and TOKEN.encode() in path.read_bytes():
                raise AssertionError(f"the token is in {path}")


# The rows -------------------------------------------------------------------------------------------------------------


def F1_unauthorised(world):
    world.inspect(HF_TOKEN="hf_SomeOtherTokenThatIsWrong").expect(14, "does not know the token").expect_tries(INFO, 1)
    world.inspect("org/nothing", HF_TOKEN=None).expect(
        14, "does not exist, is private or is gated", "the token is invalid", "no token is set").expect_tries(INFO, 1)
    world.fetch("org/nothing", HF_TOKEN=None).expect(14, "does not exist, is private or is gated")


def F2_gated(world):
    link = f"accept them at {world.hub.url('/org/gated')}"
    refused = world.inspect("org/gated", HF_TOKEN="hf_token_with_noaccess").expect(14, "org/gated is gated", link)
    refused.expect_tries(RESOLVE, 1).expect_tries(r"^hub /org/gated/resolve/.*/config\.json", 1)
    world.fetch("org/gated", "gated", HF_TOKEN="hf_token_with_noaccess").expect(14, "org/gated is gated", link)
    world.inspect("org/gated").expect(0)


def F3_not_found(world):
    world.inspect("org/nothing").expect(10, "org/nothing does not exist on").expect_tries(INFO, 1)
    world.inspect("org/digits@nothing").expect(10, "org/digits has no revision 'nothing'").expect_tries(INFO, 1)
    world.breaks(r"/config\.json", status=404, headers={"X-Error-Code": "EntryNotFound"})
    world.inspect().expect(10, "org/digits at 'main' has no config.json")
    world.fetch().expect(10, "has no config.json")


def F4_rate_limited(world):
    for call in INSPECT_CALLS.values():
        world.breaks(call, status=429, times=1, headers={"Retry-After": "1"})
        waited = world.inspect().expect(0)
        assert waited.seconds >= 1, f"only {waited.seconds} s were waited"
    world.breaks(INFO, status=429, times=1, headers={"RateLimit": '"api";r=0;t=1'})
    waited = world.inspect().expect(0)
    assert waited.seconds >= 2, f"only {waited.seconds} s were waited until the window ends"
    world.breaks(INFO, status=429, headers={"Retry-After": "400"})
    world.inspect().expect(15, "rate limit is reached", "try again after 20").expect_tries(INFO, 1)
    world.breaks(INFO, status=429)
    world.inspect(HF_TOKEN=None).expect(15, "rate limit is reached", "set HF_TOKEN").expect_tries(INFO, 5)


def F5_server_errors(world):
    for call in INSPECT_CALLS.values():
        normal = world.inspect().expect(0).tries(call)
        world.breaks(call, status=503, times=2)
        assert world.inspect().expect(0).tries(call) == normal + 2
        world.hub.faults = []
    for status in (500, 502, 504):
        world.breaks(INFO, status=status, times=1)
        world.inspect().expect(0).expect_tries(INFO, 2)


def F5_server_errors_for_ever(world):
    for call in INSPECT_CALLS.values():
        world.breaks(call, status=503)
        failed = world.inspect().expect(15, "answered 503").expect_tries(call, 5)
        assert all(row["method"] == "GET" for row in failed.log)
        assert 3 < failed.seconds < 30, f"{failed.seconds} s"
    world.breaks(WEIGHTS, status=500)
    world.fetch().expect(15, "answered 500").expect_tries(WEIGHTS, 5)


def F6_redirect_loop(world):
    world.breaks(INFO, status=302, headers={"Location": world.hub.url("/api/models/org/digits/revision/main?x=secret")})
    looped = world.inspect().expect(15, "redirected more than 5 times", "' -> 'http").expect_tries(INFO, 6)
    assert "secret" not in looped.err
    world.breaks(RESOLVE, status=302, headers={"Location": "/org/digits/resolve/main/model.safetensors"})
    world.inspect().expect(15, "redirected more than 5 times")


def F7_redirect_elsewhere(world):
    for target in ("file:///etc/passwd", "ftp://127.0.0.1/x", "http://169.254.169.254/latest/meta-data",
                   "http://[::ffff:169.254.169.254]/latest", "http://[fe80::1]/x"):
        for call in (INFO, RESOLVE):
            world.breaks(call, status=302, headers={"Location": target, "X-Repo-Commit": "0" * 40})
            world.inspect().expect(19, "was redirected to").expect_tries(call, 1)
        world.fetch().expect(19, "was redirected to")
    world.breaks(INFO, status=307, headers={"Location": world.hub.storage_url("/elsewhere")})
    world.inspect()  # whatever it makes of the answer: check_token looks at what the second host got
    assert world.outcomes[-1].tries("^cdn /elsewhere") == 1


def F7_redirect_to_plain_http(_):
    world = World("F7_tls", tls=server_context("good"))
    world.breaks(INFO, status=302, headers={"Location": "http://127.0.0.1:1/x"})
    world.inspect(CURL_CA_BUNDLE=str(certificate("good")[0])).expect(19, "unencrypted").expect_tries(INFO, 1)
    world.check_token()


def F8_cut(world):
    weights = world.weights()
    for tenth in range(1, 10):
        shutil.rmtree(world.entry(), ignore_errors=True)
        world.breaks(WEIGHTS, stop_at=tenth / 10, times=1)
        done = world.fetch(port=f"cut{tenth}").expect(0)
        ranges = [row["range"] for row in done.log if row["host"] == "cdn"]
        assert ranges == ["", f"bytes={int(weights.size * tenth / 10)}-"], ranges
        assert (world.entry() / "blobs" / weights.sha256).read_bytes() == weights.path.read_bytes()
    world.breaks(INFO, stop_at=0.5, times=1)
    world.inspect(HF_HOME=str(world.folder / "other")).expect(0).expect_tries(INFO, 2)


def F8_cut_for_ever(world):
    weights = world.weights()
    world.breaks(WEIGHTS, stop_after=1000)
    failed = world.fetch().expect(15, "kept: ").expect_tries(WEIGHTS, 5)
    assert "run the same command again" in failed.err
    assert f"{weights.sha256}.incomplete" in world.blobs() and weights.sha256 not in world.blobs()
    assert not (world.entry() / "refs/main").exists()
    kept = (world.entry() / "blobs" / f"{weights.sha256}.incomplete").stat().st_size
    assert kept == 5000, kept
    world.hub.faults = []
    resumed = world.fetch().expect(0)
    assert [row["range"] for row in resumed.log if row["host"] == "cdn"] == [f"bytes={kept}-"]
    assert weights.sha256 in world.blobs() and f"{weights.sha256}.incomplete" not in world.blobs()
    for call in INSPECT_CALLS.values():
        world.breaks(call, stop_after=10, headers={"Content-Length": "850"})
        world.inspect(HF_HOME=str(world.folder / "other")).expect(15).expect_tries(call, 5)


def F9_too_much(world):
    for call in (INFO, SMALL, WEIGHTS):
        world.breaks(call, chunked_extra=1 << 40)
        world.inspect().expect(10).expect_tries(call, 1)
    failed = world.fetch().expect(10, "more arrived of model.safetensors")
    assert failed.seconds < 20
    assert world.weights().sha256 not in world.blobs()


def F10_no_ranges(world):
    big = world.folder / "hub/org/big"
    subprocess.run([sys.executable, str(HERE / "make_weights.py"), "sparse", str(big), "100000000"], check=True)
    world.hub.scan()
    world.breaks(WEIGHTS, ignore_range=True)
    done = world.inspect("org/big", as_json=True)
    assert done.code == 0, done.err
    document = json.loads(done.out)
    assert document["verdict"] == "portable" and document["bytes_read"] < 1_000_000, document["bytes_read"]
    # A download that finds its ranges ignored begins anew.
    incomplete = world.entry() / "blobs" / f"{world.weights().sha256}.incomplete"
    incomplete.parent.mkdir(parents=True)
    incomplete.write_bytes(b"something else")
    world.fetch().expect(0)
    assert world.weights().sha256 in world.blobs()


def F11_damaged(world):
    world.breaks(WEIGHTS, flips=True)
    world.fetch().expect(10, "model.safetensors of org/digits arrived damaged", world.weights().sha256)
    assert not [name for name in world.blobs() if name.startswith(world.weights().sha256)], world.blobs()
    world.breaks(SMALL, flips=True)
    world.inspect().expect(10, "config.json of org/digits arrived damaged").expect_tries(SMALL, 1)


def F12_changed(world):
    world.breaks(RESOLVE, headers={"X-Linked-Etag": f'"{"ab" * 32}"'})
    world.inspect().expect(10, "model.safetensors of org/digits changed while it was read")
    world.fetch().expect(10, "model.safetensors of org/digits changed while it was read", "ab" * 32)
    world.breaks(r"/config\.json", headers={"X-Repo-Commit": "1" * 40})
    world.inspect().expect(10, "config.json of org/digits changed while it was read", "1" * 40)
    requests = [row["path"] for row in world.inspect().log if "/resolve/" in row["path"]]
    commit = world.hub.models["org/digits"].revisions["main"].sha
    assert requests and all(f"/resolve/{commit}/" in path for path in requests), requests


def F13_slow(world):
    for rule in ({"bytes_per_second": 1}, {"hang_after": 0}):
        world.breaks(INFO, **rule)
        slow = world.inspect(HF_HUB_DOWNLOAD_TIMEOUT="1").expect(15, "no answer from").expect_tries(INFO, 5)
        assert slow.seconds < 40, f"{slow.seconds} s"
    world.breaks(WEIGHTS, hang_after=1000, times=1)
    world.fetch(HF_HUB_DOWNLOAD_TIMEOUT="1").expect(0).expect_tries(WEIGHTS, 2)


def F14_bombs(world):
    world.breaks(INFO, chunked_extra=2 << 30)
    world.inspect(before=["bash", "-c", 'ulimit -v 600000; exec "$@"', "bash"]).expect(10, "answered with more than")
    bomb = gzip.compress(b" " * (64 << 20)).decode("latin-1")
    world.breaks(INFO, status=200, headers={"Content-Encoding": "gzip", "Content-Length": "0"}, body=bomb)
    world.hub.faults[0]["headers"].pop("Content-Length")
    world.inspect().expect(10, "answered in gzip").expect_tries(INFO, 1)


def F15_portal(world):
    page = "<html><body>" + "Please log in. " * 200 + "</body></html>"
    for call in (INFO, SMALL, RESOLVE):
        world.breaks(call, status=200, body=page, headers={"Content-Type": "text/html"})
        world.inspect().expect(15, "answered with text/html", "a proxy or portal is in between").expect_tries(call, 1)
    world.breaks(r"^hub /org/digits/resolve", status=200, body=page, headers={"Content-Type": "text/html"})
    world.fetch().expect(15, "a proxy or portal is in between")
    assert not world.blobs(), "the portal's page is kept as a part of the file"


def F16_wrong_types(world):
    good = {"id": "org/digits", "sha": "a" * 40, "siblings": [{"rfilename": "config.json", "size": 1}]}
    rows = {"'sha'": {"sha": None}, "'siblings'": {"siblings": {}}, "'siblings[].size'": {
        "siblings": [{"rfilename": "x", "size": -1}]}, "'siblings[].rfilename'": {"siblings": [{"rfilename": 5}]},
        "'id'": {"id": "../../etc"}}
    for field, change in rows.items():
        for broken in (change, {key: None for key in change if key != "id"}):
            if not broken:
                continue
            world.breaks(INFO, status=200, body=json.dumps({**good, **broken}))
            world.inspect().expect(10, field.split("[")[0].rstrip("'")).expect_tries(INFO, 1)
    many = [{"rfilename": f"file-{number}"} for number in range(1_000_000)]
    world.breaks(INFO, status=200, body=json.dumps({**good, "siblings": many}))
    world.inspect().expect(10, "answered with more than 8.4 MB").expect_tries(INFO, 1)


def F17_certificates(_):
    for name, reason in (("expired", "expired"), ("wrong-host", "name"), ("self-signed", "certificate")):
        world = World(f"F17_{name}", tls=server_context(name))
        bundle = certificate("good" if name == "self-signed" else name)[0]
        refused = world.inspect(CURL_CA_BUNDLE=str(bundle)).expect(15, "no answer from", reason)
        assert not refused.log and refused.seconds < 3, f"{refused.seconds} s"
        world.check_token()
    world = World("F17_good", tls=server_context("good"))
    for variable in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        world.inspect(**{variable: str(certificate("good")[0])}).expect(0)
    world.inspect(CURL_CA_BUNDLE=str(world.folder / "nothing.pem")).expect(15, "CURL_CA_BUNDLE")
    old = server_context("good")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    world = World("F17_old", tls=old)
    world.inspect(CURL_CA_BUNDLE=str(certificate("good")[0])).expect(15, "no answer from")


def F18_unreachable(world):
    failed = world.inspect(HF_ENDPOINT="https://nowhere.invalid").expect(15, "resolve", "check the name")
    assert failed.seconds < 10, f"{failed.seconds} s"
    failed = world.inspect(HF_ENDPOINT="http://127.0.0.1:1").expect(15, "onnect")
    assert failed.seconds < 3 and "resolve" not in failed.err, failed.err


def F19_proxy_password(_):
    world, proxy = World("F19_tls", tls=server_context("good")), Proxy("me:Pa55wordOfTheProxy")
    surroundings = {"CURL_CA_BUNDLE": str(certificate("good")[0]), "NO_PROXY": None, "TAOHF_LOG": "debug"}
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        proxy.seen.clear()
        done = world.inspect(**{name: f"http://me:Pa55wordOfTheProxy@{proxy.address}"}, **surroundings).expect(0)
        assert len(proxy.seen) >= 2 and "Pa55word" not in done.out + done.err, proxy.seen
    gone = world.inspect(HTTPS_PROXY="http://me:Pa55wordOfTheProxy@127.0.0.1:1", **surroundings).expect(15)
    assert "Pa55word" not in gone.out + gone.err
    world.check_token()


def F20_proxy_refuses(world):
    proxy = Proxy("me:secret")
    world.inspect(http_proxy=f"http://{proxy.address}", NO_PROXY=None).expect(14, "proxy", "name and a password")
    assert len(proxy.seen) == 1 and not world.hub.log, proxy.seen
    secure = World("F20_tls", tls=server_context("good"))
    secure.inspect(HTTPS_PROXY=f"http://{proxy.address}", NO_PROXY=None,
                   CURL_CA_BUNDLE=str(certificate("good")[0])).expect(14, "proxy", "name and a password")
    world.inspect(http_proxy="http://127.0.0.1:1", NO_PROXY="127.0.0.1,127.0.0.2").expect(0)
    world.inspect(http_proxy="http://127.0.0.1:1", NO_PROXY=None, no_proxy="127.0.0.0/8").expect(0)


def F21_offline(world):
    world.fetch().expect(0)
    trace = world.folder / "trace"
    before = ["strace", "-f", "-o", str(trace), "-e", "trace=network,execve"] if can_trace(world) else []
    done = world.inspect(HF_HUB_OFFLINE="1", as_json=True, before=before)
    assert done.code == 0 and json.loads(done.out)["source"] == "cache" and not done.log, done.err
    assert not before or not re.search(r"socket\(AF_INET|connect\(", trace.read_text()), trace.read_text()
    world.inspect("org/gated", HF_HUB_OFFLINE="1").expect(15, "is not in the cache", "HF_HUB_OFFLINE")
    assert not world.hub.log


def F22_clock(_):
    world = World("F22_tls", tls=server_context("future"))
    today = time.strftime("%Y-%m-%dT", time.gmtime())
    world.inspect(CURL_CA_BUNDLE=str(certificate("future")[0])).expect(
        15, "not yet valid", f"the clock of this machine says {today}")
    world.check_token()


def F23_line_break(world):
    for token in (f"{TOKEN}\r\nX-Other: 1", f"hf_two words {TOKEN}", f"{TOKEN}\u00e9"):
        world.inspect(HF_TOKEN=token).expect(2, "the token in HF_TOKEN").expect_tries("", 0)
        file = world.folder.parent / f"{world.folder.name}.token"
        file.write_text(token)
        world.inspect(HF_TOKEN=None, HF_TOKEN_PATH=str(file)).expect(2, "the token in").expect_tries("", 0)
        file.unlink()
    world.inspect("org/gated", HF_TOKEN=f" {TOKEN}\n").expect(0)


def token_stays_secret(world):
    """The token in no argument of any process, whatever the log level; check_token looks at the rest."""
    world.fetch(TAOHF_LOG="debug").expect(0)
    world.inspect("org/gated", TAOHF_LOG="debug").expect(0)
    world.breaks(INFO, status=500, times=1, headers={"X-Error-Message": TOKEN})
    world.inspect("org/gated", TAOHF_LOG="debug").expect(0)
    world.breaks(INFO, status=403, headers={"X-Error-Message": f"bad {TOKEN}"})
    world.inspect("org/gated", TAOHF_LOG="debug").expect(14)
    if can_trace(world):
        trace = FOLDER / "execve.trace"
        world.hub.faults = []
        world.inspect("org/gated", before=["strace", "-f", "-s", "4096", "-o", str(trace), "-e", "trace=execve"])
        assert TOKEN not in trace.read_text()


def can_trace(world):
    return shutil.which("strace") and subprocess.run(["strace", "-o", str(world.folder / "probe"), "true"],
                                                     capture_output=True).returncode == 0


# Certificates ---------------------------------------------------------------------------------------------------------

CERTIFICATES = {  # name: (first day, last day, names)
    "good": ("20200101000000Z", "21000101000000Z", "IP:127.0.0.1,IP:127.0.0.2"),
    "expired": ("20200101000000Z", "20200201000000Z", "IP:127.0.0.1,IP:127.0.0.2"),
    "future": ("20990101000000Z", "21000101000000Z", "IP:127.0.0.1,IP:127.0.0.2"),
    "wrong-host": ("20200101000000Z", "21000101000000Z", "DNS:elsewhere.test"),
    "self-signed": ("20200101000000Z", "21000101000000Z", "IP:127.0.0.1,IP:127.0.0.2"),
}
AUTHORITY = """[ca]
default_ca = it
[it]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
[extensions]
subjectAltName = {names}
basicConstraints = CA:TRUE
"""


def certificate(name):
    folder = FOLDER / "certificates" / name
    return folder / "certificate.pem", folder / "key.pem"


def make_certificate(name, first, last, names):
    folder = FOLDER / "certificates" / name
    folder.mkdir(parents=True)
    (folder / "ca.cnf").write_text(AUTHORITY.format(names=names))
    (folder / "index.txt").write_text("")
    (folder / "serial").write_text("01\n")

    def openssl(arguments):
        subprocess.run(["openssl", *arguments.split()], cwd=folder, check=True, capture_output=True)

    openssl(f"req -new -newkey rsa:2048 -nodes -subj /CN={name} -keyout key.pem -out request.pem")
    openssl(f"ca -batch -selfsign -config ca.cnf -keyfile key.pem -in request.pem -startdate {first} -enddate {last} "
            "-extensions extensions -notext -out certificate.pem")


def server_context(name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(name))
    return context


# Running them ---------------------------------------------------------------------------------------------------------


def run_row(row):
    try:
        world = World(row.__name__)
        row(world)
        world.check_token()
        return row.__name__, ""
    except Exception:  # whatever it is, the other rows go on
        return row.__name__, traceback.format_exc()


def main():
    rows = [value for name, value in globals().items() if re.match(r"F\d+_|token_", name)]
    rows = [row for row in rows if len(sys.argv) < 5 or row.__name__.startswith(sys.argv[4])]
    for name, facts in CERTIFICATES.items():
        make_certificate(name, *facts)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        for name, why in pool.map(run_row, rows):
            failed += bool(why)
            print(f"{name}: {'FAILED' if why else 'ok'}", why, flush=True)
    numbers = {int(re.match(r"F(\d+)_", row.__name__)[1]) for row in rows if row.__name__.startswith("F")}
    print(f"{len(numbers)} rows of the catalogue, {failed} of {len(rows)} cases failed")
    sys.exit(bool(failed or not rows))


HERE = pathlib.Path(__file__).parent
DIGITS = HERE.parents[2] / "examples/digits/model"
if __name__ == "__main__":
    TAOHF, WORKSPACE, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    main()
