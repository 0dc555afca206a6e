#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service's histogram beside a recording: test-prometheus.py AFTERGLOW_CLI REQUESTS SOURCE

A real Prometheus server scrapes a page while perf records; what the command says of the server's counts is asked of the server too."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import prometheus  # noqa: E402
from tap import plan, report, skip  # noqa: E402

CLI, PROGRAM, SOURCE = (os.path.abspath(path) for path in sys.argv[1:4])
EXAMPLE = os.path.join(SOURCE, "data", "examples", "orders.data")
KIND = ["--spans", "handle_request"]
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("AFTERGLOW_PROMETHEUS") and not name.lower().endswith("_proxy")}


def run(*arguments, env=None, stdin=None):
    return subprocess.run([CLI, *arguments], capture_output=True, text=True, timeout=120, check=False, env=dict(CLEAN, **(env or {})), input=stdin)


def comparison(*arguments, env=None):
    result = run("latency", "--json", "--quiet", *arguments, env=env)
    return json.loads(result.stdout)["kinds"][0]["prometheus"] if result.returncode == 0 else None


def near(a, b):
    return a is not None and b is not None and abs(a - b) <= 1e-9 * max(abs(a), abs(b), 1)


# ---- without a server ----

def durations():
    """Of the bundled recording, from its own samples as text, in ns."""
    entries, spans = {}, []
    for line in run("script", "--quiet", "--ns", "-F", "tid,time,event", EXAMPLE).stdout.splitlines():
        words = line.split()
        if len(words) < 3 or "handle_request" not in words[2]:
            continue
        tid, time_ns, event = words[0], int(words[1].rstrip(":").replace(".", "")), words[2].rstrip(":")
        if event.endswith("__return"):
            spans.append(time_ns - entries[tid].pop())
        else:
            entries.setdefault(tid, []).append(time_ns)
    return spans


def page(values, bounds, name="shop_seconds"):
    lines = ["# TYPE %s histogram" % name]
    lines += ['%s_bucket{le="%s"} %d' % (name, bound, sum(v <= bound * 1e9 for v in values)) for bound in bounds]
    lines += ['%s_bucket{le="+Inf"} %d' % (name, len(values)), "%s_count %d" % (name, len(values)), "%s_sum %g" % (name, sum(values) / 1e9), "# EOF", ""]
    return "\n".join(lines)


def test_files(folder):
    spans = durations()
    path = os.path.join(folder, "page.om")
    with open(path, "w", encoding="utf-8") as file:
        file.write(page(spans, prometheus.LE))
    got = comparison(*KIND, "--prometheus", path, EXAMPLE)
    report(got is not None and got["observations"] == len(spans) and all(b["spans"] == b["service"] for b in got["buckets"]),
           "a page of the spans themselves counts what they count", got)
    report(got["chi_square"]["statistic"] == 0 and got["chi_square"]["p"] == 1, "and is like them: χ² 0, p 1", got["chi_square"])
    report(all(near(q["spans"]["value_ns"], q["service"]["value_ns"]) for q in got["quantiles"]), "and its quantiles are theirs", got["quantiles"])
    report(all(q["service"]["low_ns"] <= q["exact_ns"] <= (q["service"]["high_ns"] or 1e18) for q in got["quantiles"] if q["exact_ns"] is not None),
           "exact quantiles lie in the buckets of the others", got["quantiles"])
    with open(path, "w", encoding="utf-8") as file:
        file.write(page([s * 3 for s in spans], prometheus.LE))
    slow = comparison(*KIND, "--prometheus", path, EXAMPLE)
    report(slow["chi_square"]["p"] < 1e-6, "a service that counts three times as long differs", slow["chi_square"])
    before, after = os.path.join(folder, "before.om"), os.path.join(folder, "after.om")
    for name, values, when in ((before, [s * 2 for s in spans[:500]], 1000), (after, [s * 2 for s in spans[:500]] + spans, 2000)):
        with open(name, "w", encoding="utf-8") as file:
            file.write(page(values, prometheus.LE))
        os.utime(name, (when, when))
    between = comparison(*KIND, "--prometheus", before, "--prometheus", after, EXAMPLE)
    report(between["observations"] == len(spans) and between["chi_square"]["p"] == 1, "two pages tell what was counted between them", between)
    text = run("latency", "--quiet", *KIND, "--prometheus", path, EXAMPLE).stdout
    report("differ by more than chance" in text and "histogram_quantile of the service" in text, "the same in words", text)
    with open(path, "w", encoding="utf-8") as file:
        file.write(page(spans, prometheus.LE, "a_seconds") .replace("# EOF\n", "") + page(spans, prometheus.LE, "b_seconds"))
    two = run("latency", "--quiet", *KIND, "--prometheus", path, EXAMPLE)
    report(two.returncode == 2 and "a_seconds, b_seconds" in two.stderr, "of several histograms one must be chosen", two.stderr)
    report(comparison(*KIND, "--prometheus", path, "--promql", 'b_seconds{}', EXAMPLE)["name"] == "b_seconds", "by a selector")
    several = run("latency", "--quiet", "--prometheus", path, EXAMPLE)
    report(several.returncode == 2 and "--spans" in several.stderr, "and one kind of spans", several.stderr)
    nothing = run("latency", "--quiet", *KIND, "--prometheus", EXAMPLE, EXAMPLE)
    report(nothing.returncode == 3 and "no histogram that is read here" in nothing.stderr, "a file that is none is refused", nothing.stderr)
    clockless = run("latency", "--quiet", *KIND, "--prometheus", "http://127.0.0.1:9", "--promql", "x", EXAMPLE)
    report(clockless.returncode == 4 and "time of day" in clockless.stderr, "a recording without a wall clock cannot be asked for", clockless.stderr)
    unsaid = run("latency", *KIND, "--prometheus", "http://127.0.0.1:9", EXAMPLE)
    report(unsaid.returncode == 2 and "--promql" in unsaid.stderr, "an address needs a question", unsaid.stderr)


def test_alone(folder):
    path = os.path.join(folder, "alone.om")
    spans = durations()
    with open(path, "w", encoding="utf-8") as file:
        file.write(page(spans, prometheus.LE))
    whole = json.loads(run("latency", "--json", path).stdout)
    histogram = whole["histograms"][0]
    report(whole["kinds"] == [] and histogram["observations"] == len(spans) and histogram["unit"] == "s", "a histogram alone", histogram["observations"])
    exact = sorted(spans)
    report(all(q["low_ns"] <= exact[min(int(q["q"] * len(exact)), len(exact) - 1)] <= (q["high_ns"] or 1e18) for q in histogram["quantiles"]),
           "its quantiles' buckets hold the exact ones", histogram["quantiles"])
    piped = run("latency", "--json", "-", stdin=open(path, encoding="utf-8").read())
    report(piped.returncode == 0 and json.loads(piped.stdout)["histograms"][0]["buckets"] == histogram["buckets"], "the same through a pipe", piped.stderr)
    subprocess.run(["gzip", "-k", path], check=True)
    packed = json.loads(run("latency", "--json", path + ".gz").stdout)
    report(packed["histograms"][0]["buckets"] == histogram["buckets"], "and compressed")
    with open(EXAMPLE, "rb") as file:
        recording = subprocess.run([CLI, "latency", "--json", "--quiet", "-"], input=file.read(), capture_output=True, timeout=60, check=False)
    report(recording.returncode == 0 and json.loads(recording.stdout)["kinds"], "a recording through a pipe is still one", recording.stderr)
    report(run("latency", "-q", "--gate", "p50<1s", path).returncode == 0, "a gate that the whole bucket keeps")
    gate = run("latency", "-q", "--gate", "p50<600us", path)
    report(gate.returncode == 1 and "cannot be told" in gate.stderr, "one that ends inside the bucket does not hold", gate.stderr)
    chosen = run("latency", "--spans", "x", path)
    report(chosen.returncode == 2 and "no recording" in chosen.stderr, "nothing can be selected from a histogram", chosen.stderr)
    for ending, magic in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        for name, source in (("histogram", [path]), ("recording", ["-q", EXAMPLE]), ("both", ["-q", *KIND, "--prometheus", path, EXAMPLE])):
            out = os.path.join(folder, name + "." + ending)
            drawn = run("latency", "-o", out, *source)
            report(drawn.returncode == 0 and open(out, "rb").read(5).startswith(magic[:4]), "%s as %s" % (name, ending), drawn.stderr)
    svg = open(os.path.join(folder, "recording.svg"), encoding="utf-8").read()
    report(svg.count("<title>") > 50 and "p99 " in svg and shutil.which("xmllint") is None
           or subprocess.run(["xmllint", "--noout", os.path.join(folder, "recording.svg")], check=False).returncode == 0, "its parts say what they are")
    wrong = run("latency", "-o", os.path.join(folder, "x.gif"), EXAMPLE)
    report(wrong.returncode == 2 and not os.path.exists(os.path.join(folder, "x.gif")), "no picture of another ending", wrong.stderr)


def test_metrics(folder):
    made = run("metrics", "--quiet", EXAMPLE)
    text = made.stdout
    report(made.returncode == 0 and text.endswith("# EOF\n"), "metrics ends as OpenMetrics does", made.stderr)
    path = os.path.join(folder, "metrics.om")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    if shutil.which("promtool"):
        checked = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False)
        report(checked.returncode == 0 and not checked.stderr, "promtool accepts it", checked.stderr)
    else:
        skip("promtool accepts it", "prometheus is not installed")
    spans = durations()
    back = {h["labels"].get("kind"): h for h in json.loads(run("latency", "--json", path).stdout)["histograms"]}
    counted = back["probe_orders:handle_request"]
    report(counted["observations"] == len(spans) and abs(counted["sum_ns"] - sum(spans)) < 1e3, "its histogram is of the spans", counted["observations"])
    report(all(b["count"] == sum(b["lower_ns"] < s <= (b["upper_ns"] or 1e18) for s in spans) for b in counted["buckets"]), "bucket by bucket", counted["buckets"])
    own = run("metrics", "--quiet", "--le", "0.001,0.01", EXAMPLE).stdout
    report(own.count('kind="off-cpu",le=') == 3, "bounds of one's own", own.count("le="))
    top = json.loads(run("top", "--json", "--quiet", "--limit", "1", EXAMPLE).stdout)["functions"][0]
    share = next(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("afterglow_function_self_ratio{") and 'function="%s"' % top["name"] in line)
    report(near(share, top["self_share"]), "shares are those of top", (share, top))
    strange = os.path.join(folder, "strange.folded")
    with open(strange, "w", encoding="utf-8") as file:
        file.write('main;say "x"\\n{y} 3\n')
    odd = run("metrics", strange).stdout
    report('function="say \\"x\\"\\\\n{y}"' in odd, "names with quotes and backslashes are escaped", odd)
    return text


# ---- with one ----

def record(folder):
    """(path, why not)"""
    if not shutil.which("perf"):
        return None, "no perf here"
    for what in ("handle_request", "handle_request%return"):
        made = subprocess.run(["perf", "probe", "-q", "-x", PROGRAM, "-f", what], capture_output=True, text=True, check=False)
        if made.returncode != 0:
            return None, "no probes here: " + (made.stderr.strip().splitlines() or ["perf probe failed"])[-1][:100]
    path = os.path.join(folder, "requests.data")
    subprocess.run(["perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-m", "2048", "-e", "probe_requests:*", "-g", "-o", path, "--", PROGRAM, "lock", "12000"],
                   capture_output=True, timeout=120, check=False)
    subprocess.run(["perf", "probe", "-q", "-d", "probe_requests:*"], capture_output=True, check=False)
    return (path, None) if os.path.exists(path) else (None, "perf cannot record here")


def test_server(folder, metrics_text):
    if prometheus.missing():
        skip("a real server", prometheus.missing())
        return
    service, exposed = prometheus.Service(), prometheus.Page(metrics_text.encode())
    server = prometheus.Prometheus(folder, [("shop", service.port, "/classic"), ("native", service.port, "/native"), ("afterglow", exposed.port, "/metrics")])
    try:
        ready = prometheus.wait(lambda: server.last_scrape("shop_seconds_bucket") > 0 and server.query("native_seconds"), 60)
        report(bool(ready), "the server scrapes the page, classic and native", open(os.path.join(folder, "prometheus.log"), encoding="utf-8").read()[-800:])
        scraped = prometheus.wait(lambda: server.number('afterglow_span_duration_seconds_count{kind="probe_orders:handle_request"}'), 60)
        report(scraped == 4144, "and what metrics writes, as OpenMetrics", (scraped, server.query("up")))
        path, why = record(folder)
        if path is None:
            skip("the server beside a recording", why)
            return
        end = time.time()
        prometheus.wait(lambda: server.last_scrape("shop_seconds_bucket") > end, 60)
        ask_server(folder, server, path)
    finally:
        server.close()
        service.close()
        exposed.close()


def ask_server(folder, server, path):
    got = comparison(*KIND, "--prometheus", server.url, "--promql", "shop_seconds", path)
    report(got is not None and got["observations"] > 100 and got["form"] == "classic" and got["server_version"], "the server beside a recording", got)
    if got is None:
        print("# " + run("latency", "--quiet", *KIND, "--prometheus", server.url, "--promql", "shop_seconds", path).stderr)
        return
    window = "(shop_seconds_bucket @ %.3f - shop_seconds_bucket @ %.3f)" % (got["to_s"], got["from_s"])
    total = server.number('sum(%s)' % window.replace("_bucket", "_count"))
    report(near(got["observations"], total), "as many observations as the server counts in that time", (got["observations"], total))
    asked = [(q["q"], q["service"]["value_ns"] / 1e9, server.number("histogram_quantile(%g, sum by (le) %s)" % (q["q"], window))) for q in got["quantiles"]]
    report(all(near(ours, theirs) for _, ours, theirs in asked), "quantiles are what the server's histogram_quantile says", asked)
    native = comparison(*KIND, "--prometheus", server.url, "--promql", "native_seconds", path)
    if native is None:
        report(False, "native histograms too", run("latency", "--quiet", *KIND, "--prometheus", server.url, "--promql", "native_seconds", path).stderr)
        return
    report(native["form"] == "native" and native["observations"] > 100, "native histograms too", native["form"])
    # An expression that is the same at every step: what the server says of it once, it says of all of them together.
    fixed = "increase(native_seconds[5s] @ %.3f)" % native["to_s"]
    native = comparison(*KIND, "--prometheus", server.url, "--promql", fixed, "--step", "1s", path)
    asked = [(q["q"], q["service"]["value_ns"] / 1e9, server.number("histogram_quantile(%g, %s)" % (q["q"], fixed))) for q in native["quantiles"]]
    report(all(near(ours, theirs) for _, ours, theirs in asked), "with the server's own quantiles", asked)
    steps = comparison(*KIND, "--prometheus", server.url + "/graph?g0.expr=x", "--promql", "sum by (le) (rate(shop_seconds_bucket[3s]))", "--step", "1s", path)
    report(steps is not None and 0.5 * got["observations"] < steps["observations"] < 2 * got["observations"], "an expression at steps", steps and steps["observations"])
    saved = os.path.join(folder, "answer.json")
    with open(saved, "w", encoding="utf-8") as file:
        json.dump({"status": "success", "data": {"resultType": "matrix", "result": server.query("shop_seconds_bucket[10m]")}}, file)
    kept = comparison(*KIND, "--prometheus", saved, path)
    report(kept is not None and kept["buckets"] == got["buckets"], "a saved answer is the same as an asked one", kept and kept["observations"])
    refusals(folder, server, path, got)


def refusals(folder, server, path, got):
    ask = ["latency", "--quiet", *KIND, "--promql", "shop_seconds"]
    bad = run("latency", "--quiet", *KIND, "--prometheus", server.url, "--promql", "rate(shop_seconds_bucket[", path)
    report(bad.returncode == 2 and "parse error" in bad.stderr, "the server's own words for a wrong question", bad.stderr)
    none = run("latency", "--quiet", *KIND, "--prometheus", server.url, "--promql", "nothing_seconds", path)
    report(none.returncode == 4 and "nothing_seconds" in none.stderr, "no such histogram", none.stderr)
    gone = run(*ask, "--prometheus", "http://127.0.0.1:%d" % prometheus.free_port(), path)
    report(gone.returncode == 3 and "cannot be asked" in gone.stderr, "no server there", gone.stderr)
    inside = run(*ask, "--prometheus", server.url.replace("//", "//user:secret@"), path)
    report(inside.returncode == 2 and "secret" not in inside.stderr, "a password in an address is refused, and not repeated", inside.stderr)
    door = prometheus.Door(server.url, user="ann", password="s3cret")
    refused = run(*ask, "--prometheus", door.url, path)
    report(refused.returncode == 3 and "wants to know who asks" in refused.stderr, "without a password", refused.stderr)
    auth = {"AFTERGLOW_PROMETHEUS_USER": "ann", "AFTERGLOW_PROMETHEUS_PASSWORD": "s3cret"}
    report((comparison(*KIND, "--promql", "shop_seconds", "--prometheus", door.url, path, env=auth) or {}).get("buckets") == got["buckets"], "user and password from the environment")
    wrong = run(*ask, "--prometheus", door.url, path, env=dict(auth, AFTERGLOW_PROMETHEUS_PASSWORD="no"))
    report(wrong.returncode == 3 and "refused the user" in wrong.stderr and "no" not in wrong.stderr.split(), "a wrong password", wrong.stderr)
    secret = os.path.join(folder, "auth")
    for words in ("basic ann:s3cret\n", "machine 127.0.0.1 login ann password s3cret\n"):
        with open(secret, "w", encoding="utf-8") as file:
            file.write(words)
        os.chmod(secret, 0o600)
        result = comparison(*KIND, "--promql", "shop_seconds", "--auth-file", secret, "--prometheus", door.url, path)
        report(result is not None, "from a file: " + words.split()[0])
    door.close()
    door = prometheus.Door(server.url, token="tok-123")
    with open(secret, "w", encoding="utf-8") as file:
        file.write("bearer tok-123\n")
    report(comparison(*KIND, "--promql", "shop_seconds", "--auth-file", secret, "--prometheus", door.url, path) is not None, "a token")
    door.close()
    elsewhere = prometheus.Door(server.url)
    door = prometheus.Door(server.url, moved=elsewhere.url + "/api/v1/query")
    moved = run(*ask, "--prometheus", door.url, "--auth-file", secret, path)
    report(moved.returncode == 3 and "has moved" in moved.stderr and elsewhere.asked == 0, "a redirection is told, and nothing goes there", (moved.stderr, elsewhere.asked))
    door.close()
    elsewhere.close()
    certificate, other = prometheus.make_certificate(folder), prometheus.make_certificate(folder, "other.example")
    if certificate is None:
        skip("TLS", "no openssl here")
        return
    door = prometheus.Door(server.url, certificate=certificate, token="tok-123")
    unknown = run(*ask, "--prometheus", door.url, "--auth-file", secret, path)
    report(unknown.returncode == 3 and "certificate" in unknown.stderr and door.asked == 0, "TLS by an unknown authority is refused, and nothing was sent", (unknown.stderr, door.asked))
    trusted = comparison(*KIND, "--promql", "shop_seconds", "--auth-file", secret, "--ca-file", certificate[0], "--prometheus", door.url, path)
    report(trusted is not None and trusted["buckets"] == got["buckets"], "TLS by one that is trusted")
    door.close()
    door = prometheus.Door(server.url, certificate=other)
    misnamed = run(*ask, "--prometheus", door.url, "--ca-file", other[0], path)
    report(misnamed.returncode == 3 and door.asked == 0, "a certificate for another name is refused", (misnamed.stderr, door.asked))
    door.close()


with tempfile.TemporaryDirectory() as place:
    test_files(place)
    test_alone(place)
    test_server(place, test_metrics(place))
plan()
