"""Inspect networks: shapes, parameters, single steps and gradients, as numpy arrays."""

from rnnlab.inspection.cell import FORMULA, CellWeights, StepTrace, step, walk
from rnnlab.inspection.cell_lines import CellLines, Line, lines_of
from rnnlab.inspection.cell_trace import CellTrace, Factor, Quantity, Term, trace_sequence, trace_step, weights_of
from rnnlab.inspection.embedding_options import EmbeddingConfig, EmbeddingOptions, embedding_options
from rnnlab.inspection.examples import EXAMPLES, PARTS, Example
from rnnlab.inspection.gate_activity import GateActivity, gate_activity, unit_at
from rnnlab.inspection.gradients import GradientComparison, GradientRun, compare_gradients
from rnnlab.inspection.held_gates import HeldGate, held_gates, nats_along, perplexity_along
from rnnlab.inspection.layer_dropout import LayerDropout, inspect_dropout
from rnnlab.inspection.layers import (
    LayersInspection,
    Stepping,
    TensorShape,
    has_cell_state,
    inspect_layers,
    python_lines,
)
from rnnlab.inspection.matrix_identities import (
    IDS,
    PADDED_IDS,
    Lookup,
    Padding,
    TwoProducts,
    lookup,
    padding,
    two_products,
)
from rnnlab.inspection.minibatches import Batches, BatchesConfig, batches_of_text
from rnnlab.inspection.packed import Packed, PackedConfig, PackedRun, inspect_packed
from rnnlab.inspection.parameter_counts import LayersConfig, count_parameters, counts_by_model
from rnnlab.inspection.plain_parts import plain_data, plain_gradients, plain_part, plain_shapes, shape_row
from rnnlab.inspection.products import ProductsConfig
from rnnlab.inspection.surgery import Operation, gate_means, operate
from rnnlab.inspection.text_facts import TextConfig, TextFacts, VocabularyEntry, count_lines, text_facts
from rnnlab.inspection.weight_gradient import WeightTerm, WordGradients, backward
from rnnlab.inspection.word_trace import WordTrace, trace_word

__all__ = [
    "EXAMPLES",
    "FORMULA",
    "IDS",
    "PADDED_IDS",
    "PARTS",
    "Batches",
    "BatchesConfig",
    "CellLines",
    "CellTrace",
    "CellWeights",
    "EmbeddingConfig",
    "EmbeddingOptions",
    "Example",
    "Factor",
    "GateActivity",
    "GradientComparison",
    "GradientRun",
    "HeldGate",
    "LayerDropout",
    "LayersConfig",
    "LayersInspection",
    "Line",
    "Lookup",
    "Operation",
    "Packed",
    "PackedConfig",
    "PackedRun",
    "Padding",
    "ProductsConfig",
    "Quantity",
    "StepTrace",
    "Stepping",
    "TensorShape",
    "Term",
    "TextConfig",
    "TextFacts",
    "TwoProducts",
    "VocabularyEntry",
    "WeightTerm",
    "WordGradients",
    "WordTrace",
    "backward",
    "batches_of_text",
    "compare_gradients",
    "count_lines",
    "count_parameters",
    "counts_by_model",
    "embedding_options",
    "gate_activity",
    "gate_means",
    "has_cell_state",
    "held_gates",
    "inspect_dropout",
    "inspect_layers",
    "inspect_packed",
    "lines_of",
    "lookup",
    "nats_along",
    "operate",
    "padding",
    "perplexity_along",
    "plain_data",
    "plain_gradients",
    "plain_part",
    "plain_shapes",
    "python_lines",
    "shape_row",
    "step",
    "text_facts",
    "trace_sequence",
    "trace_step",
    "trace_word",
    "two_products",
    "unit_at",
    "walk",
    "weights_of",
]
