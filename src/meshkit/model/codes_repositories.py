"""The codes of a mesh that spans repositories, which `codes.py` lists with the others."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.code import Code

REPOSITORY_CODES: Mapping[str, Code] = {
    "MK170": Code(
        "A place of extends or sources that gives nothing",
        "The folder or file is not there, lies outside of the repository that it is said to be in, or holds nothing of what it "
        "is named for: extends brings policies and organisation files, sources brings contracts.",
        "Correct the path. It starts at meshkit.yaml; behind `git`, at the top of the repository.",
    ),
    "MK171": Code(
        "An address that git is not asked for",
        "Repositories are fetched by https, by ssh (also as user@host:path), or from a folder of this machine (file:// or a path). "
        "Whatever else git could do with an address, such as run a program (ext::), is refused.",
        "Write the address in one of these forms, without a login: git takes it from its credential helper, or from ssh.",
    ),
    "MK172": Code(
        "Not pinned to a commit",
        "A branch or a tag can mean something else tomorrow, and so would the policies and contracts of this mesh. Only a "
        "commit's full hash (40 or 64 hexadecimal digits) names the same files for ever.",
        "Ask `git ls-remote URL BRANCH` for the hash, and write it in quotes.",
    ),
    "MK173": Code(
        "A repository could not be fetched",
        "git is missing, could not reach the repository or log in, took too long, or found no such commit. What should have come "
        "from there is missing, so that no gate opens. A commit that was fetched once is taken from the cache, without git.",
        "See git's own words in the message; try `git ls-remote URL` by hand, with the same user.",
    ),
    "MK174": Code(
        "A product stands in two places",
        "Two repositories, or a repository and the mesh itself, have a contract with the same id. The first is taken, and the "
        "other one is left out.",
        "Rename one, or leave one of the two sources out.",
    ),
    "MK175": Code(
        "An extended policy would be loosened",
        "What comes by extends binds the mesh. Its own files may add to that and tighten it, mandatory or not; what would loosen "
        "or replace it has no effect.",
        "Ask for no less than the extended policy, or give your own another id: both then hold.",
    ),
    "MK176": Code(
        "A file of a source that does not count here",
        "sources brings contracts. Policies, waivers, organisation and platform files beside them belong to another mesh.",
        "Name the file under extends if it should bind this mesh, or give the source a narrower path.",
    ),
}
