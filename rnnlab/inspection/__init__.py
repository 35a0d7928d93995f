"""Networks taken apart: what happens inside, in numpy, for a figure or a page to show."""

from rnnlab.inspection.batching import Batches, BatchesConfig, batches_of_text
from rnnlab.inspection.cell import FORMULA, CellWeights, StepTrace, step, walk
from rnnlab.inspection.counting import LayersConfig, count_parameters, counts_by_model
from rnnlab.inspection.layers import LayersInspection, Stepping, TensorShape, inspect_layers
from rnnlab.inspection.products import IDS, PADDED_IDS, Lookup, Padding, TwoProducts, lookup, padding, two_products

__all__ = [
    "FORMULA",
    "IDS",
    "PADDED_IDS",
    "Batches",
    "BatchesConfig",
    "CellWeights",
    "LayersConfig",
    "LayersInspection",
    "Lookup",
    "Padding",
    "StepTrace",
    "Stepping",
    "TensorShape",
    "TwoProducts",
    "batches_of_text",
    "count_parameters",
    "counts_by_model",
    "inspect_layers",
    "lookup",
    "padding",
    "step",
    "two_products",
    "walk",
]
