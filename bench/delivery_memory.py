r"""How much memory a browser takes to cut, seal and send a large export, and how long it needs.

    PYTHONPATH=.:tests/browser:tests python bench/delivery_memory.py MEGABYTES \
        [--zip] [--all] [--telegram]

Chromium is driven on this machine; memory is that of its largest renderer, in MB of resident set,
ten times a second. `--zip` puts the text and as much made-up media into a zip; `--all` delivers
every day of it instead of the last two weeks; `--telegram` makes Telegram's JSON instead of a text.
"""

import json
import shutil
import sys
import tempfile
import threading
import time
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import psutil
import pyrage
from conftest import FLAGS
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from served_portal import served

RUN = """
const [recipient, from, today] = arguments;
const done = (found) => { globalThis.found = found; };
(async () => {
  const modules = ['chats', 'deliverable', 'seal', 'upload']
    .map((one) => import(`/static/delivery/${one}.js`));
  const [{ chatsIn }, { deliverable }, { sealed }, { upload }] = await Promise.all(modules);
  const begun = performance.now();
  const [chat] = await chatsIn(document.querySelector('input').files[0]);
  const found = await deliverable(chat, { from, today });
  const looked = performance.now();
  await upload(await sealed(found.stream(), recipient), '/pieces');
  done([found.kept, looked - begun, performance.now() - looked]);
})().catch((error) => done(String(error.stack)));
"""
LAST = datetime(2026, 11, 21, 9)


def write_telegram(path: Path, megabytes: int) -> None:
    many = megabytes * 1_000_000 // 410
    seconds = 365 * 10 * 86_400 // many
    words = "made up words about a long shift on the ward " * 3
    with path.open("w") as file:
        file.write('{\n "name": "Made up",\n "type": "private_group",\n "id": 1,\n "messages": [')
        for n in range(many):
            when = LAST - timedelta(seconds=seconds * (many - 1 - n))
            one = {
                "id": n,
                "type": "message",
                "date": when.isoformat(),
                "date_unixtime": str(int(when.timestamp())),
                "from": "Ola B",
                "from_id": "user1",
                "text": f"{words}{n}",
                "text_entities": [{"type": "plain", "text": f"{words}{n}"}],
            }
            file.write(("," if n else "") + json.dumps(one, indent=1))
        file.write("]}\n")


def write(path: Path, megabytes: int, *, packed: bool) -> None:
    # Ten years of days, so that two weeks are a small part.
    days = 365 * 10
    line = "Ola B: " + "made up words about a long shift on the ward " * 3
    per_day = max(megabytes * 1_000_000 // days // (len(line) + 20), 1)

    def text():
        for day in range(days):
            when = LAST - timedelta(days=days - 1 - day)
            yield "".join(
                f"{when:%d/%m/%Y}, {n * 14 // per_day + 8:02d}:{n % 60:02d} - {line}{n}\n"
                for n in range(per_day)
            ).encode()

    if not packed:
        with path.open("wb") as file:
            file.writelines(text())
        return
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        with archive.open("WhatsApp Chat with Made up.txt", "w", force_zip64=True) as file:
            for one in text():
                file.write(one)
        media = b"\xff\xd8\xff made up" * 80_000
        for n in range(megabytes):
            archive.writestr(zipfile.ZipInfo(f"IMG-{n}.jpg"), media)


def watched(stop: threading.Event, pid: int, peaks: list[float]) -> None:
    while not stop.wait(0.1):
        sizes = []
        for one in psutil.Process(pid).children(recursive=True):
            try:
                if "--type=renderer" in one.cmdline():
                    sizes.append(one.memory_info().rss / 1e6)
            except psutil.Error:
                continue
        peaks.append(max(sizes, default=0.0))


def main() -> None:
    megabytes = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as portal:
        path = Path(folder) / ("export.zip" if "--zip" in sys.argv else "export.txt")
        if "--telegram" in sys.argv:
            write_telegram(path, megabytes)
        else:
            write(path, megabytes, packed="--zip" in sys.argv)
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in FLAGS:
            options.add_argument(flag)
        chrome = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        chrome.get(portal.url)
        chrome.execute_script("document.body.innerHTML = '<input type=file>'")
        chrome.find_element("css selector", "input").send_keys(str(path))
        time.sleep(1)
        stop, peaks = threading.Event(), []
        watcher = threading.Thread(target=watched, args=(stop, chrome.service.process.pid, peaks))
        watcher.start()
        epoch = date(1970, 1, 1)
        first = date(2010, 1, 1) if "--all" in sys.argv else LAST.date() - timedelta(days=13)
        identity = pyrage.x25519.Identity.generate()
        days = (first - epoch).days, (LAST.date() - epoch).days
        chrome.execute_script(RUN, str(identity.to_public()), *days)
        # A request to the driver may last two minutes only.
        while (found := chrome.execute_script("return globalThis.found ?? null")) is None:
            time.sleep(1)
        stop.set()
        watcher.join()
        chrome.quit()
        (arrived,) = portal.arrived()
        print("file", round(path.stat().st_size / 1e6), "MB; kept, ms to look, ms to send:", found)
        print("sealed", round(arrived.stat().st_size / 1e6, 1), "MB")
        quarters = [peaks[len(peaks) * n // 4 : len(peaks) * (n + 1) // 4] for n in range(4)]
        print(
            "renderer MB at the start",
            round(peaks[0]),
            "at most by quarter of the time",
            [round(max(one)) for one in quarters],
        )


if __name__ == "__main__":
    main()
