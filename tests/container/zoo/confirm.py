"""The probe of phase 1 agrees with the host on every portable model of the zoo, and says so when it does not.

    confirm.py FOLDER PROBES      FOLDER is what make_zoo.py and taohf left; runs in the inspection image
"""

import copy
import json
import pathlib
import sys
import warnings

import transformers
from make_zoo import library_of


def model_of(said, snapshot, source_of):
    """Return the model that a document is about; None where only a module of its own exports the class."""
    if said["library"] == "timm":
        return source_of(snapshot, said).load()[0]
    try:
        return library_of(said["architecture"]).from_pretrained(snapshot, attn_implementation="eager").eval()
    except AttributeError:
        return None


def main():
    """Print what differs; exit code 1 if anything does, or if a wrong fact is not noticed."""
    folder = pathlib.Path(sys.argv[1])
    sys.path.insert(0, sys.argv[2])
    from lib.host_facts import host_differences
    from lib.sources import source_of
    warnings.simplefilter("ignore")
    transformers.logging.set_verbosity_error()
    checked, bad = 0, []
    for file in sorted(folder.glob("*.inspect.json")):
        said = json.loads(file.read_text(encoding="utf-8"))
        snapshot = folder / file.name.split(".")[0]
        model = model_of(said, snapshot, source_of) if said["verdict"] == "portable" else None
        if model is None:
            continue
        bad += [(snapshot.name, item) for item in host_differences(model, snapshot, said)]
        checked += 1
        wrong = copy.deepcopy(said)
        wrong["labels"]["names"][0] += "x"
        wrong["image"]["mean"] = [0.1, 0.2, 0.3]
        wrong["head"]["base"] += "x"
        noticed = {item["fact"] for item in host_differences(model, snapshot, wrong)}
        expected = {"labels", "image.mean"} if said["library"] == "timm" else {"labels", "head.base"}
        if (snapshot / "preprocessor_config.json").exists():
            expected.add("image.mean")
        if not expected <= noticed:
            bad.append((snapshot.name, f"not noticed: {expected - noticed}"))
    for name, item in bad:
        print(name, item)
    print(f"{checked} portable models, {len(bad)} differences between host and execution")
    sys.exit(1 if bad or checked < 40 else 0)


if __name__ == "__main__":
    main()
