"""Identify the client of a request: a browser by its cookie, or a program by its address."""

from __future__ import annotations

import hashlib

import gradio as gr
from starlette.requests import Request

from rnnlab.runs.scheduler import ADDRESS

COOKIE = "rnnlab_seat"  # set by rnnlab.ui.server.admission


def client_id_of(request: gr.Request | Request | None) -> str:
    """Hash the visitor's cookie, else the address of the request; return "" where there is neither.

    The id of an address begins with ADDRESS, because several visitors may share it.
    """
    if request is None:
        return ""
    cookie = dict(request.cookies).get(COOKIE)
    address = request.client.host if request.client else ""
    if cookie:
        return _hashed(f"seat {cookie}")
    return ADDRESS + _hashed(f"address {address}") if address else ""


def owner_of(request: gr.Request | Request | None) -> str:
    """Return the id of one visitor; "" where only an address is known, which several visitors may share."""
    client = client_id_of(request)
    return "" if client.startswith(ADDRESS) else client


def _hashed(known: str) -> str:
    return hashlib.sha256(known.encode("utf-8", "replace")).hexdigest()
