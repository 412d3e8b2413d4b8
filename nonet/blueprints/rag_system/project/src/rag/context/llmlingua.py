"""Compression by words: LLMLingua-2 (Pan et al. 2024), a token classifier that says which words to keep.

The model is any ONNX export of such a classifier, in a folder with ``model.onnx`` and ``tokenizer.json``: of its two
classes the second, 1, is "keep". A word's probability is the mean of its tokens'; whatever the question, the words of
highest probability are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag import model_folder, onnx_runtime
from rag.embedding.files import token_spans
from rag.errors import ModelError

WORD = re.compile(r"\S+")
LONGEST = 512
"""Tokens read at once, special ones included; longer texts are read piece by piece."""
INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
Span = tuple[int, int]


class LLMLingua:
    """Keeps words up to a share of the text's tokens (MiniLM's word pieces), but one at least.

    Raises:
        ModelError: the folder holds no such model.
    """

    def __init__(self, folder: Path, share: float) -> None:
        self._share = share
        self._folder = folder
        if not folder.is_dir():
            raise ModelError(f"{folder} is no folder; compression_at names the folder of a token classifier.")
        file = folder / model_folder.weights(folder, "")
        self._session, self._tokenizer = _session(folder, file), _tokenizer(folder)
        self._inputs = [str(item.name) for item in self._session.get_inputs()]
        if not set(self._inputs) <= INPUTS:
            raise ModelError(f"{file} wants the inputs {', '.join(self._inputs)}: it is no token classifier.")
        self._probabilities("A model is tried on one sentence before it is used.")

    def prepare(self, question: str, texts: Sequence[str]) -> Callable[[str], str]:
        """Return what compresses a text; neither the question nor other texts change what is kept."""
        del question, texts
        return self.compress

    def compress(self, text: str) -> str:
        """Return the words kept, in their order; lines stay lines."""
        words = [match.span() for match in WORD.finditer(text)]
        if len(words) < 2:
            return text
        keep = [value for piece in self._pieces(text, words) for value in self._piece(text, piece)]
        lengths = _lengths(words, token_spans(text))
        room = self._share * sum(lengths)
        kept: list[int] = []
        for place in sorted(range(len(words)), key=lambda place: (-round(keep[place], 6), place)):
            if kept and lengths[place] > room:
                break
            kept.append(place)
            room -= lengths[place]
        return _joined(text, [words[place] for place in sorted(kept)])

    def _pieces(self, text: str, words: Sequence[Span]) -> Iterator[Sequence[Span]]:
        """Cut the words into runs that the model can read at once; a word longer than that is read from its start."""
        lengths = _lengths(words, self._tokenizer.encode(text, add_special_tokens=False).offsets)
        start = used = 0
        for place, length in enumerate(lengths):
            if used + length > LONGEST - 2 and place > start:
                yield words[start:place]
                start, used = place, 0
            used += length
        yield words[start:]

    def _piece(self, text: str, words: Sequence[Span]) -> list[float]:
        """Return each word's probability of being kept; 0 for a word that has no tokens."""
        begin = words[0][0]
        keep, offsets = self._probabilities(text[begin : words[-1][1]])
        sums, counts = np.zeros(len(words)), np.zeros(len(words))
        starts = np.asarray([start - begin for start, _ in words])
        for value, (low, high) in zip(keep, offsets, strict=True):
            if high > low:
                # Some tokenizers count the space before a word as its first character.
                place = int(np.searchsorted(starts, high - 1, side="right")) - 1
                sums[place] += value
                counts[place] += 1
        return (sums / np.maximum(counts, 1)).tolist()

    def _probabilities(self, text: str) -> tuple[NDArray[np.float64], list[Span]]:
        """Return the probability of "keep" and the characters of each token; special tokens have none."""
        encoding = self._tokenizer.encode(text)
        ids = np.asarray([encoding.ids[:LONGEST]], dtype=np.int64)
        values = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        try:
            logits = np.asarray(self._session.run(None, {name: values[name] for name in self._inputs})[0], np.float64)
        except Exception as error:  # what a model raises that its tokenizer does not fit is open-ended
            raise model_folder.unusable(self._folder, error) from error
        if logits.shape != (1, ids.shape[1], 2):
            raise ModelError(
                f"The model in {self._folder} gives {logits.shape} for {ids.shape[1]} tokens: "
                "it must give one row of two classes a token, drop and keep."
            )
        drop, keep = logits[0, :, 0], logits[0, :, 1]
        return 1 / (1 + np.exp(np.clip(drop - keep, -700, 700))), list(encoding.offsets[:LONGEST])


def _session(folder: Path, file: Path) -> Any:
    try:
        return onnx_runtime.session(str(file), log_severity_level=4)
    except Exception as error:  # what a broken file raises is open-ended
        raise model_folder.unusable(folder, error) from error


def _tokenizer(folder: Path) -> Any:
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if not path.is_file():
        raise ModelError(f"{folder} has no tokenizer.json; export it beside the model.")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises Exception itself
        raise model_folder.unusable(folder, error) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _lengths(words: Sequence[Span], tokens: Sequence[Span]) -> list[int]:
    """Count the tokens that end in each word."""
    starts = np.asarray([start for start, _ in words])
    ends = np.asarray([end - 1 for start, end in tokens if end > start], dtype=np.int64)
    places = np.maximum(np.searchsorted(starts, ends, side="right") - 1, 0)
    return np.bincount(places, minlength=len(words)).tolist()


def _joined(text: str, words: Sequence[Span]) -> str:
    parts: list[str] = []
    end = words[0][0]
    for start, stop in words:
        if parts:
            parts.append("\n" if "\n" in text[end:start] else " ")
        parts.append(text[start:stop])
        end = stop
    return "".join(parts)
