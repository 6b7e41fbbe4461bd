"""Other forms of a model's weights, without torch.

    make_weights.py shards MODEL TARGET COUNT     model.safetensors cut into shards with an index
    make_weights.py torch MODEL TARGET            pytorch_model.bin, as torch.save writes it
    make_weights.py sparse TARGET BYTES           a ViT of that size whose zeros take no room on disk
"""

import json
import pathlib
import pickletools
import shutil
import struct
import sys
import zipfile

STORAGES = {"F32": "FloatStorage", "I64": "LongStorage"}


def read_safetensors(path):
    content = path.read_bytes()
    length = struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    data = content[8 + length :]
    return {name: (row, data[slice(*row["data_offsets"])]) for name, row in header.items()}


def write_header(file, tensors):
    header, position = {"__metadata__": {"format": "pt"}}, 0
    for name, (row, size) in tensors.items():
        header[name] = {"dtype": row["dtype"], "shape": row["shape"], "data_offsets": [position, position + size]}
        position += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file.write(struct.pack("<Q", len(text)) + text)
    return 8 + len(text) + position


def copy_without_weights(model, target):
    shutil.copytree(model, target, ignore=shutil.ignore_patterns("model.safetensors", ".hub.json"))


def make_shards(model, target, count):
    copy_without_weights(model, target)
    tensors = read_safetensors(model / "model.safetensors")
    names, weight_map = list(tensors), {}
    for number in range(count):
        part = names[number::count]
        shard = f"model-{number + 1:05}-of-{count:05}.safetensors"
        weight_map |= dict.fromkeys(part, shard)
        with (target / shard).open("wb") as file:
            write_header(file, {name: (tensors[name][0], len(tensors[name][1])) for name in part})
            file.writelines(tensors[name][1] for name in part)
    total = sum(len(data) for _, data in tensors.values())
    index = {"metadata": {"total_size": total}, "weight_map": weight_map}
    (target / "model.safetensors.index.json").write_text(json.dumps(index))


def named(module, name):
    """Something that the pickle names and whoever reads it must know."""
    return f"c{module}\n{name}\n".encode()


def pickled_state_dict(tensors):
    """The opcodes of torch.save for an OrderedDict of tensors, written out by hand."""
    ordered_dict = named("collections", "OrderedDict") + b")R"
    out = [b"\x80\x02", ordered_dict, b"("]
    for key, (name, (row, data)) in enumerate(tensors.items()):
        count, strides, step = len(data) // (8 if row["dtype"] == "I64" else 4), [], 1
        for side in reversed(row["shape"]):
            strides.insert(0, step)
            step *= side
        storage = [b"(", text("storage"), named("torch", STORAGES[row["dtype"]]), text(str(key)), text("cpu"),
                   number(count), b"tQ"]
        out += [text(name), named("torch._utils", "_rebuild_tensor_v2"), b"(", *storage, number(0),
                numbers(row["shape"]), numbers(strides), b"\x89", ordered_dict, b"tR"]
    pickle_bytes = b"".join([*out, b"u."])
    list(pickletools.genops(pickle_bytes))  # raises when they are none
    return pickle_bytes


def text(value):
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def number(value):
    return b"J" + struct.pack("<i", value)


def numbers(values):
    return b"(" + b"".join(number(value) for value in values) + b"t"


def make_torch(model, target):
    copy_without_weights(model, target)
    tensors = read_safetensors(model / "model.safetensors")
    with zipfile.ZipFile(target / "pytorch_model.bin", "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("archive/data.pkl", pickled_state_dict(tensors))
        for key, (_, data) in enumerate(tensors.values()):
            archive.writestr(f"archive/data/{key}", data)
        archive.writestr("archive/version", "3\n")


def vit_tensors(hidden, layers, labels):
    shapes = {"vit.embeddings.cls_token": [1, 1, hidden], "vit.embeddings.position_embeddings": [1, 197, hidden],
              "vit.embeddings.patch_embeddings.projection.weight": [hidden, 3, 16, 16],
              "vit.embeddings.patch_embeddings.projection.bias": [hidden]}
    parts = {"attention.attention.query": (hidden, hidden), "attention.attention.key": (hidden, hidden),
             "attention.attention.value": (hidden, hidden), "attention.output.dense": (hidden, hidden),
             "intermediate.dense": (4 * hidden, hidden), "output.dense": (hidden, 4 * hidden)}
    for layer in range(layers):
        for part, shape in parts.items():
            shapes[f"vit.encoder.layer.{layer}.{part}.weight"] = list(shape)
            shapes[f"vit.encoder.layer.{layer}.{part}.bias"] = [shape[0]]
        for norm in ("layernorm_before", "layernorm_after"):
            shapes |= {f"vit.encoder.layer.{layer}.{norm}.{kind}": [hidden] for kind in ("weight", "bias")}
    shapes |= {"vit.layernorm.weight": [hidden], "vit.layernorm.bias": [hidden],
               "classifier.weight": [labels, hidden], "classifier.bias": [labels]}
    return shapes


def size_of(shape):
    size = 4
    for side in shape:
        size *= side
    return size


def make_sparse(target, size):
    """Layers of ViT-large until the size is reached."""
    labels, layer_size = 1000, size_of([1024, 1024]) * 12
    layers = max(1, round(size / layer_size))
    target.mkdir(parents=True)
    config = {"architectures": ["ViTForImageClassification"], "model_type": "vit", "hidden_size": 1024,
              "num_hidden_layers": layers, "num_attention_heads": 16, "intermediate_size": 4096, "image_size": 224,
              "patch_size": 16, "torch_dtype": "float32", "id2label": {str(i): f"class {i}" for i in range(labels)},
              "label2id": {f"class {i}": i for i in range(labels)}}
    processor = {"image_processor_type": "ViTImageProcessor", "do_resize": True, "do_normalize": True, "resample": 2,
                 "size": {"height": 224, "width": 224}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (target / "config.json").write_text(json.dumps(config, indent=2))
    (target / "preprocessor_config.json").write_text(json.dumps(processor, indent=2))
    (target / "README.md").write_text("---\nlicense: apache-2.0\npipeline_tag: image-classification\n---\n# A model\n")
    tensors = {name: ({"dtype": "F32", "shape": shape}, size_of(shape))
               for name, shape in vit_tensors(1024, layers, labels).items()}
    with (target / "model.safetensors").open("wb") as file:
        file.truncate(write_header(file, tensors))


def main():
    kind, *rest = sys.argv[1:]
    if kind == "shards":
        make_shards(pathlib.Path(rest[0]), pathlib.Path(rest[1]), int(rest[2]))
    elif kind == "torch":
        make_torch(pathlib.Path(rest[0]), pathlib.Path(rest[1]))
    else:
        make_sparse(pathlib.Path(rest[0]), int(rest[1]))


main()
