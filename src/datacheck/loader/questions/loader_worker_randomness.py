"""Is the randomness of workers and epochs their own?"""

from collections.abc import Iterator
from dataclasses import dataclass

from ..._format import percent
from ...finding import Finding
from ..question import Question, need
from ..seen import Seen

FIX = """def worker_init_fn(worker_id):
    info = torch.utils.data.get_worker_info()  # its seed differs by worker and by epoch
    random.seed(info.seed)
    np.random.seed(info.seed % 2**32)
    info.dataset.rng = np.random.default_rng(info.seed)  # the generator that your dataset holds

loader = DataLoader(dataset, worker_init_fn=worker_init_fn, num_workers=num_workers)"""


@dataclass(frozen=True, kw_only=True)
class LoaderWorkerRandomness(Question):
    """Is the randomness of workers and epochs their own?

    What it finds:
        Workers that draw the same random numbers as each other, or the same in every epoch: the copies of a
        generator that the dataset holds, or a worker_init_fn with a constant seed.

    Why it matters for training:
        Augmentation is then repeated: W workers give W samples the same crop, and epochs add nothing new.

    How it decides:
        Every worker draws the same 16 samples three times, in two epochs of a copy of the loader. Randomness
        is evident where repeated draws in one worker differ. If the draws of two workers, or of one worker in
        two epochs, are nevertheless all identical, and chance would do that with at most `chance`, it is
        shared.

    When it is wrong:
        Augmentation of fewer than about a fifth of the samples is too rare to be evident. A dataset that
        seeds its generator by the index shows no randomness. Not asked without workers, of iterable datasets,
        and while a training runs.

    What to do:
        Seed every generator that the dataset holds in a worker_init_fn, from the worker's own seed.

    References:
        pytorch issue 5059, "Random seed initialization of numpy in DataLoader workers"; PyTorch
        documentation, "Randomness in multi-process data loading".
    """

    chance: float = 1e-4
    """Chance of identical draws by luck, from the share of repeated draws that are identical."""
    identical: float = 0.99
    """Share of draws that must be identical between workers or epochs; hashes are exact, so all are."""

    def ask(self, seen: Seen) -> Iterator[Finding]:
        """A finding for the workers, and one for the epochs."""
        need(
            not seen.facts.watched, "while a training runs no samples are drawn for a test: use audit_loader"
        )
        need(seen.facts.workers > 0, "there are no workers (num_workers=0)")
        need(seen.facts.order != "iterable", "samples of an iterable dataset cannot be drawn twice")
        draws = seen.draws
        need(draws is not None, "the loader's samples could not be drawn twice")
        assert draws is not None
        again = (draws.again[0] + 1) / (draws.again[1] + 2)
        evidence = {"again": list(draws.again), "across": list(draws.across), "epochs": list(draws.epochs)}
        for pairs, message in (
            (draws.across, f"{draws.workers} workers draw the same random numbers"),
            (draws.epochs, "every epoch draws the same random numbers"),
        ):
            if pairs[1] and pairs[0] / pairs[1] >= self.identical and again ** pairs[1] <= self.chance:
                yield self.finding(
                    "error",
                    f"{message}: all draws of one sample are identical between them, though "
                    f"{percent(1 - draws.again[0] / draws.again[1])} of the draws within one worker differ",
                    evidence=evidence,
                    advice="Seed the generator of the dataset in every worker, from the worker's own seed.",
                    fix=FIX,
                )

    def detectable(self, seen: Seen) -> str | None:
        if seen.draws is not None and seen.draws.again[0] == seen.draws.again[1]:
            return "nothing: the samples show no randomness"
        return "random numbers shared by workers or epochs, where a fifth of the samples is changed at random"
