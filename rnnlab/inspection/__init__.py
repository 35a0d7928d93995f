"""Inspect networks: shapes, parameters, single steps and gradients, as numpy arrays."""

from rnnlab.inspection.cell import FORMULA, CellWeights, StepTrace, step, walk
from rnnlab.inspection.gradients import GradientComparison, GradientRun, compare_gradients
from rnnlab.inspection.layers import LayersInspection, Stepping, TensorShape, has_cell_state, inspect_layers
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
from rnnlab.inspection.parameter_counts import LayersConfig, count_parameters, counts_by_model

__all__ = [
    "FORMULA",
    "IDS",
    "PADDED_IDS",
    "Batches",
    "BatchesConfig",
    "CellWeights",
    "GradientComparison",
    "GradientRun",
    "LayersConfig",
    "LayersInspection",
    "Lookup",
    "Padding",
    "StepTrace",
    "Stepping",
    "TensorShape",
    "TwoProducts",
    "batches_of_text",
    "compare_gradients",
    "count_parameters",
    "counts_by_model",
    "has_cell_state",
    "inspect_layers",
    "lookup",
    "padding",
    "step",
    "two_products",
    "walk",
]
