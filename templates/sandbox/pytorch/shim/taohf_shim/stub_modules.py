"""Modules that TAO imports and a sandbox cannot have, with the fewest names that satisfy it."""

import types


class Placeholder:
    """A name that must exist for an import or a subclass but is never used here."""

    def __init__(self, *args, **kwargs):
        pass


class AlertLevel:
    """Values of wandb.AlertLevel."""

    INFO, WARN, ERROR = "INFO", "WARN", "ERROR"


class UsageError(Exception):
    """wandb.errors.UsageError."""


class NVMLError(Exception):
    """pynvml.NVMLError."""


def refuse(what):
    """A function that raises: an encrypted or GPU-only feature must not pass silently."""

    def refusal(*args, **kwargs):
        raise RuntimeError(
            f"{what} is proprietary or needs a GPU; the taohf sandbox has a stub only"
        )

    return refusal


def nothing(*args, **kwargs):
    """Accept anything and do nothing, for reporting hooks."""


def expression(*args, **kwargs):
    """eff Expression: the default value of a dataclass field, so it has to be hashable."""
    return ("eff.Expression",)


def rgb2id(color):
    """COCO panoptic colour to id: R + 256 G + 256^2 B."""
    import numpy as np

    if isinstance(color, np.ndarray) and color.ndim == 3:
        color = color.astype(np.int32) if color.dtype == np.uint8 else color
        return color[:, :, 0] + 256 * color[:, :, 1] + 256 * 256 * color[:, :, 2]
    return int(color[0] + 256 * color[1] + 256 * 256 * color[2])


def wandb_errors():
    """The submodule object that `wandb.errors` is."""
    module = types.ModuleType("wandb.errors")
    module.UsageError = UsageError
    return module


NVML_BRANDS = (
    "UNKNOWN QUADRO TESLA NVS GRID TITAN GEFORCE NVIDIA_VAPPS NVIDIA_VPC NVIDIA_VCS NVIDIA_VWS "
    "NVIDIA_CLOUD_GAMING QUADRO_RTX NVIDIA_RTX NVIDIA GEFORCE_RTX TITAN_RTX"
).split()

# Proprietary, on a private package index only: checkpoint encryption.
ENCRYPTION = {
    "eff": {},
    "eff.callbacks": {"BinaryContentCallback": Placeholder, "StringContentCallback": Placeholder},
    "eff.codec": {
        "encrypt_stream": refuse("eff.codec.encrypt_stream"),
        "decrypt_stream": refuse("eff.codec.decrypt_stream"),
        "get_random_encryption": refuse("eff.codec.get_random_encryption"),
    },
    "eff.core": {"Archive": Placeholder},
    "eff.core.archive": {"Archive": Placeholder},
    "eff.core.codec": {
        "encrypt_stream": refuse("eff.core.codec.encrypt_stream"),
        "decrypt_stream": refuse("eff.core.codec.decrypt_stream"),
    },
    "eff.utils": {},
    "eff.utils.object_class": {"generate_obj_cls": refuse("eff.utils.object_class")},
    "eff.validator": {},
    "eff.validator.conditions": {"Expression": expression},
    "eff.validator.validator": {"validate_metadata": refuse("eff.validator")},
}

# Used only if no real module of that name can be found.
WHEN_MISSING = ENCRYPTION | {
    # Driver management: there is no driver.
    "pynvml": {f"NVML_BRAND_{brand}": index for index, brand in enumerate(NVML_BRANDS)}
    | {"nvmlInit": refuse("pynvml"), "nvmlShutdown": nothing, "NVMLError": NVMLError},
    # Experiment tracking: imported unconditionally, used only when logged in.
    "wandb": {
        "AlertLevel": AlertLevel,
        "login": refuse("wandb"),
        "alert": refuse("wandb"),
        "run": None,
        "errors": wandb_errors(),
    },
    # Published as a git repository only.
    "panopticapi": {},
    "panopticapi.utils": {"rgb2id": rgb2id},
    # The inlined layout imports two telemetry functions even when no tao-core is installed.
    "nvidia_tao_core": {},
    "nvidia_tao_core.telemetry": {},
    "nvidia_tao_core.telemetry.nvml": {"get_device_details": lambda *args, **kwargs: []},
    "nvidia_tao_core.telemetry.telemetry": {"send_telemetry_data": nothing},
}

# Used in any case: the real module drags in a whole web-service stack for one callback.
ALWAYS = {
    "nvidia_tao_core.microservices": {},
    "nvidia_tao_core.microservices.handlers": {},
    "nvidia_tao_core.microservices.handlers.cloud_handlers": {},
    "nvidia_tao_core.microservices.handlers.cloud_handlers.utils": {"status_callback": nothing},
}
