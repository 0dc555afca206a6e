# SPDX-License-Identifier: GPL-3.0-or-later
"""A page in a real browser: what it writes into <pre id="out"> as JSON. BROWSER is None where there is none."""
import html
import json
import os
import re
import shutil
import subprocess

BROWSER = next((path for path in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if path), None)


def browse(directory, text):
    """Loads the page @text from @directory, whose other files it may load too."""
    page = os.path.join(directory, "page.html")
    with open(page, "w", encoding="utf-8") as file:
        file.write(text)
    result = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files", "--user-data-dir=" + directory + "/profile",
                             "--virtual-time-budget=20000", "--dump-dom", "file://" + page], capture_output=True, text=True, timeout=120)
    match = re.search(r'<pre id="out">(.*?)</pre>', result.stdout, re.S)
    return json.loads(html.unescape(match.group(1))) if match and match.group(1) else {"problem": result.stdout[-500:] + result.stderr[-500:]}
