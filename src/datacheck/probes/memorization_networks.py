"""Many networks trained at once: one stacked set of parameters, one batched multiplication a layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from datacheck.errors import InputError

ModelFactory = Callable[[], nn.Module]

FUSED = ("cpu", "cuda")
"""Devices on which one kernel updates all parameters: 32 small networks at once are then 7 to 10 times as
fast as in turn on one core, 2 to 7 times without."""
LEARNING_RATE = 3e-3
"""Of Adam; small networks at unit-scale features settle in tens of epochs."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """Rows, shape (n, ...), with M label columns: `goals` (M, n) class codes or scores, `seen` (M, n)
    training rows."""

    rows: Tensor
    goals: Tensor
    seen: Tensor
    epochs: int
    batch: int
    seed: int

    @property
    def classes(self) -> bool:
        """Whether goals are class codes."""
        return not self.goals.is_floating_point()

    def to(self, device: torch.device) -> Job:
        """The same job with its tensors on a device."""
        rows, goals, seen = (part.to(device) for part in (self.rows, self.goals, self.seen))
        return replace(self, rows=rows, goals=goals, seen=seen)


def pick_device(name: str = "auto") -> torch.device:
    """The named device; 'auto' is the GPU where there is one."""
    if name != "auto":
        return torch.device(name)
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def train_together(factory: ModelFactory, job: Job) -> tuple[Tensor, int]:
    """Fit after each epoch on rows seen and held out, shape (epochs, 2, M), and the parameters of one
    network.

    Every network starts from its own weights and sees the same rows in the same order; rows that it must
    not see have weight 0. Raises InputError for a model that cannot be stacked.
    """
    models = _models(factory, len(job.goals), job)
    parameters, buffers = stack_module_state(models)
    base = models[0].to("meta")
    leaves = {name: value.detach().requires_grad_() for name, value in parameters.items()}

    def outputs(rows: Tensor) -> Tensor:
        def single(own: dict[str, Tensor], state: dict[str, Tensor]) -> Tensor:
            result: Tensor = functional_call(base, (own, state), (rows,))
            return result

        result: Tensor = vmap(single, randomness="different")(leaves, buffers)
        return result

    optimizer = torch.optim.Adam(leaves.values(), lr=LEARNING_RATE, fused=job.rows.device.type in FUSED)
    generator = torch.Generator().manual_seed(job.seed)
    history = []
    for _ in range(job.epochs):
        order = torch.randperm(len(job.rows), generator=generator).to(job.rows.device)
        for start in range(0, len(order), job.batch):
            _step(outputs, optimizer, job, order[start : start + job.batch])
        history.append(_fit(outputs, job))
    size = sum(value[0].numel() for value in leaves.values())
    return torch.stack(history).cpu(), size


def _models(factory: ModelFactory, count: int, job: Job) -> list[nn.Module]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(job.seed)
        models = [factory().to(job.rows.device).train() for _ in range(count)]
    stateful = [type(m).__name__ for m in models[0].modules() if getattr(m, "track_running_stats", False)]
    if stateful:
        raise InputError(
            f"the model has {stateful[0]}, whose running statistics differ between networks trained at once; "
            "build it with GroupNorm or track_running_stats=False for this probe"
        )
    return models


def _step(
    outputs: Callable[[Tensor], Tensor], optimizer: torch.optim.Optimizer, job: Job, part: Tensor
) -> None:
    """One step of all networks: their losses are summed, so that no gradient crosses from one to another."""
    optimizer.zero_grad(set_to_none=True)
    said, goals, weight = outputs(job.rows[part]), job.goals[:, part], job.seen[:, part]
    losses = _losses(said, goals, job.classes)
    mean = (losses * weight).sum(dim=1) / weight.sum(dim=1).clamp(min=1)
    torch.autograd.backward(mean.sum())
    optimizer.step()


def _losses(said: Tensor, goals: Tensor, classes: bool) -> Tensor:
    """Loss of each network and row, shape (M, rows)."""
    if classes:
        return nn.functional.cross_entropy(said.flatten(0, 1), goals.flatten(), reduction="none").view(
            goals.shape
        )
    return (said[..., 0] - goals) ** 2


@torch.no_grad()
def _fit(outputs: Callable[[Tensor], Tensor], job: Job) -> Tensor:
    """Accuracy or R2 on rows seen and held out, shape (2, M)."""
    said = torch.cat(
        [outputs(job.rows[start : start + 4096]) for start in range(0, len(job.rows), 4096)], dim=1
    )
    good = (said.argmax(dim=2) == job.goals).float() if job.classes else -((said[..., 0] - job.goals) ** 2)
    kinds = torch.stack([job.seen, 1 - job.seen])
    mean = (good * kinds).sum(dim=2) / kinds.sum(dim=2).clamp(min=1)
    return mean if job.classes else 1 + mean / job.goals.var(dim=1)
