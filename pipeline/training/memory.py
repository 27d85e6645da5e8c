"""Memory of a training process, term by term, by formulas that a test holds against what torch keeps.

Activations are what autograd saves for the backward pass, found by torch's saved-tensor hooks: with widths D (stream),
Q (queries), K (keys) and F (feed-forward), H heads, e bytes of compute and r of the stream, a token of a block keeps

    two norms             2 (4 D + r D + 4)          the input in float32, what it was scaled to, one factor
    inputs of matrices    n e D + e Q                n = 2; 5 under autocast, where each matrix casts its own input
    norms of heads        (4 + e) (Q + K) + 4 (H + H_k)        Qwen3 only
    attention             3 e Q + 4 H + e T          queries, repeated keys and values, a factor a head, T of the mask
    feed-forward          4 e F                      gate, its silu, up, their product

Fused kernels (Liger) keep less: r D a norm, e (Q + K) for the norms of heads, 3 e F; taken from their source, not
measured here. Gradient checkpointing keeps the input of each block, r D, and one block whole at a time.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Shape:
    """What the formulas need of a model.

    Attributes:
        hidden: D, width of the stream.
        intermediate: F, width of the feed-forward layers.
        layers: blocks.
        heads: for queries.
        kv_heads: for keys and values.
        head_dim: width of a head.
        vocab: tokens.
        norms_heads: whether queries and keys have norms of their own.
        parameters: all that are in memory during training, an untied language-model head among them.
        trained: those that have a gradient.
        matrices: those in the blocks' linear layers.
        head: of the embedding or language-model head, V x D.
    """

    hidden: int
    intermediate: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    vocab: int
    norms_heads: bool
    parameters: int
    trained: int
    matrices: int
    head: int


@dataclass(frozen=True, slots=True)
class Setting:
    """How the model is trained.

    Attributes:
        bfloat16: compute in bfloat16; weights and optimiser are float32 either way.
        gpus: processes.
        shard: weights, gradients and optimiser spread over them (FSDP2).
        checkpointing: compute activations again in the backward pass.
        fused: Liger's kernels.
        lm: whether the loss has a language-model term.
    """

    bfloat16: bool
    gpus: int
    shard: bool
    checkpointing: bool
    fused: bool
    lm: bool

    @property
    def autocast(self) -> bool:
        """Weights stay float32 and each matrix casts; a sharded model is cast when it is gathered."""
        return self.bfloat16 and not self.shard

    @property
    def compute_bytes(self) -> int:
        """Of a number in a matrix product."""
        return 2 if self.bfloat16 else 4

    @property
    def stream_bytes(self) -> int:
        """Of a number in the residual stream; under autocast it stays float32."""
        return 2 if self.bfloat16 and self.shard else 4


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes of one process at its peak; without what CUDA, NCCL and fragmentation take, some 2 to 6 GB.

    Attributes:
        weights: float32.
        gradients: float32; twice where they are also held in the buckets of plain data parallelism.
        optimizer: AdamW's two moments, float32.
        gathered: of a sharded model, two blocks and what is outside of blocks, with gradients, in compute precision;
            of one under autocast, the cast matrices.
        activations: kept for the backward pass.
        logits: of one chunk of the language-model term, and that term's gradient of the head.
    """

    weights: int
    gradients: int
    optimizer: int
    gathered: int
    activations: int
    logits: int

    @property
    def total(self) -> int:
        """Sum of all."""
        return sum(getattr(self, field.name) for field in fields(self))


def block_bytes(shape: Shape, setting: Setting, row: int) -> int:
    """Bytes a token that one block's activations take.

    Args:
        shape: of the model.
        setting: of the training.
        row: T, tokens of a row: the mask has one number for each.
    """
    e, r = setting.compute_bytes, setting.stream_bytes
    queries, keys = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    inputs = (5 if setting.autocast else 2) * e * shape.hidden + e * queries
    attention = 3 * e * queries + 4 * shape.heads + e * row
    if setting.fused:
        norms, of_heads, feed = 2 * (r * shape.hidden + 4), e * (queries + keys), 3 * e * shape.intermediate
    else:
        norms, feed = 2 * ((4 + r) * shape.hidden + 4), 4 * e * shape.intermediate
        of_heads = (4 + e) * (queries + keys)
    of_heads += 4 * (shape.heads + shape.kv_heads)
    return norms + inputs + (of_heads if shape.norms_heads else 0) + attention + feed


def activation_bytes(shape: Shape, setting: Setting, rows: int, row: int) -> int:
    """Bytes of activations of `rows` rows of `row` tokens each, in all blocks and the last norm.

    Args:
        shape: of the model.
        setting: of the training.
        rows: computed at once.
        row: tokens of each.
    """
    tokens = rows * row
    block = block_bytes(shape, setting, row)
    stream = setting.stream_bytes * shape.hidden
    last = (4 + setting.stream_bytes) * shape.hidden + 4
    kept = shape.layers * stream + block if setting.checkpointing else shape.layers * block
    return tokens * (kept + last)


def memory(shape: Shape, setting: Setting, rows: int, row: int, most_logits: int) -> Memory:
    """Peak of one process that computes `rows` rows of `row` tokens at once.

    Gathered by FSDP2: the block at work and the next one, and what belongs to no block (embedding, last norm, heads),
    each with weights and gradients (torch, `fully_shard`). The chunked language-model term holds its logits in compute
    precision and float32 and their slope likewise, and the head's gradient in float32 and in compute precision.

    Args:
        shape: of the model.
        setting: of the training.
        rows: computed at once.
        row: tokens of each.
        most_logits: numbers in a chunk of logits.
    """
    over = setting.gpus if setting.shard and setting.gpus > 1 else 1
    buckets = 2 if setting.gpus > 1 and not setting.shard else 1
    e = setting.compute_bytes
    gathered = 0
    if over > 1:
        block = shape.matrices // shape.layers
        gathered = 2 * e * (2 * block + shape.parameters - shape.matrices)
    elif setting.autocast:
        gathered = e * (shape.matrices + shape.head)
    head_gradient = (4 + e) * shape.head if shape.trained == shape.parameters else 0
    chunk = min(most_logits, rows * row * shape.vocab) * 2 * (4 + e)
    return Memory(
        weights=4 * shape.parameters // over,
        gradients=4 * buckets * shape.trained // over,
        optimizer=8 * shape.trained // over,
        gathered=gathered,
        activations=activation_bytes(shape, setting, rows, row),
        logits=chunk + head_gradient if setting.lm else 0,
    )
