"""A user's own model: real ONNX graphs, made here, find the bright roof under the prompt; what is no model is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from shapely.affinity import translate

from geoinv.errors import InputError, UnreadableFileError
from geoinv.imagery.onnx_segmenter import OnnxSegmenter
from geoinv.imagery.scene import open_scene
from geoinv.imagery.segment import segment
from tests.imagery.ocean import PLAN, iou, local, painted, table

FLOAT = TensorProto.FLOAT
#: Bright roofs of the painted plan: light grey and cream against sand.
BRIGHT = [0, 3, 4, 7]


def _saved(path: Path, nodes: list, inputs: list, outputs: list, constants: dict[str, np.ndarray]) -> Path:
    graph = helper.make_graph(
        nodes, "test", inputs, outputs, [numpy_helper.from_array(value, name) for name, value in constants.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path


def _tensor(name: str, *shape: int | str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, FLOAT, list(shape))


def _prompted(path: Path, side: int | None = None) -> Path:
    """Blue above 170 is a roof: (blue − 170) / 10, and 5 less outside the prompt grown by some pixels."""
    height, width = (side, side) if side else ("h", "w")
    nodes = [
        helper.make_node("Gather", ["image", "blue"], ["band"], axis=1),
        helper.make_node("Sub", ["band", "level"], ["over"]),
        helper.make_node("Div", ["over", "ten"], ["logits"]),
        helper.make_node("MaxPool", ["prompt"], ["grown"], kernel_shape=[9, 9], pads=[4, 4, 4, 4]),
        helper.make_node("Sub", ["grown", "one"], ["outside"]),
        helper.make_node("Mul", ["outside", "ten"], ["penalty"]),
        helper.make_node("Add", ["logits", "penalty"], ["mask"]),
    ]
    constants = {
        "blue": np.array([2]),
        "level": np.array(170, np.float32),
        "ten": np.array(10, np.float32),
        "one": np.array(1, np.float32),
    }
    inputs = [_tensor("image", 1, 3, height, width), _tensor("prompt", 1, 1, height, width)]
    return _saved(path, nodes, inputs, [_tensor("mask", 1, 1, height, width)], constants)


def _pair(folder: Path) -> tuple[Path, Path]:
    """An encoder that keeps the blue band, and a decoder that scales it back: two masks, the second the better."""
    encoder = _saved(
        folder / "encoder.onnx",
        [helper.make_node("Gather", ["input_image", "blue"], ["embeddings"], axis=1)],
        [_tensor("input_image", 1, 3, 256, 256)],
        [_tensor("embeddings", 1, 1, 256, 256)],
        {"blue": np.array([2])},
    )
    nodes = [
        # The picture was padded to a square: of the embeddings the part that holds it is the same share each way.
        helper.make_node("Cast", ["orig_im_size"], ["size"], to=TensorProto.INT64),
        helper.make_node("ReduceMax", ["size"], ["longer"], axes=[0], keepdims=1),
        helper.make_node("Concat", ["ones", "longer", "longer"], ["square"], axis=0),
        helper.make_node("Resize", ["image_embeddings", "", "", "square"], ["scaled"], mode="linear"),
        helper.make_node("Slice", ["scaled", "zeros", "size", "axes"], ["cut"]),
        helper.make_node("Sub", ["cut", "level"], ["mask"]),
        helper.make_node("Neg", ["mask"], ["wrong"]),
        helper.make_node("Concat", ["wrong", "mask"], ["masks"], axis=1),
        helper.make_node("Identity", ["rated"], ["iou_predictions"]),
    ]
    constants = {
        "ones": np.array([1, 1]),
        "zeros": np.array([0, 0]),
        "axes": np.array([2, 3]),
        "level": np.array((170 - 103.53) / 57.375, np.float32),
        "rated": np.array([[0.1, 0.9]], np.float32),
    }
    inputs = [
        _tensor("image_embeddings", 1, 1, 256, 256),
        _tensor("point_coords", 1, "n", 2),
        _tensor("point_labels", 1, "n"),
        _tensor("mask_input", 1, 1, 256, 256),
        _tensor("has_mask_input", 1),
        _tensor("orig_im_size", 2),
    ]
    outputs = [_tensor("masks", 1, 2, "h", "w"), _tensor("iou_predictions", 1, 2)]
    return encoder, _saved(folder / "decoder.onnx", nodes, inputs, outputs, constants)


def _found(scene_path: Path, back_end: OnnxSegmenter):
    drawn = [translate(PLAN[k], 1.0, -0.8) for k in BRIGHT]
    with open_scene(scene_path) as scene:
        return drawn, segment(scene, table(drawn), segmenter=back_end)


@pytest.mark.parametrize("side", [None, 128])
def test_a_model_of_one_file_outlines_what_it_sees(make_scene, tmp_path, side):
    scene_path = make_scene("bright.tif", painted(PLAN))
    drawn, found = _found(scene_path, OnnxSegmenter(_prompted(tmp_path / "model.onnx", side)))
    assert list(found.id) == ["b1", "b2", "b3", "b4"]
    assert (found.method == "model").all() and (found.outline_from == "imagery prompted").all()
    overlaps = [iou(shape, PLAN[k]) for shape, k in zip(local(found), BRIGHT, strict=True)]
    assert min(overlaps) > 0.8
    assert np.mean(overlaps) > np.mean([iou(one, PLAN[k]) for one, k in zip(drawn, BRIGHT, strict=True)])


def test_an_encoder_and_a_decoder_work_together(make_scene, tmp_path):
    encoder, decoder = _pair(tmp_path)
    _, found = _found(make_scene("bright.tif", painted(PLAN)), OnnxSegmenter(decoder, encoder))
    assert (found.method == "model").all()
    assert min(iou(shape, PLAN[k]) for shape, k in zip(local(found), BRIGHT, strict=True)) > 0.75


def test_where_the_model_shows_nothing_the_prompt_comes_back(make_scene, tmp_path):
    scene_path = make_scene("dark.tif", (painted(PLAN) * 0.5).astype(np.uint8))
    drawn, found = _found(scene_path, OnnxSegmenter(_prompted(tmp_path / "model.onnx")))
    assert (found.method == "prompt").all() and (found.outline_from == "sketch").all()
    assert min(iou(one, other) for one, other in zip(local(found), drawn, strict=True)) > 0.999


def test_the_same_model_gives_the_same_outlines(make_scene, tmp_path):
    scene_path, model = make_scene("bright.tif", painted(PLAN)), _prompted(tmp_path / "model.onnx")
    one, other = (_found(scene_path, OnnxSegmenter(model))[1] for _ in range(2))
    assert one.to_json() == other.to_json()


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x08"])
def test_what_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / "odd.onnx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFileError, match="odd.onnx"):
        OnnxSegmenter(path)


def test_a_model_of_another_form_is_refused_by_name(tmp_path):
    encoder, decoder = _pair(tmp_path)
    with pytest.raises(InputError, match="prompt"):
        OnnxSegmenter(encoder)
    with pytest.raises(InputError, match="point_coords"):
        OnnxSegmenter(_prompted(tmp_path / "model.onnx"), encoder)
    assert OnnxSegmenter(decoder, encoder)


def test_a_missing_model_is_a_sentence(tmp_path):
    with pytest.raises(UnreadableFileError, match="gone.onnx"):
        OnnxSegmenter(tmp_path / "gone.onnx")
