"""Which store a case has: ``case.db`` in its folder, or the database that ``case.toml`` names."""

from __future__ import annotations

import importlib
from pathlib import Path

from geoinv.case.sqlite_store import SqliteStore
from geoinv.case.store import Store
from geoinv.errors import CaseError, MissingToolError
from geoinv.records.consent import StoreSettings

__all__ = ["STORE_FILE", "open_store"]

#: The embedded store's file in the case's folder.
STORE_FILE = "case.db"


def open_store(root: Path, settings: StoreSettings | None, *, timeout: float) -> Store:
    """Open the store of a case, making its tables where there are none yet.

    Parameters
    ----------
    root
        The case's folder.
    settings
        ``[store]`` of ``case.toml``; ``None`` for ``case.db``.
    timeout
        Seconds to wait for another writer.

    Raises
    ------
    CaseError
        If it is locked, cannot be reached or read, or is of a newer version.
    MissingToolError
        If the database's driver is not installed.
    """
    if settings is None:
        return SqliteStore(root / STORE_FILE, timeout=timeout)
    if not settings.url.startswith(("postgresql://", "postgres://")):
        raise CaseError(
            "the url of the store names no database that geoinv knows",
            do="write postgresql://user@host/database, or leave [store] out",
            file="case.toml",
            field="store.url",
        )
    try:
        module = importlib.import_module("geoinv.case.postgres_store")
    except ImportError as error:
        raise MissingToolError(
            f"the driver of PostgreSQL does not load ({error})", do="install it: pip install 'geoinv[postgres]'"
        ) from error
    store: Store = module.PostgresStore(settings.url, schema=settings.schema_name, timeout=timeout)
    return store
