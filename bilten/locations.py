"""Places with files, folders and buckets alike."""

from __future__ import annotations

from pyarrow import fs


def open_location(uri: str) -> tuple[fs.FileSystem, str]:
    """A place with files.

    Args:
        uri: ``file:///…`` or ``s3://bucket/…``; pyarrow's options may follow a ``?``
            (``endpoint_override``, ``region``, ``scheme``); credentials come from the environment, as for
            AWS's own tools.

    Returns:
        What reads and writes there, and the root's path in it.

    Raises:
        OSError: the place cannot be reached.
        pyarrow.ArrowInvalid: the address is none.
    """
    found, root = fs.FileSystem.from_uri(uri)
    return found, root
