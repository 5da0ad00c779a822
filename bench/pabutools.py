"""`python -m bench.pabutools`: our count beside pabutools' and abcvoting's.

Both are installed, unmodified, in an environment of their own in a temporary folder (a package
registry is needed); nothing of them comes near the project. First random elections are counted
by all, and every difference is printed; then one large election, each time in a fresh process.

pabutools raises the budget until an outcome overspends and keeps the one before, as we do; that it
otherwise stops where no other topic would fit is turned off. Its budget step is our share step
times the voters, its fractions are exact, and ties are settled by the same keys. As it goes on
when all topics are bought, which can change their order, its plain method is also driven by the
rule's own loop, for the order and the number of steps. abcvoting knows slots alone and another
completion: with it the rule without steps is compared, and ours has to be among all committees
that it finds when it leaves every tie open.
"""

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from membership.rounds import equal_shares
from membership.rounds.equal_shares import Election, Vote

PABUTOOLS, ABCVOTING = "pabutools==1.2.3", "abcvoting==2.19.2"
FIGURES = {"reading": "s", "counting": "s", "memory": "MiB"}
FORMS = {"file": "a .pb file, each by its own reader", "grouped": "ballots grouped beforehand"}

RULE = """
    import hashlib
    from pabutools.election import ApprovalMultiProfile, Cost_Sat, Instance, Project
    from pabutools.election import FrozenApprovalBallot, parse_pabulib
    from pabutools.fractions import str_as_frac
    from pabutools.rules import exhaustion_by_budget_increase, method_of_equal_shares
    from pabutools.tiebreaking import TieBreakingRule

    def ties(profile, seed):
        def rank(_instance, _profile, topic):
            lot = hashlib.sha256((seed + topic.name).encode()).hexdigest()
            return topic.cost, -profile.approval_score(topic), lot

        return TieBreakingRule(rank)

    def counted(instance, profile, step, seed):
        # With a share as large as all that one voter ticked, everything is bought.
        dearest = max(sum(topic.cost for topic in ballot) for ballot in profile)
        voters = profile.num_ballots()
        outcome = exhaustion_by_budget_increase(
            instance,
            profile,
            method_of_equal_shares,
            {"sat_profile": profile.as_sat_profile(Cost_Sat), "tie_breaking": ties(profile, seed)},
            exhaustive_stop=False,
            budget_step=str_as_frac(step) * voters,
            budget_bound=instance.budget_limit + (dearest + str_as_frac(step)) * voters,
        )
        return [topic.name for topic in outcome]

    def stepped(instance, profile, step, seed):
        wanted = {topic for ballot in profile for topic in ballot}
        budget, steps, last = instance.budget_limit, 0, None
        while True:
            instance.budget_limit = budget + steps * str_as_frac(step) * profile.num_ballots()
            outcome = method_of_equal_shares(
                instance, profile, sat_class=Cost_Sat, tie_breaking=ties(profile, seed)
            )
            if sum(topic.cost for topic in outcome) > budget:
                return last
            last = [[topic.name for topic in outcome], steps]
            if set(outcome) == wanted:
                return last
            steps += 1
"""
COUNT_FILES = """
    import json, sys
    from pathlib import Path
    from rule import *

    outcomes = []
    for path in sorted(Path(sys.argv[1]).glob("*.pb")):
        instance, profile = parse_pabulib(str(path))
        meta = instance.meta
        told = instance, profile, meta["share_step"], meta["seed"]
        outcomes.append([sorted(counted(*told)), *stepped(*told)])
    print(json.dumps(outcomes))
"""
FIND_COMMITTEES = """
    import json, sys
    from abcvoting.abcrules import compute_equal_shares
    from abcvoting.preferences import Profile

    found = []
    for names, ballots, slots in json.load(open(sys.argv[1])):
        profile = Profile(len(names))
        profile.add_voters([[names.index(name) for name in ballot] for ballot in ballots])
        committees = compute_equal_shares(
            profile, slots, algorithm="standard-fractions", resolute=False, completion=None
        )
        found.append([sorted(names[topic] for topic in committee) for committee in committees])
    print(json.dumps(found))
"""
# Prints the seconds for reading and for counting, and how far the peak of its resident memory rose
# above that of Python with the modules imported, in MiB. Linux lets ru_maxrss begin at the peak of
# the process that started this one, so the peak is read where it does not.
MEASURED = """
    import json, re, sys
    from time import perf_counter
    {imports}

    def memory():
        return int(re.search("VmHWM:\\s*(\\d+) kB", open("/proc/self/status").read())[1])

    path, form = sys.argv[1:]
    bare, began = memory(), perf_counter()
    {read}
    read = perf_counter()
    {count}
    done = perf_counter()
    risen = (memory() - bare) / 1024
    print(json.dumps(dict(
        reading=read - began, counting=done - read, memory=risen, winners=winners
    )))
"""
OURS = {
    "imports": "from equal_shares import Election, Fraction, Topic, count, parsed",
    "read": """
    if form == "file":
        election = parsed(open(path, "rb").read())
    else:
        lines = map(json.loads, open(path))
        costs, budget, step, seed = next(lines)
        names = list(costs)
        election = Election(
            [Topic(name, Fraction(cost)) for name, cost in costs.items()],
            {frozenset({names[topic] for topic in ballot}): number for ballot, number in lines},
            Fraction(budget), Fraction(step), seed=seed,
        )
    """,
    "count": "winners = list(count(election).winners)",
}
THEIRS = {
    "imports": "from rule import *",
    "read": """
    if form == "file":
        instance, profile = parse_pabulib(path)
        step, seed = instance.meta["share_step"], instance.meta["seed"]
        profile = profile.as_multiprofile()
    else:
        lines = map(json.loads, open(path))
        costs, budget, step, seed = next(lines)
        topics = [Project(name, str_as_frac(cost)) for name, cost in costs.items()]
        instance = Instance(topics, budget_limit=str_as_frac(budget))
        profile = ApprovalMultiProfile(instance=instance)
        for ballot, number in lines:
            profile[FrozenApprovalBallot(topics[topic] for topic in ballot)] = number
    """,
    "count": "winners = counted(instance, profile, step, seed)",
}


def main() -> int:
    chosen = _options()
    folder = Path(tempfile.mkdtemp(prefix="hromada-pabutools-"))
    try:
        foreign = Foreign(folder)
        foreign.install()
        drawn = [_small(number) for number in range(chosen.elections)]
        differences = _beside_pabutools(foreign, drawn) + _beside_abcvoting(foreign, drawn)
        for form, step in (("file", "0.01"), ("file", "0.001"), ("grouped", "0.01")):
            _measure(foreign, _large(chosen.ballots, step), form)
        return 1 if differences else 0
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.pabutools", description=__doc__)
    parser.add_argument("--elections", type=int, default=1000, help="random ones to compare")
    parser.add_argument("--ballots", type=int, default=100_000, help="in the one to measure")
    return parser.parse_args()


class Foreign:
    """The libraries in an environment of their own, and the scripts that drive them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "environment" / "bin" / "python"

    def install(self) -> None:
        """From the registry that pip is set up for."""
        subprocess.run([sys.executable, "-m", "venv", self.python.parent.parent], check=True)
        pip = [self.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, PABUTOOLS, ABCVOTING], check=True)
        self._write("rule", RULE)
        self._write("count_files", COUNT_FILES)
        self._write("find_committees", FIND_COMMITTEES)
        self._write("theirs", MEASURED.format(**THEIRS))
        self._write("ours", MEASURED.format(**OURS))
        shutil.copy(equal_shares.__file__, self.folder)

    def new_folder(self, name: str) -> Path:
        made = self.folder / name
        made.mkdir()
        return made

    def run(self, script: str, *arguments: object) -> Any:
        """What the script prints as JSON, by the Python that has the libraries."""
        done = subprocess.run(
            [self.python, f"{script}.py", *map(str, arguments)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            check=True,
        )
        return json.loads(done.stdout)

    def _write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.py").write_text(textwrap.dedent(text))


@dataclass(frozen=True)
class Drawn:
    """A random election. Amounts are decimals."""

    costs: dict[str, str]
    ballots: Sequence[Sequence[str]]
    budget: int
    step: str
    seed: str

    def file(self) -> str:
        meta = {
            "num_votes": len(self.ballots),
            "budget": self.budget,
            "vote_type": "approval",
            "rule": equal_shares.STEP_BY_STEP,
            "share_step": self.step,
            "seed": self.seed,
        }
        projects = [{"project_id": name, "cost": cost} for name, cost in self.costs.items()]
        votes = (Vote(f"v{number}", ballot) for number, ballot in enumerate(self.ballots))
        return "\n".join(equal_shares.written(meta, projects, votes))

    def election(self) -> Election:
        return equal_shares.parsed(self.file().encode())

    def grouped(self) -> str:
        """Lines of JSON: what is not ballots, then each ballot once, by position, and how many."""
        places = {name: place for place, name in enumerate(self.costs)}
        rows = [
            ([places[name] for name in sorted(ballot)], number)
            for ballot, number in self.election().ballots.items()
        ]
        facts = self.costs, str(self.budget), self.step, self.seed
        return "\n".join(map(json.dumps, [facts, *rows]))

    @property
    def is_for_slots(self) -> bool:
        """Every topic costs 1, and there are no more slots than topics."""
        return set(self.costs.values()) == {"1"} and self.budget <= len(self.costs)


def _small(number: int) -> Drawn:
    """Every other one is for slots."""
    chance = random.Random(number)
    names = [f"t{place}" for place in range(chance.randint(1, 8))]
    if number % 2:
        costs, budget, step = dict.fromkeys(names, "1"), chance.randint(1, len(names)), "0.05"
    else:
        costs = {
            name: chance.choice(("{}", "{}.5")).format(chance.randint(1, 20)) for name in names
        }
        budget, step = chance.randint(1, 10 * len(names)), chance.choice(("1", "0.5"))
    density = chance.random()
    ballots = [
        [name for name in names if chance.random() < density] for _ in range(chance.randint(1, 20))
    ]
    return Drawn(costs, ballots, budget, step, seed=str(number))


def _large(ballots: int, step: str) -> Drawn:
    """30 topics of 4 to 39 hours, in minutes, and 200 hours; popular ones ticked more often."""
    chance = random.Random(ballots)
    names = [f"t{place}" for place in range(30)]
    weights = range(len(names), 0, -1)
    return Drawn(
        {name: str(chance.randrange(4, 40) * 60) for name in names},
        [
            sorted(set(chance.choices(names, weights, k=chance.randint(1, 6))))
            for _ in range(ballots)
        ],
        budget=200 * 60,
        step=step,
        seed="2026",
    )


def _beside_pabutools(foreign: Foreign, drawn: Sequence[Drawn]) -> int:
    """How many outcomes differ: in the winners, in their order, or in the number of steps."""
    files = foreign.new_folder("files")
    for number, one in enumerate(drawn):
        (files / f"{number:06}.pb").write_text(one.file())
    differences = 0
    for one, theirs in zip(drawn, foreign.run("count_files", files), strict=True):
        count = equal_shares.count(one.election())
        ours = [sorted(count.winners), list(count.winners), count.steps]
        if ours != theirs:
            differences += 1
            print(f"{PABUTOOLS} finds {theirs} and we {ours}:\n{one.file()}\n")
    print(
        f"{len(drawn) - differences} of {len(drawn)} random elections, half of them for slots: "
        f"the same winners, order and number of steps as {PABUTOOLS}"
    )
    return differences


def _beside_abcvoting(foreign: Foreign, drawn: Sequence[Drawn]) -> int:
    """How many outcomes of the rule without steps are not among the committees."""
    slots = [one for one in drawn if one.is_for_slots]
    committees = foreign.folder / "committees.json"
    committees.write_text(json.dumps([(list(one.costs), one.ballots, one.budget) for one in slots]))
    differences = 0
    for one, theirs in zip(slots, foreign.run("find_committees", committees), strict=True):
        ours = sorted(equal_shares.count(replace(one.election(), rule=equal_shares.ONCE)).winners)
        if ours not in theirs:
            differences += 1
            print(f"{ABCVOTING} finds {theirs} and we {ours}:\n{one.file()}\n")
    print(
        f"{len(slots) - differences} of {len(slots)} for slots, by the rule without steps: "
        f"ours is among the committees of {ABCVOTING}"
    )
    return differences


def _measure(foreign: Foreign, drawn: Drawn, form: str) -> None:
    """Ours three times, the middle one; theirs once. Each in a process of its own."""
    path = foreign.folder / "large"
    path.write_text(drawn.file() if form == "file" else drawn.grouped())
    runs = [foreign.run("ours", path, form) for _ in range(3)]
    ours = {key: statistics.median(run[key] for run in runs) for key in FIGURES}
    theirs = foreign.run("theirs", path, form)
    steps = equal_shares.count(drawn.election()).steps
    print(f"\n{len(drawn.ballots):,} ballots from {FORMS[form]}, {steps} steps of {drawn.step}:")
    print(f"  the same winners: {sorted(runs[0]['winners']) == sorted(theirs['winners'])}")
    for key, unit in FIGURES.items():
        print(
            f"  {key:<9} ours {ours[key]:10,.2f} {unit}   {PABUTOOLS} {theirs[key]:10,.2f} {unit}"
            f"   {theirs[key] / ours[key]:6.1f} times ours"
        )


if __name__ == "__main__":
    sys.exit(main())
