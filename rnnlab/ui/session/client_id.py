"""Whose run it is, for sharing places and memory fairly: a browser's, or a program's that comes without a cookie."""

from __future__ import annotations

import hashlib

import gradio as gr
from starlette.requests import Request

from rnnlab.runs.scheduler import ADDRESS

COOKIE = "rnnlab_seat"  # set by rnnlab.ui.server.admission


def client_id_of(request: gr.Request | Request | None) -> str:
    """A hash of the visitor's seat, else of the address that a request comes from; "" where there is neither.

    Of an address it begins with ADDRESS: several visitors may have it in common.
    """
    if request is None:
        return ""
    seat = dict(request.cookies).get(COOKIE)
    address = request.client.host if request.client else ""
    if seat:
        return _hashed(f"seat {seat}")
    return ADDRESS + _hashed(f"address {address}") if address else ""


def _hashed(known: str) -> str:
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()
