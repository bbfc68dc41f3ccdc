#!/usr/bin/env python3
"""The HTML report in a real browser: PROGRAM WORK-DIRECTORY SOURCE-DIRECTORY, or
--pictures REPORT.html DIRECTORY to make those of the documents.

Makes a rehearsal of a real tree, puts 100,000 more segments and names that carry markup into its
workspace, and looks at its report in headless Chromium: no request, no error, search and sort work,
nothing becomes markup, and it stays quick. Leaves screenshots in the work directory. Exit code 77: no Chromium.
"""
import base64
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

ROWS = 100_000
PATIENCE = 20  # seconds for what takes a fraction of one on a machine that is not busy
COLUMNS = "(container, name, length, start_offset, sealed, record)"  # the others have defaults
HOSTILE = [
    "s/<img src=x onerror=window.owned=1>/0.#epoch.0",
    "s/</script><script>window.owned=2</script>/0.#epoch.0",
    "s/<!--<script>/0.#epoch.0",
    "s/\"'&amp;&lt;/0.#epoch.0",
    "s/\u202etxt.exe/0.#epoch.0",
]


class Browser:
    """Chromium over its debugging pipe: JSON with a zero byte after each message."""

    def __init__(self, program, profile):
        down_read, self.down = os.pipe()
        self.up, up_write = os.pipe()

        def connect():
            os.dup2(down_read, 63)  # out of the way of 3 and 4 first
            os.dup2(up_write, 62)
            os.dup2(63, 3)
            os.dup2(62, 4)

        self.process = subprocess.Popen(
            [program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
             "--disable-background-networking", "--disable-dev-shm-usage", "--user-data-dir=" + profile,
             "--remote-debugging-pipe", "about:blank"],
            preexec_fn=connect, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(down_read)
        os.close(up_write)
        self.buffer, self.next, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(domain + ".enable")

    def call(self, method, **parameters):
        self.next += 1
        message = {"id": self.next, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.down, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.next:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def read(self):
        while b"\0" not in self.buffer:
            more = os.read(self.up, 1 << 20)
            if not more:
                raise RuntimeError("the browser has ended")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def js(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, expression, wanted):
        begin = time.time()
        while (value := self.js(expression)) != wanted:
            if time.time() - begin > PATIENCE:
                raise AssertionError(f"{expression} is {value!r}, not {wanted!r}")
            time.sleep(0.05)
        return time.time() - begin

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.until("document.readyState", "complete")

    def picture(self, path, **options):
        data = self.call("Page.captureScreenshot", format="png", **options)["data"]
        with open(path, "wb") as out:
            out.write(base64.b64decode(data))

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def scheme(self, value, media=""):
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": value}])

    def close(self):
        try:
            self.call("Browser.close")
        except (RuntimeError, OSError):
            pass
        self.process.wait(timeout=30)


def make_report(program, work, source):
    subprocess.run(["tar", "-C", work, "--zstd", "-xf", f"{source}/testdata/fixtures/rolling-torn/tier2.tar.zst"],
                   check=True)
    workspace = f"{work}/workspace"
    done = subprocess.run([program, "dr", "recover", f"{work}/tier2", "--rehearse", "--workspace", workspace],
                          stdout=subprocess.DEVNULL)
    assert done.returncode == 3, done.returncode
    report = [program, "dr", "report", "--rehearse", "--workspace", workspace]
    subprocess.run(report + ["--out", f"{work}/plain.html"], check=True)
    with sqlite3.connect(f"{workspace}/rehearsal/run.sqlite") as db:
        names = [f"load/stream-{i // 10}/{i % 10}.#epoch.0" for i in range(ROWS)] + HOSTILE
        db.executemany(f"INSERT INTO segment {COLUMNS} VALUES (?, ?, ?, ?, 0, x'')",
                       [(i % 4, name, 1000 + i, i % 7) for i, name in enumerate(names)])
        db.executemany("INSERT INTO anomaly VALUES (1, ?, 'torn-tail', ?)", [(n, n) for n in HOSTILE])
        db.executemany("INSERT INTO loss VALUES (?, 'events', 1, 0, ?, 0)", [(n, n) for n in HOSTILE])
        db.execute("UPDATE identity SET value = ? WHERE key = 'root'", ("/mnt/<b>bold</b>\"'",))
        db.execute("INSERT INTO note VALUES (3, CAST(x'73ff2f' AS TEXT), 'unframed', '')")
        db.execute(f"INSERT INTO segment {COLUMNS} VALUES (3, CAST(x'73ff2f' AS TEXT), 5, 0, 1, x'')")
    db.close()
    begin = time.time()
    subprocess.run(report + ["--out", f"{work}/report.html"], check=True)
    print(f"written in {time.time() - begin:.1f} s, {os.path.getsize(f'{work}/report.html') / 1e6:.1f} MB")


SEGMENTS = "document.querySelector('#table-segment')"


def count(browser):
    return browser.js(SEGMENTS + ".querySelector('.count').textContent")


def search(browser, words, wanted, first=""):
    """Until the count and the first row's name are as wanted."""
    browser.js(f"(i => {{ i.value = {json.dumps(words)}; i.dispatchEvent(new Event('input')); }})"
               f"({SEGMENTS}.querySelector('input'))")
    shown = (f"(s => s.querySelector('.count').textContent + ' ' + "
             f"s.querySelector('tbody tr:not(.space)').cells[1].textContent)({SEGMENTS})")
    took = browser.until(f"{shown}.startsWith({json.dumps(wanted + ' ' + first)})", True)
    print(f"searched '{words}' in {took:.2f} s")


def column(browser, index):
    return browser.js(f"[...{SEGMENTS}.querySelectorAll('tbody tr:not(.space)')]"
                      f".map(r => r.cells[{index}].textContent)")


def check(condition, what):
    if not condition:
        raise AssertionError(what)


def look(browser):
    total = ROWS + 336 + len(HOSTILE) + 1
    check("back" in browser.js("document.querySelector('h1').textContent"), "the verdict")
    check(count(browser) == f"{total:,} rows", count(browser))
    check(browser.js("document.querySelectorAll('tr').length") < 600, "only rows in view are made")
    check(browser.js("window.owned === undefined"), "a name became a script")
    check(browser.js("document.querySelectorAll('img, b, iframe').length") == 0, "a name became markup")
    check(browser.js("document.querySelector('dl').textContent.includes('<b>bold</b>')"), "facts are escaped")

    search(browser, "stream-7777/ 3.#epoch", f"1 of {total:,} rows", "load/stream-7777/3.#epoch.0")
    search(browser, "onerror=", f"1 of {total:,} rows", HOSTILE[0])
    search(browser, "", f"{total:,} rows")

    begin = time.time()
    browser.js(SEGMENTS + ".querySelectorAll('th button')[2].click()")
    up = column(browser, 2)
    browser.js(SEGMENTS + ".querySelectorAll('th button')[2].click()")
    down = column(browser, 2)
    print(f"sorted twice in {time.time() - begin:.2f} s")
    lengths = [int(v.replace(",", "")) for v in up]
    check(lengths == sorted(lengths) and len(lengths) > 10, "sorted up")
    lengths = [int(v.replace(",", "")) for v in down]
    check(lengths == sorted(lengths, reverse=True) and lengths[0] > ROWS, "sorted down")
    check(time.time() - begin < PATIENCE, "sorting takes too long")

    browser.js("[...document.querySelectorAll('#table-anomaly tbody tr[tabindex]')].find(r => r.textContent.includes('torn-tail')).click()")
    detail = "document.querySelector('#table-anomaly .detail').textContent"
    check("bytes after the last whole event at" in browser.js(detail), browser.js(detail))
    loss = browser.js("[...document.querySelector('#table-loss tbody tr[tabindex]').cells].map(c => c.textContent)")
    check(loss[:2] == ["cluster", "window"] and loss[2].endswith("open segments") and loss[6] == "-", loss)
    check("at least 1" in browser.js("document.querySelector('#table-loss').textContent"), "amounts say what they are")

    browser.js(f"{SEGMENTS}.querySelector('.scroll').scrollTop = 1e9")
    browser.until(f"[...{SEGMENTS}.querySelectorAll('tbody tr:not(.space)')].pop().getAttribute('aria-rowindex')",
                  str(total + 1))
    check(browser.js(f"(s => {{ const r = s.getBoundingClientRect(); "
                     f"const e = document.elementFromPoint(r.left + 20, Math.min(r.bottom, innerHeight) - 20);"
                     f"return !e || e.closest('tr.space') === null; }})({SEGMENTS}.querySelector('.scroll'))"),
          "the view is empty at the end")

    browser.js("document.querySelectorAll('#squares button')[2].click()")
    check(set(column(browser, 0)) == {"2"}, "the map picks a container")
    browser.js("document.querySelectorAll('#squares button')[2].click()")
    check(count(browser) == f"{total:,} rows", "the map lets it go again")


def screenshots(browser, work):
    size, scheme = browser.size, browser.scheme
    for name, width, value in (("light", 1280, "light"), ("dark", 1280, "dark"), ("narrow", 400, "light")):
        size(width, 900)
        scheme(value)
        time.sleep(0.3)
        browser.picture(f"{work}/{name}.png", captureBeyondViewport=True)
        check(browser.js("document.documentElement.scrollWidth <= innerWidth"), f"{name}: wider than the window")
    scheme("dark", "print")
    pdf = base64.b64decode(browser.call("Page.printToPDF", printBackground=True)["data"])
    check(len(pdf) > 50_000, "the rows are printed")
    with open(f"{work}/report.pdf", "wb") as out:
        out.write(pdf)
    size(800, 1100)
    browser.js("window.dispatchEvent(new Event('beforeprint'))")
    browser.picture(f"{work}/print.png")
    browser.js("window.dispatchEvent(new Event('afterprint'))")


def pictures(browser, page, out):
    """Those of the documents: the top of a report, and what was done about one segment."""
    browser.open(f"file://{os.path.abspath(page)}")
    browser.size(1000, 800)
    for scheme, table in (("light", ""), ("dark", "anomaly")):
        browser.scheme(scheme)
        if table:
            browser.js(f"document.querySelector('#table-{table} tbody tr[tabindex]').click()")
            browser.js(f"document.querySelector('#table-{table}_total').scrollIntoView()")
        time.sleep(0.3)
        browser.picture(f"{out}/report-{scheme}.png")


def quiet(browser, pages):
    """Nothing but the pages themselves was asked for, and nobody complained."""
    browser.js("1")
    for event in browser.events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            url = parameters["request"]["url"]
            check(url in pages or url == "about:blank", "a request: " + url)
        check(method not in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"), event)


def main():
    chromium = next((p for p in map(shutil.which, ("chromium-headless-shell", "chromium")) if p), None)
    if chromium is None:
        print("NOT TESTED: neither chromium-headless-shell nor chromium is installed; './dev install' installs it")
        sys.exit(1 if os.environ.get("CI") else 77)
    if sys.argv[1] == "--pictures":
        with tempfile.TemporaryDirectory() as profile:
            browser = Browser(chromium, profile)
            pictures(browser, *sys.argv[2:4])
            browser.close()
        return
    program, work, source = (os.path.abspath(a) for a in sys.argv[1:4])
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    make_report(program, work, source)
    pages = [f"file://{work}/report.html", f"file://{work}/plain.html"]
    browser = Browser(chromium, f"{work}/profile")
    try:
        begin = time.time()
        browser.open(pages[0])
        browser.until("document.querySelectorAll('#squares button').length", 4)
        print(f"opened in {time.time() - begin:.1f} s")
        look(browser)
        browser.open(pages[1])
        screenshots(browser, work)
        quiet(browser, pages)
    finally:
        browser.close()
    print("passed")


if __name__ == "__main__":
    main()
