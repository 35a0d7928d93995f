"""What a recording knows of its run as a whole: text, vocabulary, and the settings of each minibatch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from rnnlab.checkpoints.files import is_config, is_count
from rnnlab.text import Vocab
from rnnlab.validation import InvalidInput

INDEX = "recording.json"

Change = tuple[int, int, Mapping[str, str]]  # from minibatch `step` of `epoch` on, both from 1, these settings


@dataclass(frozen=True)
class Index:
    """What is known of the run as a whole."""

    first_epoch: int  # after which recording began; earlier ones are not known
    text_digest: str
    vocab: Vocab
    changes: tuple[Change, ...]  # in their order; the first is of the beginning

    def to_json(self) -> str:
        """Return the index as JSON."""
        changes = [[epoch, step, dict(config)] for epoch, step, config in self.changes]
        vocab = {
            "tokens": self.vocab.tokens,
            "unknown": self.vocab.unknown_id is not None,
            "spacing": self.vocab.spacing,
        }
        content = {"first_epoch": self.first_epoch, "text_digest": self.text_digest, "vocabulary": vocab}
        return json.dumps({**content, "changes": changes}, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Index:
        """Read an index. Raises InvalidInput."""
        try:
            content = json.loads(text)
            changes = tuple((epoch, step, config) for epoch, step, config in content["changes"])
            first, digest, tokens = content["first_epoch"], content["text_digest"], content["vocabulary"]
            vocab = Vocab.from_list(tokens["tokens"], bool(tokens["unknown"]), tokens["spacing"])
        except (InvalidInput, KeyError, TypeError, ValueError, RecursionError):
            raise InvalidInput("recording_damaged", INDEX) from None
        valid = all(is_count(epoch) and is_count(step) and is_config(config) for epoch, step, config in changes)
        if not (valid and changes and is_count(first) and isinstance(digest, str)):
            raise InvalidInput("recording_damaged", INDEX)
        return cls(first, digest, vocab, changes)

    def config_at(self, epoch: int, step: int) -> Mapping[str, str]:
        """Return the settings with which that minibatch was trained, both from 1."""
        found = self.changes[0][2]
        for at_epoch, at_step, config in self.changes:
            if (at_epoch, at_step) <= (epoch, step):
                found = config
        return found
