"""The repositories of a sandbox, made from wheels."""

import pathlib
import sys
import tempfile
import types
import unittest
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "templates" / "sandbox"))
import make_repos

VERSION, STALE = "7.3.0", "6.25.11"


def write_wheel(repo, version, cache):
    """Write a wheel as small as it can be."""
    stem = f"{repo.distribution.replace('-', '_')}-{version}"
    with zipfile.ZipFile(cache / f"{stem}-py3-none-any.whl", "w") as content:
        content.writestr(f"{repo.package}/__init__.py", f"VERSION = '{version}'\n")
        content.writestr(f"{stem}.dist-info/METADATA", "Summary: a package\n")
        content.writestr(f"{stem}.dist-info/entry_points.txt", f"[console_scripts]\nsay = {repo.package}:main\n")


class Repositories(unittest.TestCase):
    """Made whole, or not at all."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out, cache = pathlib.Path(folder.name, "out"), pathlib.Path(folder.name, "cache")
        self.arguments = types.SimpleNamespace(out=self.out, cache=cache, stale_core=STALE)
        self.out.mkdir()
        cache.mkdir()
        for repo in make_repos.REPOS:
            write_wheel(repo, VERSION, cache)
        write_wheel(make_repos.REPOS[0], STALE, cache)

    def make(self, repo):
        """Make one repository."""
        return make_repos.make_repository(repo, VERSION, self.arguments)

    def test_each_has_what_a_clone_has(self):
        for repo in make_repos.REPOS:
            with self.subTest(repo.folder):
                self.assertEqual(self.make(repo)["version"], VERSION)
                setup = (self.out / repo.folder / "setup.py").read_text(encoding="utf-8")
                self.assertIn(f"'say={repo.package}:main',", setup)

    def test_a_second_run_keeps_a_whole_one_and_drops_a_broken_commit(self):
        repo = make_repos.REPOS[0]
        told = self.make(repo)
        kept = self.out / repo.folder / "setup.py"
        (self.out / repo.folder / ".git").mkdir()
        written = kept.stat().st_mtime_ns
        self.assertEqual(self.make(repo), told)
        self.assertEqual(kept.stat().st_mtime_ns, written)
        self.assertFalse((self.out / repo.folder / ".git").exists())

    def test_what_an_interrupted_run_left_is_made_anew(self):
        repo = make_repos.REPOS[0]
        half = self.out / f".{repo.folder}.partial" / "old.py"
        half.parent.mkdir()
        half.write_text("", encoding="utf-8")
        self.make(repo)
        self.assertFalse((self.out / repo.folder / "old.py").exists())

    def test_half_a_wheel_is_no_wheel(self):
        [path] = self.arguments.cache.glob(f"*core-{VERSION}-*")
        path.write_bytes(path.read_bytes()[:100])
        self.assertEqual(make_repos.whole_wheels(self.arguments.cache, path.name), [])
        self.assertFalse(path.exists())


if __name__ == "__main__":
    unittest.main()
