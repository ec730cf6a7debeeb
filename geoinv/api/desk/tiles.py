"""Scenes cut into tiles of a facility's own metres: read by windows, kept in bounded memory, never from another host.

Tile (z, x, y) has 256 pixels of ``2 ** -z`` metres; x grows eastwards, y southwards, from the frame's origin. Large
scenes are shrunk once, in the background, so that a map zoomed out reads as little as one zoomed in.
"""

from __future__ import annotations

import dataclasses
import io
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from geoinv.errors import GeoinvError
from geoinv.files.pyramids import shrunk_copy
from geoinv.imagery.scene import Patch, Scene, open_scene
from geoinv.records.base import sha256_hex
from geoinv.records.places import Frame
from geoinv.records.scenes import SceneRecord

__all__ = ["SIDE", "Tiles"]

SIDE = 256
#: Each copy is so much smaller than the one before, until it is no larger than this across, pixels.
_FACTOR, _SMALL = 4, 3000
#: Scenes open at once, and bytes of tiles remembered.
_OPEN, _REMEMBERED = 6, 48 * 2**20


@dataclass
class _Ground:
    """One scene and its shrunken copies, the finest first; ``ready`` once all of them are there."""

    path: Path
    record: SceneRecord
    scenes: list[Scene] = field(default_factory=list)
    ready: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)


class Tiles:
    """Cuts tiles.

    Parameters
    ----------
    folder
        Where shrunken copies lie; they may be deleted at any time.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._lock = folder, threading.Lock()
        self._grounds: OrderedDict[str, _Ground] = OrderedDict()
        self._made: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._bytes = 0
        self._closed = False

    def register(self, path: Path, record: SceneRecord) -> str:
        """Make a scene known.

        Returns
        -------
        str
            What its tiles' addresses name it by.
        """
        name = sha256_hex(f"{path}\0{record.sha256 or path.stat().st_mtime_ns}\0{record.shift_m}".encode())[:16]
        with self._lock:
            if name in self._grounds:
                self._grounds.move_to_end(name)
                return name
            self._grounds[name] = _Ground(path, record)
            while len(self._grounds) > _OPEN:
                _, gone = self._grounds.popitem(last=False)
                _close(gone)
        return name

    def is_known(self, name: str) -> bool:
        """Whether a scene is registered."""
        return name in self._grounds

    def tile(self, name: str, frame: Frame, z: int, x: int, y: int) -> bytes | None:
        """A tile as WebP, transparent where the scene has no pixels; ``None`` while the scene is being shrunk.

        Raises
        ------
        UnreadableFileError, FieldError
            If the scene cannot be read.
        KeyError
            If no such scene is registered.
        """
        key = (name, frame.lon, frame.lat, z, x, y)
        with self._lock:
            if (known := self._made.get(key)) is not None:
                self._made.move_to_end(key)
                return known
            ground = self._grounds[name]
        gsd = 2.0**-z
        with ground.lock:
            self._opened(name, ground)
            scene = next((one for one in reversed(ground.scenes) if one.gsd <= gsd * 1.01), ground.scenes[0])
            if not ground.ready and gsd > _FACTOR * scene.gsd:
                return None
            west, north = x * SIDE * gsd, -y * SIDE * gsd
            patch = scene.patch(frame, (west, north - SIDE * gsd, west + SIDE * gsd, north), gsd)
            made = _webp(dataclasses.replace(patch, stretch=ground.scenes[0].stretch))
        self._remember(key, made)
        return made

    def close(self) -> None:
        """Let go of every scene."""
        self._closed = True
        with self._lock:
            for ground in self._grounds.values():
                _close(ground)
            self._grounds.clear()

    def _opened(self, name: str, ground: _Ground) -> None:
        if ground.scenes:
            return
        ground.scenes = [open_scene(ground.path, ground.record)]
        if max(ground.scenes[0].size) <= _SMALL:
            ground.ready = True
        else:
            threading.Thread(target=self._shrink, args=(name, ground), daemon=True).start()

    def _shrink(self, name: str, ground: _Ground) -> None:
        """Make the copies that are not there yet, each from the one before."""
        source, level = ground.path, 0
        made: list[Scene] = []
        try:
            while level == 0 or max(made[-1].size) > _SMALL:
                level += 1
                target = self._folder / f"{name}-{level}.tif"
                if not target.is_file():
                    shrunk_copy(source, target, _FACTOR)
                if self._closed:
                    return
                made.append(open_scene(target, ground.record))
                source = target
        except GeoinvError:
            pass  # what is wrong with the scene is said by the tiles themselves; zoomed out they are slow
        with ground.lock:
            if ground.scenes:
                ground.scenes = [ground.scenes[0], *made]
            ground.ready = True

    def _remember(self, key: tuple[object, ...], made: bytes) -> None:
        with self._lock:
            if key not in self._made:
                self._bytes += len(made)
            self._made[key] = made
            while self._bytes > _REMEMBERED:
                _, gone = self._made.popitem(last=False)
                self._bytes -= len(gone)


def _close(ground: _Ground) -> None:
    with ground.lock:
        for scene in ground.scenes:
            scene.close()
        ground.scenes = []


def _webp(patch: Patch) -> bytes:
    pixels = np.dstack([patch.rgb, np.where(patch.valid, 255, 0).astype(np.uint8)])
    stream = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(stream, "WEBP", quality=82, method=1)
    return stream.getvalue()
