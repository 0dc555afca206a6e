# SPDX-License-Identifier: GPL-3.0-or-later
"""A real Prometheus server that scrapes a page made here, and doors before it: for tests of the command and of the window.

The page has a classic histogram with exemplars (OpenMetrics) or the same observations as a native one (protobuf), of observations made while it runs."""
import base64
import http.server
import json
import math
import os
import random
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

LE = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1]
SCHEMA = 3


def missing():
    return None if shutil.which("prometheus") else "prometheus is not installed"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer or time.monotonic() > end:
            return answer
        time.sleep(0.05)


# ---- the page ----

class Quiet(http.server.ThreadingHTTPServer):
    """Of a scraper that waits no longer, nothing need be said."""

    def handle_error(self, request, client_address):
        pass


def varint(value):
    out = b""
    while True:
        out += bytes([value & 0x7f | (0x80 if value > 0x7f else 0)])
        value >>= 7
        if value == 0:
            return out


def field(number, kind, payload):
    return varint(number << 3 | kind) + payload


def text_field(number, payload):
    return field(number, 2, varint(len(payload)) + payload)


def zigzag(value):
    return varint(((value << 1) ^ (value >> 63)) & 0xffffffffffffffff)


class Service:
    """Observes durations for as long as it lives, and shows them on a page."""

    def __init__(self, seed=1):
        self.lock, self.random, self.stopped = threading.Lock(), random.Random(seed), threading.Event()
        self.counts, self.sum, self.native, self.exemplars = [0] * (len(LE) + 1), 0.0, {}, {}
        service = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                native = self.path == "/native"
                body = service.protobuf() if native else service.openmetrics()
                self.send_response(200)
                self.send_header("Content-Type", "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited" if native
                                 else "application/openmetrics-text; version=1.0.0; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused):
                pass

        self.server = Quiet(("127.0.0.1", 0), Page)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self):
        """Five hundred a second, however seldom a busy machine lets it run."""
        begin, n = time.monotonic(), 0
        while not self.stopped.wait(0.02):
            while n < (time.monotonic() - begin) * 500:
                n += 1
                self.observe(self.random.lognormvariate(-7, 0.4) if self.random.random() > 0.05 else self.random.uniform(0.02, 0.05))

    def observe(self, value):
        with self.lock:
            place = next((i for i, bound in enumerate(LE) if value <= bound), len(LE))
            self.counts[place] += 1
            self.sum += value
            index = math.ceil(math.log2(value) * 2 ** SCHEMA)
            self.native[index] = self.native.get(index, 0) + 1
            self.exemplars[place] = (value, time.time(), "%016x" % self.random.getrandbits(64))

    def openmetrics(self):
        lines = ["# HELP shop_seconds How long requests take.", "# TYPE shop_seconds histogram", "# UNIT shop_seconds seconds"]
        with self.lock:
            total = 0
            for i, count in enumerate(self.counts):
                total += count
                seen = self.exemplars.get(i)
                lines.append('shop_seconds_bucket{le="%s"} %d%s' % ("+Inf" if i == len(LE) else LE[i], total,
                                                                    ' # {trace_id="%s"} %.9g %.3f' % (seen[2], seen[0], seen[1]) if seen else ""))
            lines += ["shop_seconds_count %d" % total, "shop_seconds_sum %.9g" % self.sum]
        return ("\n".join(lines) + "\n# EOF\n").encode()

    def protobuf(self):
        with self.lock:
            items, total, whole = sorted(self.native.items()), sum(self.native.values()), self.sum
        spans, deltas, end, last = b"", b"", 0, 0
        for index, count in items:
            spans += text_field(12, field(1, 0, zigzag(index - end)) + field(2, 0, varint(1)))
            deltas += field(13, 0, zigzag(count - last))
            end, last = index + 1, count
        histogram = field(1, 0, varint(total)) + field(2, 1, struct.pack("<d", whole)) + field(5, 0, zigzag(SCHEMA)) \
            + field(6, 1, struct.pack("<d", 1e-9)) + field(7, 0, varint(0)) + spans + deltas
        family = text_field(1, b"native_seconds") + text_field(2, b"x") + field(3, 0, varint(4)) + text_field(4, text_field(7, histogram))
        return varint(len(family)) + family

    def close(self):
        self.stopped.set()
        self.server.shutdown()


class Page:
    """A page of fixed bytes, as OpenMetrics."""

    def __init__(self, body):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


# ---- the server ----

class Prometheus:
    def __init__(self, folder, targets):
        """@targets: [(job, port, path)]"""
        self.port = free_port()
        self.url = "http://127.0.0.1:%d" % self.port
        jobs = "".join(" - job_name: %s\n   metrics_path: %s\n   static_configs: [{targets: ['127.0.0.1:%d']}]\n" % (job, path, port) for job, port, path in targets)
        with open(os.path.join(folder, "prometheus.yml"), "w", encoding="utf-8") as file:
            file.write("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n" + jobs)
        self.log = open(os.path.join(folder, "prometheus.log"), "wb")
        self.process = subprocess.Popen(["prometheus", "--config.file=" + os.path.join(folder, "prometheus.yml"), "--storage.tsdb.path=" + os.path.join(folder, "tsdb"),
                                         "--web.listen-address=127.0.0.1:%d" % self.port, "--enable-feature=native-histograms,exemplar-storage"],
                                        stdout=self.log, stderr=self.log)

    def query(self, promql, at=None):
        query = {"query": promql}
        if at is not None:
            query["time"] = "%.3f" % at
        try:
            with urllib.request.urlopen(self.url + "/api/v1/query?" + urllib.parse.urlencode(query), timeout=5) as answer:
                return json.load(answer)["data"]["result"]
        except (urllib.error.URLError, OSError, ValueError):
            return None

    def number(self, promql, at=None):
        result = self.query(promql, at)
        return float(result[0]["value"][1]) if result else None

    def last_scrape(self, metric):
        """When @metric was scraped last, seconds."""
        return self.number("max(timestamp(%s))" % metric) or 0

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


# ---- doors before it ----

class Door:
    """Forwards to a server. @user and @password: asks for them. @token: for that. @certificate: (certificate, key), speaks TLS. @moved: only says where it went."""

    def __init__(self, target, user=None, password=None, token=None, certificate=None, moved=None):
        self.asked, self.seen = 0, []
        door = self
        wanted = "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode() if user else "Bearer " + token if token else None

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                door.asked += 1
                door.seen.append(self.headers.get("Authorization"))
                if moved:
                    self.send_response(302)
                    self.send_header("Location", moved)
                    self.end_headers()
                    return
                if wanted and self.headers.get("Authorization") != wanted:
                    self.send_response(401)
                    self.send_header("WWW-Authenticate", 'Basic realm="metrics"')
                    self.end_headers()
                    return
                try:
                    with urllib.request.urlopen(target + self.path, timeout=10) as answer:
                        status, body = answer.status, answer.read()
                except urllib.error.HTTPError as problem:
                    status, body = problem.code, problem.read()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *unused):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = "%s://127.0.0.1:%d" % ("https" if certificate else "http", self.server.server_address[1])
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()


def make_certificate(folder, name="127.0.0.1"):
    """(certificate, key) signed by itself; None without openssl."""
    certificate, key = os.path.join(folder, name + ".pem"), os.path.join(folder, name + ".key")
    made = subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test", "-addext",
                           "subjectAltName=%s:%s" % ("IP" if name[0].isdigit() else "DNS", name), "-keyout", key, "-out", certificate],
                          capture_output=True, check=False) if shutil.which("openssl") else None
    return (certificate, key) if made is not None and made.returncode == 0 else None
