"""Where a transformer encoder keeps its layers, heads and feed-forward neurons, found by the shape of its modules.

BERT, RoBERTa, ELECTRA, MiniLM, MPNet, ViT and DistilBERT name these parts differently; all have a list of like layers,
each with linear maps for query, key and value, one after the heads, and a feed-forward pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from torch import nn

_PARTS = (
    ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"),
    ("attention.attention.query", "attention.attention.key", "attention.attention.value", "attention.output.dense"),
    ("attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin"),
    ("attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o"),
)
_FIXED_HEADS = frozenset({"attention.attn.q"})
_FEED = (("intermediate.dense", "output.dense"), ("ffn.lin1", "ffn.lin2"))


@dataclass(frozen=True)
class Layer:
    """The names, below one layer, of its linear maps; and its count and size of heads."""

    path: str
    query: str
    key: str
    value: str
    joined: str
    widened: str
    narrowed: str
    heads: int
    """0 where heads cannot go, for something outside the layer counts them too (MPNet's position bias)."""
    head_size: int


def layer_list(module: nn.Module) -> tuple[str, nn.ModuleList] | None:
    """Return the longest list of transformer layers and where it is; ``None`` if the module has none."""
    from torch import nn

    lists = [
        (name, each)
        for name, each in module.named_modules()
        if isinstance(each, nn.ModuleList) and len(each) and all(_described("", layer) for layer in each)
    ]
    return max(lists, key=lambda found: len(found[1]), default=None)


def layers(module: nn.Module) -> list[Layer]:
    """Return the layers of an encoder in order; none if the module is no encoder that is known here."""
    found = layer_list(module)
    if found is None:
        return []
    described = [_described(f"{found[0]}.{place}", layer) for place, layer in enumerate(found[1])]
    return [each for each in described if each is not None]


def _described(path: str, layer: nn.Module) -> Layer | None:
    attention = next((names for names in _PARTS if all(_linear(layer, name) for name in names)), None)
    feed = next((names for names in _FEED if all(_linear(layer, name) for name in names)), None)
    if attention is None or feed is None:
        return None
    holder = layer.get_submodule(attention[0].rsplit(".", 1)[0])
    heads = getattr(holder, "num_attention_heads", None) or getattr(holder, "n_heads", None)
    width = cast("nn.Linear", layer.get_submodule(attention[0])).out_features
    if not isinstance(heads, int) or heads < 1 or width % heads:
        return None
    counted = 0 if attention[0] in _FIXED_HEADS else heads
    return Layer(path, *attention, *feed, heads=counted, head_size=width // heads)


def _linear(layer: nn.Module, name: str) -> bool:
    from torch import nn

    try:
        return isinstance(layer.get_submodule(name), nn.Linear)
    except AttributeError:
        return False
