"""Whose run it is, for sharing places and memory fairly: a browser's, or a program's that comes without a cookie."""

from __future__ import annotations

import hashlib

import gradio as gr

from rnnlab.ui.door import COOKIE


def owner_of(request: gr.Request | None) -> str:
    """A hash of the visitor's seat, else of the address that a request comes from; "" where there is neither."""
    if request is None:
        return ""
    seat = dict(request.cookies).get(COOKIE)
    address = request.client.host if request.client else ""
    known = f"seat {seat}" if seat else f"address {address}" if address else ""
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest() if known else ""
