"""A model's folder in the Hugging Face format: its class by ``config.json``, weights in safetensors.

Code that a folder brings is never run; a folder that needs its own is refused. What a sentence-transformers folder says
of pooling and normalising (``modules.json``) belongs to the model.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optimization.examples import Port
from optimization.models import ModelError, first_line

if TYPE_CHECKING:
    from torch import nn

_INTEGERS = ("input_ids", "token_type_ids", "position_ids", "attention_mask", "decoder_input_ids")
OPTIONAL = ("attention_mask", "token_type_ids", "position_ids")
_OUTPUTS = ("logits", "last_hidden_state", "image_embeds", "text_embeds", "pooler_output")
POOLINGS = ("mean", "cls", "max")


def is_folder(folder: Path) -> bool:
    """Whether a folder is one of these."""
    return (folder / "config.json").is_file()


def load(folder: Path, *, eager: bool = False, pickle: bool = False) -> nn.Module:
    """Return the module, in evaluation mode, whose ``forward`` takes the folder's inputs by name.

    Args:
        folder: with ``config.json`` and the weights.
        eager: attention written out, whose exported graph is fused into one operator; its numbers are the same.
        pickle: whether weights in PyTorch's own format may be read. They are read as weights only, even so.

    Raises:
        ModelError: the folder holds no model that this version of transformers knows, or its weights are lacking.
    """
    import transformers

    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    config = _config(folder)
    if not list(folder.glob("*.safetensors")) and not (pickle and list(folder.glob("*.bin"))):
        what = "weights as pickle alone" if list(folder.glob("*.bin")) else "no weights"
        raise ModelError(
            f"the folder holds {what}; save it as safetensors, or say --trust-pickle where they are pickle"
        )
    name = next(iter(config.get("architectures") or []), "")
    kind: Any = getattr(transformers, name, None) or transformers.AutoModel
    options = {"attn_implementation": "eager"} if eager else {}
    try:
        module: Any = kind.from_pretrained(
            str(folder),
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=None if pickle else True,
            **options,
        )
    except Exception as error:
        raise ModelError(f"the folder cannot be loaded as {name or 'a model'}: {first_line(error)}") from error
    return wrapped(module.float().eval(), *_sentence(folder))


def ports(folder: Path) -> list[Port]:
    """Return the inputs that the folder's model takes by name."""
    module: Any = load(folder)
    names = [
        name for name in module.takes if not name.startswith(("past_", "use_", "output_", "return_", "inputs_embeds"))
    ]
    main = module.main_input
    return [
        _port(name, main) for name in names if name in (*_INTEGERS, main) or name.endswith(("_values", "_mask", "_ids"))
    ]


def _port(name: str, main: str) -> Port:
    kind, dtype = ("int", "int64") if name in _INTEGERS or name.endswith(("_ids", "_mask")) else ("float", "float32")
    return Port(name, kind, dtype, (None, None) if name in _INTEGERS else (), required=name == main)


def wrapped(module: Any, pooling: str, normalise: bool) -> nn.Module:
    """Return a module of named inputs and one named output, as the folder defines it."""
    import torch
    from torch import nn

    class Named(nn.Module):
        """Calls the model by name; returns {output name: tensor}."""

        def __init__(self) -> None:
            super().__init__()
            self.inner = module
            self.pooling = pooling
            self.normalise = normalise
            self.takes = list(inspect.signature(module.forward).parameters)
            self.main_input = str(getattr(module, "main_input_name", "input_ids"))

        def forward(self, **inputs: Any) -> dict[str, Any]:
            found: Any = self.inner(**inputs)
            if not self.pooling:
                name = next((name for name in _OUTPUTS if name in found), next(iter(found)))
                return {name: found[name]}
            pooled = pool(found["last_hidden_state"], inputs.get("attention_mask"), self.pooling)
            return {"embedding": torch.nn.functional.normalize(pooled, dim=1) if self.normalise else pooled}

    return Named().eval()


def pool(hidden: Any, mask: Any, kind: str) -> Any:
    """Pool token states (batch, tokens, width) into (batch, width), padding left out."""
    import torch

    if kind == "cls":
        return hidden[:, 0]
    weights = torch.ones_like(hidden[..., :1]) if mask is None else mask.unsqueeze(-1).to(hidden.dtype)
    if kind == "max":
        return hidden.masked_fill(weights == 0, -1e9).amax(dim=1)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1e-9)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError("the folder's config.json is no JSON; give the folder that save_pretrained wrote") from error
    if config.get("auto_map"):
        raise ModelError("the model brings its own Python code, which is never run; export it to ONNX and give that")
    return config


def _sentence(folder: Path) -> tuple[str, bool]:
    """Return how a sentence-transformers folder pools ("" for no such folder) and whether it normalises."""
    path = folder / "modules.json"
    if not path.is_file():
        return "", False
    try:
        modules: Sequence[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        kinds = [str(each["type"]).rsplit(".", 1)[-1] for each in modules]
        place = kinds.index("Pooling")
        told = json.loads((folder / str(modules[place]["path"]) / "config.json").read_text(encoding="utf-8"))
    except (ValueError, KeyError, OSError, TypeError) as error:
        raise ModelError(
            "the folder's modules.json or its pooling's config.json cannot be read; restore them"
        ) from error
    if "Dense" in kinds:
        raise ModelError(
            "the folder has a dense layer behind its pooling, which is not read; export it to ONNX and give that"
        )
    modes = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "max": "pooling_mode_max_tokens"}
    found = [kind for kind in POOLINGS if told.get(modes[kind]) or told.get("pooling_mode") == kind]
    if len(found) != 1:
        raise ModelError("the folder pools in a way that is not read (mean, cls or max alone are); export it to ONNX")
    return found[0], "Normalize" in kinds
