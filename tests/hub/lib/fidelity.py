"""The official client against the local hub, unmodified. Usage: fidelity.py ROOT; HF_ENDPOINT names the hub."""

import os
import pathlib
import sys

import huggingface_hub as hub
from huggingface_hub.utils import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

TOKEN = "hf_localtesttoken"


def raised(expected, call, *arguments, **keywords):
    try:
        call(*arguments, **keywords)
    except expected as error:
        return error
    raise AssertionError(f"{call.__name__} raised no {expected.__name__}")


def check_info(api):
    info = api.model_info("org/digits", files_metadata=True)
    assert info.id == "org/digits" and len(info.sha) == 40 and info.gated is False and info.private is False
    files = {sibling.rfilename: sibling for sibling in info.siblings}
    weights = files["model.safetensors"]
    assert weights.lfs.size == weights.size and len(weights.lfs.sha256) == 64
    assert files["config.json"].lfs is None and len(files["config.json"].blob_id) == 40
    assert info.config["architectures"] == ["ViTForImageClassification"] and info.card_data.license == "apache-2.0"
    assert info.safetensors.total == 214218, info.safetensors
    assert api.model_info("org/digits", revision=info.sha).sha == info.sha
    assert api.model_info("org/digits", revision="refs/pr/1").sha != info.sha
    return info


def check_files(api, root, info):
    folder = pathlib.Path(hub.snapshot_download("org/digits"))
    assert folder.name == info.sha and folder.parent.parent.joinpath("refs/main").read_text() == info.sha
    for sibling in info.siblings:
        got, wanted = folder / sibling.rfilename, root / "org/digits" / sibling.rfilename
        assert got.read_bytes() == wanted.read_bytes(), sibling.rfilename
        blob = got.resolve().name
        assert blob == (sibling.lfs.sha256 if sibling.lfs else sibling.blob_id), sibling.rfilename
    metadata = hub.get_hf_file_metadata(hub.hf_hub_url("org/digits", "model.safetensors"))
    assert metadata.commit_hash == info.sha and metadata.size == (root / "org/digits/model.safetensors").stat().st_size
    assert "127.0.0.2" in metadata.location
    assert api.file_exists("org/digits", "config.json") and not api.file_exists("org/digits", "nothing.json")
    assert sorted(api.list_repo_files("org/digits")) == sorted(sibling.rfilename for sibling in info.siblings)
    assert [row.path for row in api.get_paths_info("org/digits", ["config.json"])] == ["config.json"]
    assert api.list_repo_refs("org/digits").branches[0].target_commit == info.sha


def check_safetensors(api):
    single = api.get_safetensors_metadata("org/digits")
    tensors = single.files_metadata["model.safetensors"].tensors
    assert not single.sharded and tensors["classifier.weight"].shape == [10, 64]
    sharded = api.get_safetensors_metadata("org/sharded")
    assert sharded.sharded and len(sharded.files_metadata) == 3 and sharded.parameter_count == single.parameter_count


def check_refusals(api):
    raised(RepositoryNotFoundError, api.model_info, "org/nothing")
    raised(RepositoryNotFoundError, api.model_info, "org/private")
    assert api.model_info("org/private", token=TOKEN).private
    raised(RevisionNotFoundError, api.model_info, "org/digits", revision="nothing")
    raised(EntryNotFoundError, hub.hf_hub_download, "org/digits", "nothing.json")
    raised(GatedRepoError, hub.hf_hub_download, "org/gated", "config.json")
    raised(GatedRepoError, hub.hf_hub_download, "org/gated", "config.json", token="hf_noaccess")
    raised(GatedRepoError, api.auth_check, "org/gated")
    api.auth_check("org/gated", token=TOKEN)
    assert hub.hf_hub_download("org/gated", "config.json", token=TOKEN)
    wrong = raised(HfHubHTTPError, api.model_info, "org/digits", token="hf_wrong")
    assert "Invalid credentials" in str(wrong), wrong
    disabled = raised(HfHubHTTPError, api.model_info, "org/disabled")
    assert "disabled" in str(disabled), disabled
    assert api.model_info("org/oldname").id == "org/digits" and hub.hf_hub_download("org/oldname", "config.json")
    assert api.whoami(token=TOKEN)["name"] == "tester"


def main():
    root, api = pathlib.Path(sys.argv[1]), hub.HfApi()
    assert os.environ["HF_ENDPOINT"] == hub.constants.ENDPOINT
    info = check_info(api)
    check_files(api, root, info)
    check_safetensors(api)
    check_refusals(api)
    print(f"huggingface_hub {hub.__version__}: all as on the Hub")


main()
