"""Cross-entropy of a linear layer's outputs, a chunk at a time: all logits at once are never in memory.

A chunk's gradients are computed together with its loss, while its logits are there, so nothing is computed twice.
The same idea is in Liger's fused kernel, which takes over on a GPU where it is asked for.
"""

from importlib import import_module
from typing import Any

import torch
from torch.nn import functional

MOST_LOGITS = {"cpu": 2**24, "cuda": 2**27}
"""Logits of a chunk, by kind of device: 64 MB and 512 MB in float32."""


def linear_cross_entropy(
    hidden_ND: torch.Tensor,
    weight_VD: torch.Tensor,
    target_N: torch.Tensor,
    softcap: float | None = None,
    scale: float = 1.0,
    fused: bool = False,
    chunk: int | None = None,
) -> torch.Tensor:
    """Sum over N of the cross-entropy of `hidden @ weight.T`, in nats, as a float32 scalar.

    Args:
        hidden_ND: inputs of the layer.
        weight_VD: its weight.
        target_N: the right class of each row.
        softcap: c of c * tanh(logits / c), which some models apply; None for none.
        scale: that the logits are multiplied by, before the cap.
        fused: use Liger's kernel; for a GPU.
        chunk: rows at once; None for as many as `MOST_LOGITS` allows.
    """
    if fused:
        kernels: Any = import_module("liger_kernel.transformers")
        loss = kernels.LigerFusedLinearCrossEntropyLoss(reduction="sum", softcap=softcap)
        return loss(weight_VD, hidden_ND * scale, target_N).float()  # type: ignore[no-any-return]
    if chunk is None:
        chunk = max(1, MOST_LOGITS.get(hidden_ND.device.type, 2**24) // len(weight_VD))
    apply: Any = _LinearCrossEntropy.apply
    return apply(hidden_ND, weight_VD, target_N, softcap, scale, chunk)  # type: ignore[no-any-return]


class _LinearCrossEntropy(torch.autograd.Function):
    """See `linear_cross_entropy`."""

    @staticmethod
    def forward(
        ctx: Any,
        hidden_ND: torch.Tensor,
        weight_VD: torch.Tensor,
        target_N: torch.Tensor,
        softcap: float | None,
        scale: float,
        chunk: int,
    ) -> torch.Tensor:
        wants_hidden, wants_weight = ctx.needs_input_grad[:2]
        grad_ND = torch.zeros_like(hidden_ND) if wants_hidden else None
        grad_VD = torch.zeros_like(weight_VD, dtype=torch.float32) if wants_weight else None
        total = hidden_ND.new_zeros((), dtype=torch.float32)
        for start in range(0, len(hidden_ND), chunk):
            part_CD, right_C = hidden_ND[start : start + chunk], target_N[start : start + chunk]
            nll, slope_CV = _chunk(functional.linear(part_CD, weight_VD).float(), right_C, softcap, scale,
                                   wants_hidden or wants_weight)  # fmt: skip
            total += nll
            if slope_CV is None:
                continue
            slope_CV = slope_CV.to(part_CD.dtype)
            if grad_ND is not None:
                grad_ND[start : start + chunk] = slope_CV @ weight_VD
            if grad_VD is not None:
                grad_VD += slope_CV.T @ part_CD
        ctx.save_for_backward(grad_ND, None if grad_VD is None else grad_VD.to(weight_VD.dtype))
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        grad_ND, grad_VD = ctx.saved_tensors
        (grad,) = grads
        return (
            None if grad_ND is None else grad_ND * grad.to(grad_ND.dtype),
            None if grad_VD is None else grad_VD * grad.to(grad_VD.dtype),
            None, None, None, None,
        )  # fmt: skip


def _chunk(
    raw_CV: torch.Tensor, right_C: torch.Tensor, softcap: float | None, scale: float, with_slope: bool
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Sum of a chunk's cross-entropy, and its derivative by the raw logits."""
    logits_CV = raw_CV * scale if scale != 1.0 else raw_CV
    if softcap is not None:
        logits_CV = softcap * torch.tanh(logits_CV / softcap)
    norm_C1 = logits_CV.logsumexp(1, keepdim=True)
    rows_C = torch.arange(len(right_C), device=right_C.device)
    nll = (norm_C1[:, 0] - logits_CV[rows_C, right_C]).sum()
    if not with_slope:
        return nll, None
    slope_CV = (logits_CV - norm_C1).exp_()
    slope_CV[rows_C, right_C] -= 1.0
    if softcap is not None:
        slope_CV *= 1.0 - (logits_CV / softcap).square()
    if scale != 1.0:
        slope_CV *= scale
    return nll, slope_CV
