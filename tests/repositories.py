"""Git repositories in folders of their own, for tests of meshes that span them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

CONTRACT = """\
name: {name}
version: {version}
domain: {domain}
description: All of them.
schema:
  location: {name}.csv
  type: csv
  fields:
    - {{name: a, type: integer, constraints: [not_null]}}
"""
_WHO = ("user.name=A", "user.email=a@example.com", "commit.gpgsign=false", "init.defaultBranch=main")


def contract(name: str, domain: str = "d", version: str = "1.0.0") -> str:
    """Return the text of a product with one table, in a CSV file beside it."""
    return CONTRACT.format(name=name, domain=domain, version=version)


def git(folder: Path, *arguments: str) -> str:
    """Run git as nobody in particular."""
    options = [part for option in _WHO for part in ("-c", option)]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | {"GIT_CONFIG_GLOBAL": os.devnull}
    done = subprocess.run(
        ["git", *options, "-C", str(folder), *arguments], check=True, capture_output=True, text=True, env=environment
    )
    return done.stdout.strip()


class Repository:
    """A bare repository, and the checkout that fills it.

    Args:
        root: A folder; both are made in it.
        name: Of the bare repository, without `.git`.
    """

    def __init__(self, root: Path, name: str, *options: str) -> None:
        self.bare = root / f"{name}.git"
        self.work = root / f"{name}-work"
        root.mkdir(exist_ok=True)
        git(root, "init", "-q", "--bare", *options, str(self.bare))
        git(root, "init", "-q", *options, str(self.work))

    def commit(self, **files: str) -> str:
        """Commit files, written as `folder__name=text`, and return the commit's hash."""
        for name, text in files.items():
            path = self.work / f"{name.replace('__', '/')}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return self.commit_all()

    def commit_all(self) -> str:
        """Commit whatever stands in the checkout, and return the commit's hash."""
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--allow-empty", "-m", "x")
        git(self.work, "push", "-q", "-f", str(self.bare), "HEAD:refs/heads/main")
        return git(self.work, "rev-parse", "HEAD")
