"""Small elections worked with a pencil; the comments do the arithmetic.

A share is the money that every voter has: the budget by the number of voters, and what it was
raised by. A topic with n supporters of whom each pays c/n of its cost c has a rho of 1/n, which
does not depend on c; rho is larger only where some supporters have less left and others pay more
for them.

Ballots are "3 ab, 1 c, 2 -": three voters ticked a and b, one ticked c, two ticked nothing.
Payments are "a 2, b 1 to 3": every supporter of a paid 2, those of b between 1 and 3. Losers are
told as "how many supporters had spent how much: left, missing". Ties are "a over b c by cost".
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Worked:
    """An election and what comes out of it. `winners` are in the order in which they are bought.

    `beyond` is what the first share that overspends would have bought; "" where there is none.
    """

    name: str
    topics: str
    ballots: str
    budget: str
    winners: str
    share: str
    left_over: str
    payments: str = ""
    beyond: str = ""
    losers: dict[str, str] = field(default_factory=dict)
    ties: Sequence[str] = ()
    step: str = "1"
    rule: str = "equalshares/add1"
    seed: str = ""

    def file(self) -> str:
        """As a .pb file, put together without the code under test."""
        meta = f"budget;{self.budget}\nrule;{self.rule}\nshare_step;{self.step}\nseed;{self.seed}"
        topics = [topic.split() for topic in self.topics.split(", ") if topic]
        votes = [
            ",".join(ticks.strip("-"))
            for number, ticks in (part.split() for part in self.ballots.split(", ") if part)
            for _ in range(int(number))
        ]
        return "\n".join(
            [
                f"META\nkey;value\n{meta}\nPROJECTS\nproject_id;cost",
                *(f"{name};{cost}" for name, cost in topics),
                "VOTES\nvoter_id;vote",
                *(f"v{number};{vote}" for number, vote in enumerate(votes)),
            ]
        )


# One more tick can cost a topic its place

BEFORE_THE_TICK = Worked(
    # Share 4/5: a has two supporters with 8/5 and is bought for 1/2 each, rho 1/2; b's three have
    # 4/5 + 3/10 + 3/10 = 7/5 of 4. Share 9/5: b's three have 27/5 and pay 4/3 each, rho 1/3, before
    # a; a's two have 2 * (9/5 - 4/3) = 14/15 of 1 left. Spent 4. Share 14/5: both, 5.
    "a topic that is chosen by three of five voters",
    topics="a 1, b 4",
    ballots="1 b, 2 -, 2 ab",
    budget="4",
    winners="b",
    share="9/5",
    left_over="0",
    payments="b 4/3",
    beyond="5",
    losers={"a": "2 spent 8/3: 14/15 left, 1/15 missing"},
)
AFTER_THE_TICK = Worked(
    # One of the two who had ticked nothing ticks b. Share 4/5: b's four have 16/5 of 4 at first,
    # and a is bought. Share 9/5: b for 1 each, and now a's two have 8/5 left: both are bought, for
    # 5, more than 4. So the share stays at 4/5, where b cannot be paid for.
    "with one more tick for it the same topic is lost",
    topics="a 1, b 4",
    ballots="2 b, 1 -, 2 ab",
    budget="4",
    winners="a",
    share="4/5",
    left_over="3",
    payments="a 1/2",
    beyond="5",
    losers={"b": "2 spent 1: 11/5 left, 9/5 missing"},
)

ALL = [
    # The budget spent, or not
    Worked(
        # The one voter has 10 and pays 10.
        "one voter, one topic, the budget exactly spent",
        topics="a 10",
        ballots="1 a",
        budget="10",
        winners="a",
        share="10",
        left_over="0",
        payments="a 10",
    ),
    Worked(
        # Shares of 5. Each pays for their own topic, with a rho of 1; a stands first in the file.
        "two voters who agree on nothing have one topic each",
        topics="a 5, b 5",
        ballots="1 a, 1 b",
        budget="10",
        winners="a b",
        share="5",
        left_over="0",
        payments="a 5, b 5",
        ties=["a over b by order of the file"],
    ),
    Worked(
        # Shares of 50. Both are bought at once, nothing is left to buy, and 100 - 30 = 70 stay.
        "what nobody can use is left over",
        topics="a 10, b 20",
        ballots="1 a, 1 b",
        budget="100",
        winners="a b",
        share="50",
        left_over="70",
        payments="a 10, b 20",
        ties=["a over b by cost"],
    ),
    Worked(
        # Shares of 7/3: three times 7/3 is 7 to the last bit, which no decimal number can say.
        "a budget spent exactly, in thirds",
        topics="a 7",
        ballots="3 a",
        budget="7",
        winners="a",
        share="7/3",
        left_over="0",
        payments="a 7/3",
    ),
    Worked(
        # Shares of 0. With shares of 1, topic a would cost 1 of the 0 there are.
        "without a budget nothing is bought",
        topics="a 1",
        ballots="1 a",
        budget="0",
        winners="",
        share="0",
        left_over="0",
        beyond="1",
        losers={"a": "0 spent 0: 0 left, 1 missing"},
    ),
    # Too dear
    Worked(
        # Share 10: not enough. Share 11: a is bought for 11, more than 10.
        "a topic dearer than the budget is never bought",
        topics="a 11",
        ballots="1 a",
        budget="10",
        winners="",
        share="10",
        left_over="10",
        beyond="11",
        losers={"a": "0 spent 0: 10 left, 1 missing"},
    ),
    Worked(
        # Share 2: a has 4 * 2 = 8 of 12, b has 2 of 4. Share 3: a has its 12, which overspends.
        # That b would fit into the 10 does not matter: there is no filling up.
        "a topic dearer than the budget can end the raise before a cheap one is bought",
        topics="a 12, b 4",
        ballots="4 a, 1 b",
        budget="10",
        winners="",
        share="2",
        left_over="10",
        beyond="12",
        losers={"a": "0 spent 0: 8 left, 4 missing", "b": "0 spent 0: 2 left, 2 missing"},
    ),
    Worked(
        # Share 6: b is paid by both, 3 each. One voter is left for a, and has 3 of its 100. The
        # share is raised as long as that is not enough: 102 - 3 = 99 is not, 103 - 3 = 100 is, and
        # then 100 + 6 = 106 is more than 12. So 102 is the last share, 96 steps above the first.
        "a topic that nobody can afford leaves the others where they are",
        topics="a 100, b 6",
        ballots="1 ab, 1 b",
        budget="12",
        winners="b",
        share="102",
        left_over="6",
        payments="b 3",
        beyond="106",
        losers={"a": "1 spent 3: 99 left, 1 missing"},
    ),
    Worked(
        # Share 1: nine pay 1 each for a. The tenth has 1 of the 2 for b; with 2 each, 11 are spent.
        "a minority smaller than its topic goes without",
        topics="a 9, b 2",
        ballots="9 a, 1 b",
        budget="10",
        winners="a",
        share="1",
        left_over="1",
        payments="a 1",
        beyond="11",
        losers={"b": "0 spent 0: 1 left, 1 missing"},
    ),
    Worked(
        # Share 2: three have 6 of the 8 for a; b and c are paid by one voter each. Share 3: three
        # have 9, a is bought as well, and 8 + 2 + 2 = 12 is more than 10.
        "most ticks do not win what those who ticked cannot pay",
        topics="a 8, b 2, c 2",
        ballots="3 a, 1 b, 1 c",
        budget="10",
        winners="b c",
        share="2",
        left_over="6",
        payments="b 2, c 2",
        beyond="12",
        losers={"a": "0 spent 0: 6 left, 2 missing"},
        ties=["b over c by order of the file"],
    ),
    Worked(
        # Share 4: a and b both ask 1/2 of their two voters; b is cheaper and costs 2 each. 4 are
        # left, a costs 8. Share 5: 6 are left. Share 6: 8 are left, a is bought too, 12 is more
        # than 8.
        "who has spent on one topic may lack the money for another",
        topics="a 8, b 4",
        ballots="2 ab",
        budget="8",
        winners="b",
        share="5",
        left_over="4",
        payments="b 2",
        beyond="12",
        losers={"a": "2 spent 4: 6 left, 2 missing"},
        ties=["b over a by cost"],
    ),
    # Groups
    Worked(
        # Shares of 1. Each of a, b, c asks 30/60 = 1/2 of each of the sixty: rho 1/60. d asks 40/40
        # = 1: rho 1/40. So a and b, which takes all that the sixty have; then d. The budget is
        # spent. With shares of 2 all four would be bought: 130.
        "sixty of a hundred decide over 60 of 100, and forty over 40",
        topics="a 30, b 30, c 30, d 40",
        ballots="60 abc, 40 d",
        budget="100",
        winners="a b d",
        share="1",
        left_over="0",
        payments="a 1/2, b 1/2, d 1",
        beyond="130",
        losers={"c": "60 spent 60: 0 left, 30 missing"},
        ties=["a over b c by order of the file", "b over c by order of the file"],
    ),
    Worked(
        # Shares of 1, ten voters. Every topic has a rho of 1/10, so the cheapest come first: b for
        # 3/10 each, c for 4/10. 3/10 each are left, 3 together, and a costs 5. With shares of 2 all
        # three are bought: 12.
        "when all tick the same, the cheapest come first",
        topics="a 5, b 3, c 4",
        ballots="10 abc",
        budget="10",
        winners="b c",
        share="1",
        left_over="3",
        payments="b 3/10, c 2/5",
        beyond="12",
        losers={"a": "10 spent 7: 3 left, 2 missing"},
        ties=["b over a c by cost", "c over a by cost"],
    ),
    Worked(
        # Share 2: a and b have three supporters each, rho 1/3; a stands first: 5/3 each. For b
        # there are 1/3 + 2 + 2 = 13/3 of 5. Share 3: a again; for b 4/3 + 3 + 3. An even part is
        # 5/3, more than 4/3: the one who paid for a gives 4/3, the others (5 - 4/3)/2 = 11/6 each.
        "who belongs to two groups pays for both",
        topics="a 5, b 5",
        ballots="2 a, 1 ab, 2 b",
        budget="10",
        winners="a b",
        share="3",
        left_over="0",
        payments="a 5/3, b 4/3 to 11/6",
        ties=["a over b by order of the file"],
    ),
    Worked(
        # Share 3: both have three supporters, rho 1/3; b is cheaper: 5/3 each. For a there are 4/3
        # + 4/3 + 3 = 17/3 of 6. Share 4: after b there are 7/3 + 7/3 + 4, and an even part is 2.
        "the same two groups, one topic cheaper",
        topics="a 6, b 5",
        ballots="2 ab, 1 a, 1 b",
        budget="12",
        winners="b a",
        share="4",
        left_over="1",
        payments="b 5/3, a 2",
        ties=["b over a by cost"],
    ),
    # Payments that differ
    Worked(
        # Shares of 3. a: four pay 2 each, rho 2/8. b: two would pay 2 each, rho 2/4, so a comes
        # first. Then one of b's two has 1 left and gives it, the other pays 3 of 3: rho 3/4.
        "who has less than an even part gives all, and the others pay the rest",
        topics="a 8, b 4",
        ballots="3 a, 1 ab, 1 b",
        budget="15",
        winners="a b",
        share="3",
        left_over="3",
        payments="a 2, b 1 to 3",
    ),
    Worked(
        # Shares of 6. q: five pay 3 each, rho 1/5. p: four pay 5 each, rho 1/4. z: rho 1/3 at
        # first, but now its three have 1, 3 and 6. Even parts are 3: the first gives 1. Even parts
        # of the other 8 are 4: the second gives 3. The third pays the 5 that remain: rho 5/9.
        "giving all can go on over several turns",
        topics="p 20, q 15, z 9",
        ballots="1 pz, 3 p, 1 qz, 4 q, 1 z",
        budget="60",
        winners="q p z",
        share="6",
        left_over="16",
        payments="q 3, p 5, z 1 to 5",
    ),
    Worked(
        # Shares of 3. p: three pay 3 each, all they have, rho 1/3. z: rho 1/2 at first; one of its
        # two has nothing left, so the other pays 2 of 3.
        "who has nothing left pays nothing, and the topic can be bought all the same",
        topics="p 9, z 2",
        ballots="2 p, 1 pz, 1 z",
        budget="12",
        winners="p z",
        share="3",
        left_over="1",
        payments="p 3, z 0 to 2",
    ),
    # Ties
    Worked(
        # Shares of 3. Both topics have two supporters, rho 1/2. The cheaper first: 1 each, then 2.
        "at equal rho the cheaper topic comes first",
        topics="a 4, b 2",
        ballots="2 ab",
        budget="6",
        winners="b a",
        share="3",
        left_over="0",
        payments="b 1, a 2",
        ties=["b over a by cost"],
    ),
    Worked(
        # Shares of 6. c: four pay 4 each, rho 1/4. Two of them ticked a as well and have 2 left:
        # they give that, and a's third supporter pays 8 - 4 = 4. b: two pay 4 each. So a and b both
        # ask 4 of 8, they cost the same, and a has three supporters, b two.
        "at equal rho and cost the topic with more supporters comes first",
        topics="b 8, a 8, c 16",
        ballots="2 ac, 2 c, 1 a, 2 b",
        budget="42",
        winners="c a b",
        share="6",
        left_over="10",
        payments="c 4, a 2 to 4, b 4",
        ties=["a over b by approvals"],
    ),
    Worked(
        # As before, but b costs 6, 3 for each of its two: rho 1/2 like a's. It is cheaper, so it
        # comes first, though a has more supporters.
        "cost comes before supporters",
        topics="b 6, a 8, c 16",
        ballots="2 ac, 2 c, 1 a, 2 b",
        budget="42",
        winners="c b a",
        share="6",
        left_over="12",
        payments="c 4, b 3, a 2 to 4",
        ties=["b over a by cost"],
    ),
    Worked(
        # Shares of 6. c: five pay 4 each, rho 1/5, and have 2 left. a: two of them give 2, the
        # third supporter pays 4 of 8. b: 4 each of 8. d: three of them give 2, the fourth
        # supporter pays 6 of 12. All three have rho 1/2; a and b are cheaper than d, and of these
        # a has three supporters, b two; d's four do not matter. Then b, which is cheaper, then d.
        "supporters decide among the cheapest alone",
        topics="d 12, b 8, a 8, c 20",
        ballots="2 ac, 3 cd, 1 a, 1 d, 2 b",
        budget="54",
        winners="c a b d",
        share="6",
        left_over="6",
        payments="c 4, a 2 to 4, b 4, d 2 to 6",
        ties=["a over b d by approvals", "b over d by cost"],
    ),
    Worked(
        # The same with a seed: there is nothing for a lot to decide.
        "the lot is not drawn where supporters decide",
        topics="b 8, a 8, c 16",
        ballots="2 ac, 2 c, 1 a, 2 b",
        budget="42",
        winners="c a b",
        share="6",
        left_over="10",
        payments="c 4, a 2 to 4, b 4",
        ties=["a over b by approvals"],
        seed="2024",
    ),
    Worked(
        # Shares of 3: two voters pay 3 each for any one of the three. At 4 and 5 what is left, 2
        # and 4, does not buy a second; at 6 it does, and 12 is more than 6.
        "without a seed the order of the file decides in the end",
        topics="c 6, a 6, b 6",
        ballots="2 abc",
        budget="6",
        winners="c",
        share="5",
        left_over="0",
        payments="c 3",
        beyond="12",
        losers={"a": "2 spent 6: 4 left, 2 missing", "b": "2 spent 6: 4 left, 2 missing"},
        ties=["c over a b by order of the file"],
    ),
    Worked(
        # The same with a seed. SHA-256 of 2024a begins with 33c7, of 2024b with c12d, of 2024c with
        # 45e1: the least comes first.
        "with a seed the lot decides in the end",
        topics="c 6, a 6, b 6",
        ballots="2 abc",
        budget="6",
        winners="a",
        share="5",
        left_over="0",
        payments="a 3",
        beyond="12",
        losers={"b": "2 spent 6: 4 left, 2 missing", "c": "2 spent 6: 4 left, 2 missing"},
        ties=["a over b c by lot"],
        seed="2024",
    ),
    # The raise
    Worked(
        # Share 4: two pay 3 each for a; b's one voter lacks 2. Share 5: lacks 1. Share 6: pays 6.
        "the share is raised step by step until the rest can be bought",
        topics="a 6, b 6",
        ballots="2 a, 1 b",
        budget="12",
        winners="a b",
        share="6",
        left_over="0",
        payments="a 3, b 6",
    ),
    Worked(
        # The same by the rule without steps: it ends with share 4.
        "the rule without steps keeps the first share",
        topics="a 6, b 6",
        ballots="2 a, 1 b",
        budget="12",
        winners="a",
        share="4",
        left_over="6",
        payments="a 3",
        losers={"b": "0 spent 0: 4 left, 2 missing"},
        rule="equalshares",
    ),
    Worked(
        # Shares of 5, and each topic has one supporter and costs 6.
        "the rule without steps can buy nothing at all",
        topics="a 6, b 6",
        ballots="1 a, 1 b",
        budget="10",
        winners="",
        share="5",
        left_over="10",
        losers={"a": "0 spent 0: 5 left, 1 missing", "b": "0 spent 0: 5 left, 1 missing"},
        rule="equalshares",
    ),
    Worked(
        # Shares of 5: neither. Shares of 6: both, for 12. One of the two would fit, but no share
        # buys one alone.
        "two topics that can only be bought together are not bought",
        topics="a 6, b 6",
        ballots="1 a, 1 b",
        budget="10",
        winners="",
        share="5",
        left_over="10",
        beyond="12",
        losers={"a": "0 spent 0: 5 left, 1 missing", "b": "0 spent 0: 5 left, 1 missing"},
    ),
    Worked(
        # Share 5/3: four have 20/3 and pay 3/2 each for a. Shares 8/3: b and c lack 1/3. Share
        # 11/3: both are bought, and 6 + 3 + 3 = 12 is more than 10. b alone would fit into the 4
        # left over.
        "what is left over is not spent on the next favourite",
        topics="a 6, b 3, c 3",
        ballots="4 a, 1 b, 1 c",
        budget="10",
        winners="a",
        share="8/3",
        left_over="4",
        payments="a 3/2",
        beyond="12",
        losers={"b": "0 spent 0: 8/3 left, 1/3 missing", "c": "0 spent 0: 8/3 left, 1/3 missing"},
    ),
    Worked(
        # All three have two supporters, rho 1/2, so a, the cheapest, comes first at every share.
        # Share 14/3: a's two have 8/3 each left; c has 16/3 of 8, b 8/3 + 14/3 = 22/3 of 9.
        # Share 17/3: 11/3 left each; c has 22/3 of 8; b has 11/3 + 17/3 = 28/3: an even part is
        #   9/2, the first gives 11/3, the second 16/3. Spent 13 of 14: nothing more would fit.
        # Share 20/3: 14/3 left each; b and c both have rho 1/2 again; c is cheaper, 4 each. b has
        #   2/3 + 20/3 = 22/3 of 9. Spent 12: this stands, though 13 had been spent before.
        # Share 23/3: a, c, and b with 5/3 + 23/3 = 28/3: 21.
        "the last outcome that fits stands, even if an earlier one left no room for more",
        topics="a 4, b 9, c 8",
        ballots="1 abc, 1 ac, 1 b",
        budget="14",
        winners="a c",
        share="20/3",
        left_over="2",
        payments="a 2, c 4",
        beyond="21",
        losers={"b": "1 spent 6: 22/3 left, 5/3 missing"},
        ties=["a over b c by cost", "c over b by cost"],
    ),
    # Steps and decimals
    Worked(
        # Share 7/2: neither. Share 11/2: both, and 9 is more than 7.
        "a large step leaps over what a smaller one finds",
        topics="a 4, b 5",
        ballots="1 a, 1 b",
        budget="7",
        winners="",
        share="7/2",
        left_over="7",
        beyond="9",
        losers={"a": "0 spent 0: 7/2 left, 1/2 missing", "b": "0 spent 0: 7/2 left, 3/2 missing"},
        step="2",
    ),
    Worked(
        # Shares 7/2: neither. 4 and 9/2: a. 5: both.
        "a smaller step stops between two topics",
        topics="a 4, b 5",
        ballots="1 a, 1 b",
        budget="7",
        winners="a",
        share="9/2",
        left_over="3",
        payments="a 4",
        beyond="9",
        losers={"b": "0 spent 0: 9/2 left, 1/2 missing"},
        step="0.5",
    ),
    Worked(
        # The same: 149 steps above 3.50 the share is 4.99, and one more buys b.
        "a step of a hundredth comes as near as it can",
        topics="a 4, b 5",
        ballots="1 a, 1 b",
        budget="7",
        winners="a",
        share="499/100",
        left_over="3",
        payments="a 4",
        beyond="9",
        losers={"b": "0 spent 0: 499/100 left, 1/100 missing"},
        step="0.01",
    ),
    Worked(
        # Share 7/2: two pay 9/4 each for a. b's one voter has 6 or more at 13/2. Spent 21/2: all.
        "costs and budgets may have decimals",
        topics="a 4.5, b 6",
        ballots="2 a, 1 b",
        budget="10.5",
        winners="a b",
        share="13/2",
        left_over="0",
        payments="a 9/4, b 6",
    ),
    Worked(
        # Halves and fifths meet. Share 11/3: two pay 9/4 each for a. b's one voter has 6.2 or more
        # three steps later, with 20/3. 4.5 + 6.2 = 10.7 of 11.
        "decimals of different kinds are added exactly",
        topics="a 4.5, b 6.2",
        ballots="2 a, 1 b",
        budget="11",
        winners="a b",
        share="20/3",
        left_over="3/10",
        payments="a 9/4, b 31/5",
    ),
    Worked(
        # Share 10/3 = 3.33...: c, for 3.32. One step more, 3.3433...: a and b, for 3.34, too. All
        # have one supporter, rho 1: the cheapest first, then by the file. 3.32 + 3.34 + 3.34 = 10.
        "a cent decides, and thirds are not rounded",
        topics="a 3.34, b 3.34, c 3.32",
        ballots="1 a, 1 b, 1 c",
        budget="10",
        winners="c a b",
        share="1003/300",
        left_over="0",
        payments="c 83/25, a 167/50, b 167/50",
        ties=["c over a b by cost", "a over b by order of the file"],
        step="0.01",
    ),
    # Nothing to count
    Worked(
        "without voters nothing is bought",
        topics="a 2",
        ballots="",
        budget="5",
        winners="",
        share="0",
        left_over="5",
        losers={"a": "0 spent 0: 0 left, 2 missing"},
    ),
    Worked(
        "without topics nothing is bought",
        topics="",
        ballots="3 -",
        budget="5",
        winners="",
        share="5/3",
        left_over="5",
    ),
    Worked(
        # Shares of 5, and nobody to pay for a with them. There is nothing to raise the shares for.
        "empty ballots alone buy nothing",
        topics="a 2",
        ballots="2 -",
        budget="10",
        winners="",
        share="5",
        left_over="10",
        losers={"a": "0 spent 0: 0 left, 2 missing"},
    ),
    Worked(
        # The budget is shared between two: 4 each. One pays 2, the other's 4 stay.
        "an empty ballot is a voter with a share",
        topics="a 2",
        ballots="1 a, 1 -",
        budget="8",
        winners="a",
        share="4",
        left_over="6",
        payments="a 2",
    ),
    Worked(
        # Share 5: the one supporter lacks 1, and the other's 5 are no help. Share 6: bought.
        "the share of an empty ballot pays for nothing",
        topics="a 6",
        ballots="1 a, 1 -",
        budget="10",
        winners="a",
        share="6",
        left_over="4",
        payments="a 6",
    ),
    Worked(
        # a is bought at once. b has no supporter, so the shares are not raised for it.
        "a topic that nobody ticked is not bought and does not keep the count going",
        topics="a 2, b 1",
        ballots="1 a",
        budget="5",
        winners="a",
        share="5",
        left_over="3",
        payments="a 2",
        losers={"b": "0 spent 0: 0 left, 1 missing"},
    ),
    Worked(
        # One supporter each, rho 1: the cheapest first. Share 10: c for 4, b for 5, and 1 is left
        # for a, which costs 6. Share 14: 5 is left. Share 15: 6 is left, and 15 is more than 10.
        "one voter buys the cheapest topics first",
        topics="a 6, b 5, c 4",
        ballots="1 abc",
        budget="10",
        winners="c b",
        share="14",
        left_over="1",
        payments="c 4, b 5",
        beyond="15",
        losers={"a": "1 spent 9: 5 left, 1 missing"},
        ties=["c over a b by cost", "b over a by cost"],
    ),
    # Slots: every topic costs 1
    Worked(
        # Shares of 1/3. The six pay 1/6 each for a, then for b, and have nothing left. The three
        # pay 1/3 each for d, the other three for g. With shares of 4/3 everybody could pay for all:
        # 9.
        "four slots go two, one and one to groups of six, three and three",
        topics="a 1, b 1, c 1, d 1, e 1, f 1, g 1, h 1, i 1",
        ballots="6 abc, 3 def, 3 ghi",
        budget="4",
        winners="a b d g",
        share="1/3",
        left_over="0",
        payments="a 1/6, b 1/6, d 1/3, g 1/3",
        beyond="9",
        ties=[
            "a over b c by order of the file",
            "b over c by order of the file",
            "d over e f g h i by order of the file",
            "g over h i by order of the file",
        ],
    ),
    Worked(
        # Share 0.25: the seven pay 1/7 each for a. b from 2/7 = 0.2857 on: at 0.29. d from 1/3 on:
        # at 0.34. c from 3/7 = 0.4286 on: at 0.43, and that is a fourth. So 0.42, 17 steps up.
        "slots are filled one by one as the share is raised by hundredths",
        topics="a 1, b 1, c 1, d 1, e 1",
        ballots="7 abc, 3 d, 2 e",
        budget="3",
        winners="a b d",
        share="21/50",
        left_over="0",
        payments="a 1/7, b 1/7, d 1/3",
        beyond="4",
        losers={
            "c": "7 spent 2: 47/50 left, 3/50 missing",
            "e": "0 spent 0: 21/25 left, 4/25 missing",
        },
        ties=["a over b c by order of the file", "b over c by order of the file"],
        step="0.01",
    ),
    Worked(
        # Share 0.5: the five have 2.5, two topics at 1/5 each; the three have 1.5, one at 1/3; the
        # two have 1, one at 1/2: four slots. Share 0.6: 3, 1.8 and 1.2: three, one and one. Share
        # 0.7: 3.5, 2.1 and 1.4: three, two and one are six.
        "five slots go three, one and one to groups of five, three and two",
        topics="a 1, b 1, c 1, d 1, e 1, f 1, g 1, h 1, i 1, j 1",
        ballots="5 abcde, 3 fgh, 2 ij",
        budget="5",
        winners="a b c f i",
        share="3/5",
        left_over="0",
        payments="a 1/5, b 1/5, c 1/5, f 1/3, i 1/2",
        beyond="6",
        ties=[
            "a over b c d e by order of the file",
            "b over c d e by order of the file",
            "c over d e by order of the file",
            "f over g h by order of the file",
            "i over j by order of the file",
        ],
        step="0.1",
    ),
    Worked(
        # Shares of 1/2: nobody can pay 1 alone. Shares of 3/2: all four, and 4 is more than 2.
        "two slots for four voters who agree on nothing stay empty",
        topics="a 1, b 1, c 1, d 1",
        ballots="1 a, 1 b, 1 c, 1 d",
        budget="2",
        winners="",
        share="1/2",
        left_over="2",
        beyond="4",
    ),
    # One more tick can cost a topic its place
    BEFORE_THE_TICK,
    AFTER_THE_TICK,
]
