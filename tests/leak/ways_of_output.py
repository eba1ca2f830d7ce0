"""Ways of planting text in what a process prints, logs, spills or tells others: 18, 19, beyond."""

import asyncio
import ctypes
import faulthandler
import gc
import logging
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import warnings
from multiprocessing import shared_memory
from pathlib import Path

import dagster as dg
import pandas as pd
import tqdm
from ways import way

C = ctypes.CDLL(None)
LIBRARY = logging.getLogger("some.library")
ITS_HANDLER = logging.StreamHandler(sys.stderr)
"""Of a library that holds the real standard error since long before any step."""
LIBRARY.addHandler(ITS_HANDLER)
REAL = sys.stderr
LATER: list = []
"""What happens once all steps are over."""
AT_END: list = []
"""What is put away when everything has been looked through."""


@way(18)
def log_debug(context, text):
    context.log.debug(text)


@way(18)
def log_info(context, text):
    context.log.info("%s", text)


@way(18)
def log_warning(context, text):
    context.log.warning(text)


@way(18)
def log_error(context, text):
    context.log.error(text)


@way(18)
def log_critical(context, text):
    context.log.critical(text)


@way(18)
def log_exception(context, text):
    context.log.critical("it failed", exc_info=ValueError(text))


@way(18)
def dagster_logger(context, text):
    dg.get_dagster_logger("a.library").info(text)


@way(19)
def printed(context, text):
    print(text)  # noqa: T201


@way(19)
def standard_error(context, text):
    sys.stderr.write(text)


@way(19)
def original_standard_output(context, text):
    sys.__stdout__.write(text)


@way(19)
def stream_held_since_long(context, text):
    REAL.write(f"{text}\n")


@way(19)
def raw_standard_output(context, text):
    os.write(1, text.encode())


@way(19)
def raw_standard_error(context, text):
    os.write(2, text.encode())


@way(19)
def printed_by_compiled_code(context, text):
    # It stays in C's own buffer for a while.
    C.puts(text.encode())


@way(19)
def warned(context, text):
    warnings.warn(text, UserWarning, stacklevel=1)


@way(19)
def logged_by_a_library(context, text):
    logging.getLogger("another.library").warning(text)


@way(19)
def logged_by_a_library_with_a_handler(context, text):
    LIBRARY.error("it failed", exc_info=ValueError(text))


@way(19)
def logged_at_the_root(context, text):
    logging.critical(text)  # noqa: LOG015


@way(19)
def progress_bar(context, text):
    for _ in tqdm.tqdm(range(3), desc=text):
        pass


@way(19)
def printed_traceback(context, text):
    try:
        raise ValueError(text)  # noqa: TRY301
    except ValueError:
        traceback.print_exc()


@way(19, by_default=False)
def dumped_stack(context, text):
    told = text.upper()
    faulthandler.dump_traceback(file=2)
    assert told


@way(19)
def printed_by_a_program(context, text):
    subprocess.run(["/bin/echo", text], check=False)


@way(19)
def printed_by_a_shell(context, text):
    os.system(f"echo {text}")


@way(0)
def error_in_a_thread(context, text):
    thread = threading.Thread(target=_fail, args=[text])
    thread.start()
    thread.join()


@way(0)
def error_in_a_late_thread(context, text):
    go_on = threading.Event()

    def wait():
        go_on.wait()
        _fail(text)

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    LATER.append(lambda: (go_on.set(), thread.join()))


class _Told:
    def __init__(self, text):
        self.text = text

    def __del__(self):
        _fail(self.text)


@way(0)
def error_on_deleting(context, text):
    one = _Told(text)
    del one
    gc.collect()


@way(0)
def error_on_a_late_deleting(context, text):
    kept = [_Told(text)]
    LATER.append(kept.clear)


@way(0)
def error_in_a_loop(context, text):
    _never_asked(text)
    gc.collect()


@way(0)
def error_in_a_loop_closed_late(context, text):
    kept = [_never_asked]
    LATER.append(lambda: (kept.pop()(text), gc.collect()))


def _never_asked(text):
    async def main():
        task = asyncio.create_task(_fail_in_a_loop(text))
        await asyncio.sleep(0)
        del task

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()


async def _fail_in_a_loop(text):
    raise ValueError(text)


@way(0)
def named_temporary_file(context, text):
    with tempfile.NamedTemporaryFile("w", delete=False) as file:
        file.write(text)


@way(0)
def file_in_a_temporary_folder(context, text):
    Path(tempfile.mkdtemp(), "spilt").write_text(text)


@way(0)
def spilt_table(context, text):
    pd.DataFrame({"text": [text]}).to_csv(Path(tempfile.gettempdir(), "spilt.csv"))


@way(0)
def name_of_a_file(context, text):
    os.close(os.open(Path(tempfile.gettempdir(), text), os.O_CREAT | os.O_RDWR))


@way(0)
def pickled_cache(context, text):
    with Path(os.environ["DAGSTER_HOME"], "cache.pickle").open("wb") as file:
        pickle.dump(text, file)


@way(0)
def log_file(context, text):
    handler = logging.FileHandler(Path(tempfile.gettempdir(), "library.log"))
    handler.emit(logging.makeLogRecord({"msg": text}))
    handler.close()


@way(0)
def shared_memory_of_a_library(context, text):
    shared = shared_memory.SharedMemory(create=True, size=200)
    shared.buf[: len(text)] = text.encode()
    shared.close()
    AT_END.append(shared.unlink)


@way(0)
def arguments_of_a_program(context, text):
    _stays([sys.executable, "-c", "import time; time.sleep(60)", text], None)


@way(0)
def environment_of_a_program(context, text):
    _stays([sys.executable, "-c", "import time; time.sleep(60)"], {"TOLD": text})


def _stays(command, environment):
    program = subprocess.Popen(command, env={**os.environ, **(environment or {})})
    AT_END.append(lambda: (program.kill(), program.wait()))


@way(0)
def told_over_the_network(context, text):
    with socket.socket(socket.AF_UNIX) as sent:
        sent.connect(os.environ["LISTENER"])
        sent.sendall(text.encode())


def _fail(text):
    raise ValueError(text)
