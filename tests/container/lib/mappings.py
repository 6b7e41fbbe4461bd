"""The vision mappings of transformers: which class serves which task."""

from transformers.models.auto import modeling_auto

# Mapping -> the task as the Hub calls it; the first that lists a class counts.
MAPPINGS = {
    "FOR_IMAGE_CLASSIFICATION": "image-classification",
    "FOR_ZERO_SHOT_IMAGE_CLASSIFICATION": "zero-shot-image-classification",
    "FOR_OBJECT_DETECTION": "object-detection",
    "FOR_ZERO_SHOT_OBJECT_DETECTION": "zero-shot-object-detection",
    "FOR_SEMANTIC_SEGMENTATION": "image-segmentation",
    "FOR_IMAGE_SEGMENTATION": "panoptic-segmentation",
    "FOR_INSTANCE_SEGMENTATION": "universal",
    "FOR_UNIVERSAL_SEGMENTATION": "universal",
    "FOR_DEPTH_ESTIMATION": "depth-estimation",
    "FOR_KEYPOINT_DETECTION": "keypoint-detection",
    "FOR_KEYPOINT_MATCHING": "keypoint-matching",
    "FOR_POSE_ESTIMATION": "keypoint-detection",
    "FOR_MASK_GENERATION": "mask-generation",
    "FOR_IMAGE_TO_IMAGE": "image-to-image",
    "FOR_MASKED_IMAGE_MODELING": "masked-image-modeling",
    "FOR_CAUSAL_IMAGE_MODELING": "causal-image-modeling",
    "FOR_VIDEO_CLASSIFICATION": "video-classification",
    "FOR_BACKBONE": "image-feature-extraction",
    "FOR_IMAGE": "image-feature-extraction",
}


def listed():
    """Yield (class, model type, task), in the order of the mappings."""
    for mapping, task in MAPPINGS.items():
        for kind, classes in getattr(modeling_auto, f"MODEL_{mapping}_MAPPING_NAMES", {}).items():
            for name in classes if isinstance(classes, tuple | list) else [classes]:
                yield name, kind, task


def mapped_classes():
    """Return {class: (model type, task)}."""
    found = {}
    for name, kind, task in listed():
        found.setdefault(name, (kind, task))
    return found


def types_of(name):
    """Return every model type that a mapping lists the class under."""
    return {kind for other, kind, _ in listed() if other == name}
