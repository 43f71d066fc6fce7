#!/usr/bin/env python3
"""Does what a page of the documentation says, and sees that it comes to what the page shows.

    run_docs.py KVARTER PAGE      run_docs.py target/release/kvarter docs/quickstart.md

Every block marked ```sh is given, in order, to one shell in an empty folder with KVARTER on the path; it stops at the first
command that fails. A block marked ```text shows what the ```sh block before it prints: its lines have to be in the output,
in that order, with … for whatever differs from day to day; blanks count as one. Where a block starts a node behind it (&),
the next one is given when the node listens.

Exit codes: 0 everything as the page says, 1 something is not, 2 wrong use.
"""

import argparse
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# A command that goes on while the next ones are given.
BEHIND = re.compile(r"[^&]&$", re.MULTILINE)
END, LISTENS = "the block is done", "listening on "
# How long one block may take.
BLOCK_S = 120


class Failed(Exception):
    """What is not as the page says."""


class Shell:
    """One shell for the whole page, and everything it starts, which ends with it."""

    def __init__(self, folder, kvarter):
        path = {"PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
        others = {name: value for name, value in os.environ.items() if not name.startswith("KVARTER_")}
        (folder / "bin").mkdir()
        (folder / "bin" / "kvarter").symlink_to(kvarter)
        (folder / "page").mkdir()
        self.process = subprocess.Popen(
            ["bash", "-euo", "pipefail"], cwd=folder / "page", env=others | path, text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def give(self, block):
        """Gives a block and returns the lines it prints."""
        self.process.stdin.write(f"{block}\necho '{END}'\n")
        awaited = {END} | ({LISTENS} if BEHIND.search(block) else set())
        printed, end = [], time.monotonic() + BLOCK_S
        while awaited:
            try:
                line = self.lines.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise Failed(f"not done after {BLOCK_S} s; printed:\n" + "\n".join(printed)) from None
            if line is None:
                raise Failed("a command failed:\n" + "\n".join(printed))
            awaited -= {mark for mark in awaited if line.startswith(mark)}
            if line != END:
                printed.append(line)
        return printed

    def end(self):
        """Ends the shell and what it started: all of them are of one group, which this program made."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def blocks(page):
    """Commands with what they print: pairs of a block and the lines that the page shows, none where it shows nothing."""
    found = []
    for kind, text in BLOCK.findall(page):
        if kind == "sh":
            found.append((text, []))
        elif kind == "text" and found:
            found[-1][1].extend(text.splitlines())
    return found


def first_not_printed(shown, printed):
    """The first line of the page that the output lacks, in order; None where it has them all."""
    plain = lambda line: " ".join(line.split())
    rest = iter(printed)
    for line in shown:
        pattern = ".*".join(re.escape(part) for part in plain(line).split("…"))
        if not any(re.fullmatch(pattern, plain(found)) for found in rest):
            return line
    return None


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("kvarter", type=Path, metavar="KVARTER", help="the program")
    arguments.add_argument("page", type=Path, metavar="PAGE", help="the page, Markdown")
    given = arguments.parse_args()
    kvarter = given.kvarter.resolve()
    if not kvarter.is_file():
        arguments.error(f"{kvarter} is no program")
    commands = blocks(given.page.read_text(encoding="utf-8"))
    if not commands:
        arguments.error(f"{given.page} has no block marked ```sh")
    folder = Path(tempfile.mkdtemp(prefix="kvarter-docs-"))
    shell, done = Shell(folder, kvarter), 0
    try:
        for block, shown in commands:
            printed = shell.give(block)
            lacking = first_not_printed(shown, printed)
            if lacking is not None:
                raise Failed(f"the page shows\n{lacking}\nbut it prints\n" + "\n".join(printed))
            done += 1
    except Failed as failure:
        print(f"{given.page}, block {done + 1}:\n{commands[done][0]}{failure}")
    finally:
        shell.end()
        shutil.rmtree(folder, ignore_errors=True)
    lines = sum(len(shown) for _, shown in commands[:done])
    print(f"{given.page}: {done} of {len(commands)} blocks done, {lines} lines of output as shown")
    return 0 if done == len(commands) else 1


if __name__ == "__main__":
    sys.exit(main())
