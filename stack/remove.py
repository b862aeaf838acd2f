"""Deleting a stack's data."""

from __future__ import annotations

import shutil

from stack.layout import Layout


def delete(layout: Layout) -> None:
    """Delete the data folder and what had to lie outside it; nothing of it may run.

    Raises:
        OSError: something cannot be deleted.
    """
    if layout.postgresql.is_symlink():
        cluster = layout.postgresql.resolve()
        shutil.rmtree(cluster, ignore_errors=True)
        cluster.parent.rmdir()
    if layout.control_socket.parent != layout.run:
        shutil.rmtree(layout.control_socket.parent, ignore_errors=True)
    shutil.rmtree(layout.home)
