#!/usr/bin/env python3
"""Bills the demo's month on a node that is killed with -9 at random moments: the invoices are the same, byte for byte.

    kill_demo.py KVARTER DEMO                 ten seeds, a kill each, and a month with a kill at every turn
    kill_demo.py KVARTER DEMO --seeds 4       four of them
    kill_demo.py KVARTER DEMO --first 7 --seeds 1

KVARTER is the program; DEMO is the folder that `kvarter demo --output` wrote. The node is `kvarter node` on a temporary
folder, and everything is done with the commands that a user has: import, run create, run show, run approve, list, invoice
render. The month is billed once undisturbed, to learn how long each command takes. A seed then draws a command and a
moment of it; at that moment the node is killed, started again on the same folder and address, and the command is given
again where it did not survive. A command that nothing disturbs has to succeed at once. At the end every invoice is
compared with the demo's, and check_invoices.py recomputes one of the results.

The kill between a commit and the delivery of its messages can't be hit from outside; services/tests/it/kill does that
one, by a store that ends the process right behind such a commit.

Exit codes: 0 everything passed, 1 something failed, 2 wrong use.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

RUN, MONTH, ISSUE_DATE, TENANT = "2024-10", "2024-10", "2024-11-05", "example"
PHASES = ["importing", "closing", "issuing"]
# How long a start, and a command with everything it repeats by itself, may take: far more than either needs.
START_S, COMMAND_S = 60, 120
CHECK = Path(__file__).with_name("check_invoices.py")


class Failed(Exception):
    """What is not as it has to be."""


class Node:
    """A node in a process of its own, which may be killed and started again on the same folder and address."""

    def __init__(self, kvarter, folder):
        self.kvarter, self.data, self.log = kvarter, folder / "data", folder / "node.log"
        self.listen, self.process = "127.0.0.1:0", None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        self.spawn()
        end = time.monotonic() + START_S
        while not (told := [line for line in self.log.read_text().splitlines() if line.startswith("listening on ")]):
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"the node does not start:\n{self.log.read_text()}")
            time.sleep(0.005)
        self.listen = told[0].removeprefix("listening on http://")

    def spawn(self):
        command = [self.kvarter, "node", "--data", self.data, "--listen", self.listen]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()


class Story:
    """The month, command by command. `kills` are (phase, seconds into the command) in the order of the story."""

    def __init__(self, kvarter, demo, folder, kills=(), starts=()):
        self.kvarter, self.demo, self.folder = kvarter, demo, folder
        self.kills, self.starts = list(kills), list(starts)
        self.node = Node(kvarter, folder)
        self.took, self.told, self.last = {}, [], []

    def bill(self):
        """Bills the month and gives the invoices by number."""
        terms = ["--month", MONTH, "--issue-date", ISSUE_DATE]
        with self.node:
            self.phase("importing", ["import", self.demo / "inputs"])
            self.phase("closing", ["run", "create", RUN, *terms])
            run = self.rows("run", "show", RUN)[0]
            self.phase("issuing", ["run", "approve", RUN, "--hash", run["hash"]])
            if self.told:
                # Once more and undisturbed: nothing of it has a second effect.
                self.command("import", self.demo / "inputs")
                self.command("run", "create", RUN, *terms)
                self.command("run", "approve", RUN, "--hash", run["hash"])
            return self.read()

    def phase(self, phase, arguments):
        """Gives a command once per kill that is drawn for it, and once more where it did not survive the last."""
        began, is_done = time.monotonic(), False
        for seconds in [seconds for of, seconds in self.kills if of == phase]:
            is_done = self.disturbed(phase, arguments, seconds)
        if not is_done:
            self.command(*arguments)
        self.took[phase] = time.monotonic() - began

    def disturbed(self, phase, arguments, seconds):
        """Gives a command and kills the node meanwhile; whether the command succeeded nevertheless."""
        process, _, err = self.spawn(*arguments)
        try:
            when = "while" if still_runs_after(process, seconds) else "right after"
            if when == "right after" and process.returncode != 0:
                raise Failed(f"{phase}: failed before the node was killed:\n{err.read_text()}")
            steps = err.read_text().splitlines()
            self.node.kill()
            again = self.restart()
            code = process.wait(COMMAND_S)
        finally:
            stop(process)
        if code not in (0, 1):
            raise Failed(f"{phase}: exit code {code} on a killed node:\n{err.read_text()}")
        done = f", after '{steps[-1][:50]}'" if steps else ""
        survived = {"right after": "", "while": ", the command went on" if code == 0 else ", the command is given again"}[when]
        self.told.append(f"{when} {phase}, at {seconds:.3f} s{done}; {again}{survived}")
        return code == 0

    def restart(self):
        """Starts the node again, which may be killed while it starts."""
        began = time.monotonic()
        killed = ""
        if self.starts:
            seconds = self.starts.pop(0)
            self.node.spawn()
            time.sleep(seconds)
            self.node.kill()
            killed = f"killed again {seconds:.3f} s into its start, "
        self.node.start()
        return f"{killed}up again after {time.monotonic() - began:.2f} s, {self.stage()}"

    def stage(self):
        """What is known of the run right after a start, in words."""
        process, out, err = self.spawn("run", "show", RUN, "--output", "json")
        try:
            code = process.wait(COMMAND_S)
        finally:
            stop(process)
        if code == 0:
            return f"the run {json.loads(out.read_text())[0]['stage']}"
        if "UNKNOWN_RUN" not in err.read_text():
            raise Failed(f"run show: {code}\n{err.read_text()}")
        return "no run"

    def read(self):
        """Every issued invoice by number, and what is not ready, in a folder like the demo's."""
        invoices = self.folder / "invoices"
        invoices.mkdir()
        numbers = [row["number"] for row in self.rows("list", "invoices", "--run", RUN)]
        render = lambda number: self.command("invoice", "render", number, "--to", invoices / f"{number}.json")
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(render, numbers))
        entries = {}
        for row in self.rows("run", "not-ready", RUN):
            entry = {"account_id": row["account"], "metering_point_id": row["metering_point"], "contract_id": row["contract"]}
            reasons = entries.setdefault(tuple(entry.values()), entry | {"reasons": []})["reasons"]
            reasons.append({"code": row["reason"], "text": row["detail"]})
        (self.folder / "not-ready.json").write_text(json.dumps(list(entries.values())))
        return files(invoices)

    def rows(self, *arguments):
        return json.loads(self.command(*arguments, "--output", "json"))

    def command(self, *arguments):
        """A command that nothing disturbs and that has to succeed."""
        process, out, err = self.spawn(*arguments)
        try:
            code = process.wait(COMMAND_S)
        except subprocess.TimeoutExpired:
            code = f"no answer within {COMMAND_S} s"
        finally:
            stop(process)
        if code != 0:
            raise Failed(f"kvarter {' '.join(map(str, arguments))}: {code}\n{err.read_text()}{self.node.log.read_text()}")
        return out.read_text()

    def spawn(self, *arguments):
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        out, err = folder / "out", folder / "err"
        command = [self.kvarter, *arguments, "--server", f"http://{self.node.listen}", "--tenant", TENANT]
        with out.open("w") as standard, err.open("w") as error:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=standard, stderr=error), out, err


def still_runs_after(process, seconds):
    """Whether a process still runs after so many seconds."""
    try:
        process.wait(seconds)
        return False
    except subprocess.TimeoutExpired:
        return True


def stop(process):
    process.kill()
    process.wait()


def files(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.json")}


def differences(found, expected):
    """What differs between two sets of invoices, a line each."""
    for name in sorted(found.keys() | expected.keys()):
        if name not in expected:
            yield f"{name}: issued, not in the demo"
        elif name not in found:
            yield f"{name}: not issued"
        elif found[name] != expected[name]:
            pairs = zip(expected[name].splitlines(), found[name].splitlines())
            line = next((pair for pair in pairs if pair[0] != pair[1]), ("", "length"))
            yield f"{name}: {line[0]!r} is {line[1]!r}"


def not_ready_differences(folder, demo):
    read = lambda of: json.loads((of / "not-ready.json").read_text())
    if read(folder) != read(demo):
        yield f"not-ready.json: {read(demo)} is {read(folder)}"


class Trial:
    """Stories, one after the other, and how many were as they have to be."""

    def __init__(self, kvarter, demo):
        self.kvarter, self.demo, self.expected = kvarter, demo, files(demo / "invoices")
        self.passed = self.failed = 0

    def story(self, name, kills=(), starts=(), recompute=False):
        """One month; gives how long its phases took."""
        with tempfile.TemporaryDirectory(prefix="kvarter-kill-") as folder:
            folder = Path(folder)
            story = Story(self.kvarter, self.demo, folder, kills, starts)
            try:
                invoices = story.bill()
                wrong = [*differences(invoices, self.expected), *not_ready_differences(folder, self.demo)]
                if recompute:
                    wrong += self.recompute(folder)
                if len(story.told) != len(kills):
                    wrong.append(f"{len(kills)} kills drawn, {len(story.told)} done")
            except (Failed, subprocess.TimeoutExpired) as failure:
                wrong, invoices = [str(failure)], {}
            for told in story.told:
                print(f"{name}: killed {told}")
            print(f"{name}: {len(invoices)} invoices, " + ("the same" if not wrong else "WRONG"))
            for line in wrong[:20]:
                print(f"  {line}")
            self.count(not wrong)
            sys.stdout.flush()
            return story.took

    def recompute(self, folder):
        """Whether an independent program comes to the same figures."""
        (folder / "inputs").symlink_to((self.demo / "inputs").resolve())
        checked = subprocess.run([sys.executable, CHECK, folder], capture_output=True, text=True, timeout=300)
        print(f"check_invoices.py: {checked.stdout.strip()}{checked.stderr}")
        return [] if checked.returncode == 0 else ["the recomputed invoices differ"]

    def count(self, is_passed):
        self.passed += is_passed
        self.failed += not is_passed


def drawn(seed, took):
    """A phase, each in its turn so that few seeds reach all of them, and a moment of it."""
    chance = random.Random(seed)
    phase = PHASES[seed % len(PHASES)]
    return phase, chance.uniform(0, took[phase])


def at_every_turn(seed, took):
    """Two moments of each phase, and one of each start that follows."""
    chance = random.Random(seed)
    kills = [(phase, chance.uniform(0, took[phase])) for phase in PHASES for _ in range(2)]
    return kills, [chance.uniform(0, 0.1) for _ in kills]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("kvarter", type=Path, metavar="KVARTER", help="the program")
    arguments.add_argument("demo", type=Path, metavar="DEMO", help="the folder that `kvarter demo --output` wrote")
    arguments.add_argument("--seeds", type=int, default=10, metavar="COUNT", help="how many months with one kill (10)")
    arguments.add_argument("--first", type=int, default=1, metavar="SEED", help="the first seed (1)")
    given = arguments.parse_args()
    kvarter = given.kvarter.resolve()
    if not kvarter.is_file():
        arguments.error(f"{kvarter} is no program")
    if not any((given.demo / "invoices").glob("*.json")) or not (given.demo / "inputs").is_dir():
        arguments.error(f"{given.demo} is not what `kvarter demo --output` wrote")
    trial = Trial(kvarter, given.demo)
    took = trial.story("undisturbed")
    if trial.failed == 0:
        print("undisturbed: " + ", ".join(f"{phase} {took[phase]:.2f} s" for phase in PHASES))
        for seed in range(given.first, given.first + given.seeds):
            trial.story(f"seed {seed}", [drawn(seed, took)])
        kills, starts = at_every_turn(given.first, took)
        trial.story("at every turn", kills, starts, recompute=True)
    print(f"{trial.passed} passed, {trial.failed} failed")
    return 1 if trial.failed else 0


if __name__ == "__main__":
    sys.exit(main())
