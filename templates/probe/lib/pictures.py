"""Pictures for the report: what each side answers for one image, side by side."""

import pathlib

import numpy as np
from lib.scenes import colour
from PIL import Image, ImageDraw

HEIGHT = 160
TITLES = ("truth", "HuggingFace", "TAO", "engine")


def beside(path, panels):
    """Write (title, Pillow image) panels as one PNG."""
    sized = [(title, image.convert("RGB").resize((max(1, image.width * HEIGHT // image.height), HEIGHT)))
             for title, image in panels]
    canvas = Image.new("RGB", (sum(image.width for _, image in sized) + 4 * (len(sized) - 1), HEIGHT + 14), "white")
    draw, left = ImageDraw.Draw(canvas), 0
    for title, image in sized:
        draw.text((left + 2, 1), title, fill="black")
        canvas.paste(image, (left, 14))
        left += image.width + 4
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    canvas.save(path)


def with_boxes(image, boxes, classes):
    """Return the image with [(class number, [x0, y0, x1, y1])] drawn into it."""
    image = image.convert("RGB").copy()
    draw = ImageDraw.Draw(image)
    for label, box in boxes:
        draw.rectangle([float(value) for value in box], outline=colour(label, classes),
                       width=max(1, image.width // 100))
    return image


def with_classes(numbers, classes):
    """Return a picture of a map of class numbers; what is no class is black."""
    palette = np.zeros((classes + 1, 3), np.uint8)
    palette[:classes] = [colour(label, classes) for label in range(classes)]
    numbers = np.asarray(numbers)
    return Image.fromarray(palette[np.where((numbers < 0) | (numbers >= classes), classes, numbers)])


def with_values(values):
    """Return a grey picture of a map of numbers, the least black."""
    values = np.asarray(values, np.float32)
    low, high = float(values.min()), float(values.max())
    return Image.fromarray(((values - low) / ((high - low) or 1.0) * 255).astype(np.uint8))
