"""Whether two sides gave the same labels and scores, item by item."""

import math

from .contest import Disagreement

# The least share of equal labels, and the most that scores of equal labels may differ by. Had a side mixed items up or skipped
# a step, about one label in eight would be the same. bfloat16 has 8 significant bits and the models' weights are random, so
# that many answers are close calls: the script itself gives 83 % of its float32 labels when it computes in bfloat16.
FLOAT32 = (1.0, 2e-3)
SAME_BFLOAT16 = (0.93, 0.06)  # the same package, but other batches, so other roundings
ACROSS = (0.75, 0.15)

# That sides agree on one label for everything would say nothing.
LEAST_LABELS = 5


def labels_agree(mine: dict, other: dict, share: float, allowed: float) -> str:
    """Compares (label, score) by item; says what was compared, or raises `Disagreement`."""
    if mine.keys() != other.keys() or not mine:
        raise Disagreement(f"{len(mine)} and {len(other)} predictions, of different items")
    for side in (mine, other):
        for key, (_, score) in side.items():
            if not math.isfinite(score):
                raise Disagreement(f"the score of {key} is {score}")
    labels = len({label for label, _ in mine.values()})
    if labels < LEAST_LABELS:
        raise Disagreement(f"only {labels} labels occur: that sides agree on them would say nothing")
    same = [key for key in mine if mine[key][0] == other[key][0]]
    difference = max((abs(mine[key][1] - other[key][1]) for key in same), default=1.0)
    if difference > allowed or len(same) < share * len(mine):
        raise Disagreement(
            f"{len(same)} of {len(mine)} labels are the same, their scores differ by up to {difference:.2g}")
    return f"{len(same)} of {len(mine)} labels the same ({labels} occur), their scores within {difference:.1g}"
