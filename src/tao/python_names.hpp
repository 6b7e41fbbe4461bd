#pragma once

#include <string_view>

// Names that a port's package, command and config folder must not take. Only names that the short
// name's own pattern admits are listed.

namespace taohf::tao {

// clang-format off
/// Names of the builtins module.
inline constexpr std::string_view k_python_builtins[] = {
    "abs", "aiter", "all", "anext", "any", "ascii", "bin", "bool", "breakpoint", "bytearray",
    "bytes", "callable", "chr", "classmethod", "compile", "complex", "copyright", "credits",
    "delattr", "dict", "dir", "divmod", "enumerate", "eval", "exec", "exit", "filter", "float",
    "format", "frozenset", "getattr", "globals", "hasattr", "hash", "help", "hex", "id", "input",
    "int", "isinstance", "issubclass", "iter", "len", "license", "list", "locals", "map", "max",
    "memoryview", "min", "next", "object", "oct", "open", "ord", "pow", "print", "property", "quit",
    "range", "repr", "reversed", "round", "set", "setattr", "slice", "sorted", "staticmethod",
    "str", "sum", "super", "tuple", "type", "vars", "zip",
};

/// Top-level modules of the standard library.
inline constexpr std::string_view k_python_stdlib[] = {
    "abc", "aifc", "antigravity", "argparse", "array", "ast", "asynchat", "asyncio", "asyncore",
    "atexit", "audioop", "base64", "bdb", "binascii", "bisect", "builtins", "bz2", "calendar",
    "cgi", "cgitb", "chunk", "cmath", "cmd", "code", "codecs", "codeop", "collections", "colorsys",
    "compileall", "concurrent", "configparser", "contextlib", "contextvars", "copy", "copyreg",
    "crypt", "csv", "ctypes", "curses", "dataclasses", "datetime", "dbm", "decimal", "difflib",
    "dis", "distutils", "doctest", "email", "encodings", "ensurepip", "enum", "errno",
    "faulthandler", "fcntl", "filecmp", "fileinput", "fnmatch", "fractions", "ftplib", "functools",
    "gc", "genericpath", "getopt", "getpass", "gettext", "glob", "graphlib", "grp", "gzip",
    "hashlib", "heapq", "hmac", "html", "http", "idlelib", "imaplib", "imghdr", "imp", "importlib",
    "inspect", "io", "ipaddress", "itertools", "json", "keyword", "lib2to3", "linecache", "locale",
    "logging", "lzma", "mailbox", "mailcap", "marshal", "math", "mimetypes", "mmap", "modulefinder",
    "msilib", "msvcrt", "multiprocessing", "netrc", "nis", "nntplib", "nt", "ntpath", "nturl2path",
    "numbers", "opcode", "operator", "optparse", "os", "ossaudiodev", "pathlib", "pdb", "pickle",
    "pickletools", "pipes", "pkgutil", "platform", "plistlib", "poplib", "posix", "posixpath",
    "pprint", "profile", "pstats", "pty", "pwd", "py_compile", "pyclbr", "pydoc", "pydoc_data",
    "pyexpat", "queue", "quopri", "random", "re", "readline", "reprlib", "resource", "rlcompleter",
    "runpy", "sched", "secrets", "select", "selectors", "shelve", "shlex", "shutil", "signal",
    "site", "smtpd", "smtplib", "sndhdr", "socket", "socketserver", "spwd", "sqlite3",
    "sre_compile", "sre_constants", "sre_parse", "ssl", "stat", "statistics", "string",
    "stringprep", "struct", "subprocess", "sunau", "symtable", "sys", "sysconfig", "syslog",
    "tabnanny", "tarfile", "telnetlib", "tempfile", "termios", "textwrap", "this", "threading",
    "time", "timeit", "tkinter", "token", "tokenize", "tomllib", "trace", "traceback",
    "tracemalloc", "tty", "turtle", "turtledemo", "types", "typing", "unicodedata", "unittest",
    "urllib", "uu", "uuid", "venv", "warnings", "wave", "weakref", "webbrowser", "winreg",
    "winsound", "wsgiref", "xdrlib", "xml", "xmlrpc", "zipapp", "zipfile", "zipimport", "zlib",
    "zoneinfo",
};

/// Top-level packages of the TAO images, and folder names that every TAO model has.
inline constexpr std::string_view k_installed_packages[] = {
    "accelerate", "addict", "albumentations", "anyconfig", "apex", "attr", "attrs", "boto3",
    "botocore", "clearml", "click", "clip", "colorama", "common", "config", "core", "cuda", "cupy",
    "cv", "cv2", "dask", "dataloader", "datasets", "dateutil", "deepspeed", "detectron2",
    "diffusers", "docker", "editdistance", "eff", "eff_core", "eff_tao_encryption", "einops",
    "entrypoint", "experiment_specs", "fastapi", "flash_attn", "flask", "fsspec", "ftfy", "fvcore",
    "gdown", "google", "gradio", "grpc", "h5py", "huggingface_hub", "hydra", "imageio", "imagesize",
    "imgaug", "inflect", "jinja2", "kornia", "lightning", "lmdb", "marisa_trie", "matplotlib",
    "mmcls", "mmcv", "mmdeploy", "mmdet", "mmengine", "mmpretrain", "mmseg", "model", "modelopt",
    "natten", "networkx", "nltk", "nptyping", "numba", "numpy", "nuscenes", "nvidia",
    "nvidia_tao_core", "nvidia_tao_deploy", "nvidia_tao_ds", "nvidia_tao_pytorch", "omegaconf",
    "onnx", "onnx_graphsurgeon", "onnxruntime", "onnxsim", "open3d", "open_clip", "packaging",
    "pandas", "panopticapi", "peft", "pil", "pip", "pkg_resources", "pointpillars", "polygraphy",
    "prettytable", "protobuf", "psutil", "pyarmor", "pyarrow", "pyclipper", "pycocotools", "pycuda",
    "pydantic", "pynvml", "pyquaternion", "pytest", "pytorch_lightning", "pytz", "ray", "regex",
    "requests", "rich", "safetensors", "scipy", "scripts", "seaborn", "sentencepiece", "setuptools",
    "shapely", "six", "skimage", "sklearn", "sympy", "tabulate", "tensorboard", "tensorrt",
    "terminaltables", "third_party", "timm", "tlt_api", "tokenizers", "torch", "torch_pruning",
    "torchaudio", "torchmetrics", "torchvision", "tqdm", "transformers", "trimesh", "triton",
    "typer", "typing_extensions", "utils", "wandb", "warp", "wheel", "xformers", "yaml",
};
// clang-format on

} // namespace taohf::tao
