"""Tests in a browser again and again beside busy cores: `python -m bench.browser_repeats [ROUNDS]`.

A core is kept busy for each that there is, so that waits that are too short for a slow machine
show. Ends with 1 if any round failed, and says which.
"""

import os
import subprocess
import sys
import time

ROUNDS = 20
_TESTS = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/browser"]


def main() -> int:
    """Run the rounds; what fails is printed by pytest itself."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else ROUNDS
    environment = os.environ | {"TIDELINE_REQUIRE_BROWSER": "1"}
    busy = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"])
        for _ in range(os.cpu_count() or 1)
    ]
    failed = []
    try:
        for number in range(1, rounds + 1):
            began = time.monotonic()
            done = subprocess.run([sys.executable, *_TESTS], env=environment, check=False)
            if done.returncode:
                failed.append(number)
            seconds = time.monotonic() - began
            print(
                f"round {number} of {rounds}: {seconds:.0f} s, failed so far: {failed}", flush=True
            )
    finally:
        for one in busy:
            one.kill()
            one.wait()
    print(f"{rounds - len(failed)} of {rounds} rounds passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
