"""Write five lines that load a run's weights into plain `torch.nn`, without RNN Lab."""

from __future__ import annotations

from collections.abc import Mapping

from rnnlab.checkpoints import Checkpoint
from rnnlab.recurrent import cell_spec


def weights_reader(checkpoint: Checkpoint, file: str) -> str | None:
    """Return the lines that read `file`; None for a cell `torch.nn` lacks, as a GRU that resets before the product.

    They make embedding (if there is one), recurrent layer and output as `torch.nn` modules with the weights of the
    epoch that is kept. The file also has what a resumed run needs, which they leave out.

    >>> from rnnlab import checkpoints
    >>> from rnnlab.resources import shipped_model
    >>> print(weights_reader(checkpoints.load(shipped_model("lyrics-en")), "model.safetensors"))
    from torch import nn
    from safetensors.torch import load_file
    weights = load_file("model.safetensors")
    model = nn.ModuleDict({"embedding": nn.Embedding(51, 128), "recurrent": nn.GRU(128, 256, batch_first=True), \
"output": nn.Linear(256, 51)})
    model.load_state_dict({name[6:]: weights[name] for name in weights if name.startswith("model.")})
    <BLANKLINE>
    """
    architecture, vocab_size = checkpoint.architecture, len(checkpoint.vocab)
    spec = cell_spec(architecture.model)
    if spec.torch_class is None or (architecture.model == "gru" and not architecture.reset_after):
        return None
    size, directions = architecture.hidden_size, 2 if architecture.bidirectional else 1
    learned = architecture.encoding == "embedding"
    options: Mapping[str, str] = {
        "num_layers": str(architecture.num_layers) if architecture.num_layers > 1 else "",
        "nonlinearity": '"relu"' if architecture.model == "rnn" and architecture.nonlinearity == "relu" else "",
        "bidirectional": "True" if architecture.bidirectional else "",
        "batch_first": "True",
    }
    chosen = "".join(f", {name}={value}" for name, value in options.items() if value)
    width = architecture.embedding_size if learned else vocab_size
    parts = {
        "embedding": f"nn.Embedding({vocab_size}, {architecture.embedding_size})" if learned else "",
        "recurrent": f"nn.{spec.torch_class.__name__}({width}, {size}{chosen})",
        "output": f"nn.Linear({directions * size}, {vocab_size})",
    }
    made = ", ".join(f'"{name}": {code}' for name, code in parts.items() if code)
    kept = "model." if checkpoint.best is None else "best."
    tied = f', "output.weight": weights["{kept}embedding.weight"]' if architecture.tie_weights else ""
    of_part = f'{len(kept)}:]: weights[name] for name in weights if name.startswith("{kept}")'
    state = f"{{name[{of_part}}}"
    return (
        "from torch import nn\n"
        "from safetensors.torch import load_file\n"
        f'weights = load_file("{file}")\n'
        f"model = nn.ModuleDict({{{made}}})\n"
        f"model.load_state_dict({state if not tied else '{**' + state + tied + '}'})\n"
    )
