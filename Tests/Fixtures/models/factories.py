"""The networks behind the packages here, as pipelines/models/compile.py wants them: functions without arguments."""

from make_models import Masked


def masked() -> Masked:
    return Masked(3)


def strayed() -> Masked:
    """The masked model after an accident: whatever weights it is given, it answers with half of them."""
    class Strayed(Masked):
        def forward(self, values, lengths):
            return super().forward(values * 0.5, lengths)

    return Strayed(3)
