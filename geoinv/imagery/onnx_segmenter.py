"""A segmentation model that a user brings, as ONNX files, behind the `Segmenter` protocol; no weights are shipped.

Two forms are understood, by the names of their inputs.

- One file: ``image`` float32 (1, 3, h, w), red, green, blue 0–255, and ``prompt`` float32 (1, 1, h, w), 1 under the
  rough outline; the first output is logits (1, 1, h, w), above 0 where the building is. Sizes may be fixed or free.
- Two files, an encoder and a decoder, as Segment Anything models are usually exported (Kirillov et al. 2023): the
  encoder takes one picture (1, 3, s, s), scaled by its longer side to s, normalised by ImageNet's means and deviations
  and padded; the decoder takes ``image_embeddings``, ``point_coords``, ``point_labels``, ``mask_input``,
  ``has_mask_input`` and ``orig_im_size`` and returns ``masks`` (logits) and ``iou_predictions``. The prompt is given as
  its box and its middle.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import Polygon

from geoinv.errors import InputError, MissingToolError, UnreadableFileError
from geoinv.geometry.overlap import iou
from geoinv.imagery.masks import Mask, fill, outline_of
from geoinv.imagery.scene import Patch
from geoinv.imagery.segment import Outline, Prompt

__all__ = ["OnnxSegmenter"]

_Floats = NDArray[np.float32]
#: What Segment Anything's encoder expects: ImageNet's means and deviations, red, green, blue.
_MEANS = np.array([123.675, 116.28, 103.53], np.float32)
_DEVIATIONS = np.array([58.395, 57.12, 57.375], np.float32)
#: Side of an encoder's picture where the model leaves it free, and of the mask that a decoder may be given.
_ENCODER_SIDE, _MASK_SIDE = 1024, 256
#: Overlap with the prompt below which an answer is of another building.
_LEAST_SHARED = 0.2
_DECODER = {"image_embeddings", "point_coords", "point_labels", "mask_input", "has_mask_input", "orig_im_size"}


class OnnxSegmenter:
    """Outlines by an ONNX model on the processor, one thread, so that the same files give the same outlines.

    Parameters
    ----------
    model
        The model, or the decoder of a pair.
    encoder
        The encoder of a pair.

    Raises
    ------
    MissingToolError
        If onnxruntime is not installed.
    UnreadableFileError
        If a file is not an ONNX model.
    InputError
        If the model's inputs are of neither form.
    """

    def __init__(self, model: Path, encoder: Path | None = None) -> None:
        self._name = model.name
        self._model = _session(model)
        self._encoder = None if encoder is None else _session(encoder)
        inputs = {item.name for item in self._model.get_inputs()}
        wanted = {"image", "prompt"} if encoder is None else _DECODER
        if not wanted <= inputs:
            raise InputError(
                f"this model takes {', '.join(sorted(inputs))}, and {', '.join(sorted(wanted))} are needed",
                do="export it in one of the two forms that the method page names",
                file=model.name,
            )

    def outline(self, patch: Patch, prompt: Prompt) -> Outline:
        """The building under the prompt; the prompt itself where the model shows none."""
        unmoved = Outline(prompt.outline, 0.0, "prompt")
        rough = fill(prompt.outline, patch.shape)
        if rough.sum() < 9 or patch.valid[rough].mean() < 0.6:
            return unmoved
        try:
            logits = self._prompted(patch, rough) if self._encoder is None else self._decoded(patch, prompt.outline)
        except Exception as error:  # the runtime raises its own kinds for a graph that cannot take these sizes
            raise InputError(
                "this model cannot be run on a piece of the scene",
                do="check its input sizes against the method page",
                file=self._name,
            ) from error
        return _outlined(logits, rough, prompt, unmoved)

    def _prompted(self, patch: Patch, rough: Mask) -> _Floats:
        """Logits of a one-file model, (h, w) of the patch."""
        shapes = {item.name: item.shape for item in self._model.get_inputs()}
        height, width = (
            size if isinstance(size, int) else own for size, own in zip(shapes["image"][2:], patch.shape, strict=True)
        )
        picture = _resized(patch.rgb.astype(np.float32), (height, width))
        mask = _resized(rough.astype(np.float32), (height, width))
        found = self._model.run(None, {"image": picture.transpose(2, 0, 1)[None], "prompt": mask[None, None]})[0]
        return _resized(np.asarray(found, np.float32).reshape(found.shape[-2:]), patch.shape)

    def _decoded(self, patch: Patch, outline: Polygon) -> _Floats:
        """Logits of a pair, (h, w) of the patch: of the masks offered the one the model itself thinks best."""
        assert self._encoder is not None
        entry = self._encoder.get_inputs()[0]
        side = entry.shape[2] if isinstance(entry.shape[2], int) else _ENCODER_SIDE
        scale = side / max(patch.shape)
        height, width = (max(1, round(size * scale)) for size in patch.shape)
        padded = np.zeros((side, side, 3), np.float32)
        padded[:height, :width] = (_resized(patch.rgb.astype(np.float32), (height, width)) - _MEANS) / _DEVIATIONS
        embeddings = self._encoder.run(None, {entry.name: padded.transpose(2, 0, 1)[None]})[0]
        west, north, east, south = outline.bounds
        points = np.array([[[*outline.representative_point().coords[0]], [west, north], [east, south]]], np.float32)
        given: Mapping[str, Any] = {
            "image_embeddings": embeddings,
            "point_coords": points * np.float32(scale),
            "point_labels": np.array([[1, 2, 3]], np.float32),
            "mask_input": np.zeros((1, 1, _MASK_SIDE, _MASK_SIDE), np.float32),
            "has_mask_input": np.zeros(1, np.float32),
            "orig_im_size": np.array(patch.shape, np.float32),
        }
        names = [item.name for item in self._model.get_outputs()]
        answers = dict(zip(names, self._model.run(None, given), strict=True))
        masks = np.asarray(answers["masks"], np.float32)[0]
        rated = answers.get("iou_predictions")
        best = 0 if rated is None else int(np.asarray(rated).ravel()[: len(masks)].argmax())
        return _resized(masks[best], patch.shape)


def _session(path: Path) -> Any:
    try:
        runtime = importlib.import_module("onnxruntime")
    except ImportError as error:
        raise MissingToolError(
            "models of one's own are run by onnxruntime, which is not installed",
            do="run “pip install geoinv[onnx]”",
            file=path.name,
        ) from error
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except OSError as error:
        raise UnreadableFileError("this file cannot be opened", do="check the name", file=path.name) from error
    except Exception as error:  # onnxruntime has a kind of exception for every way in which a graph can be wrong
        raise UnreadableFileError(
            "this is not an ONNX model that can be run", do="export it again", file=path.name
        ) from error


def _resized(picture: _Floats, shape: tuple[int, int]) -> _Floats:
    """A picture (h, w) or (h, w, 3) at another size, bilinear."""
    if picture.shape[:2] == shape:
        return picture
    return np.asarray(cv2.resize(picture, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)


def _outlined(logits: _Floats, rough: Mask, prompt: Prompt, unmoved: Outline) -> Outline:
    """The piece of the model's mask that shares most with the prompt, as an outline; its score is how sure it is."""
    labels, count = ndimage.label(logits > 0)
    if not count:
        return unmoved
    shared = np.bincount(labels[rough], minlength=count + 1)
    shared[0] = 0
    piece = labels == int(shared.argmax())
    likely = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    found = outline_of(np.where(piece | (labels == 0), likely, 0.0))
    if found is None or iou(found, prompt.outline) < _LEAST_SHARED:
        return unmoved
    middle, other = found.centroid, prompt.outline.centroid
    sure = float(likely[piece].mean() - likely[~piece].mean()) if (~piece).any() else 0.0
    return Outline(found, float(np.clip(sure, 0, 1)), "model", (middle.x - other.x, middle.y - other.y))
