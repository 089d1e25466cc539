"""The codes of settings, secrets and placement, which `codes.py` lists with the others."""

from __future__ import annotations

from collections.abc import Mapping

from meshkit.model.code import Code

PLACEMENT_CODES: Mapping[str, Code] = {
    "MK160": Code(
        "A secret in the clear",
        "A password, token or key stands in meshkit.yaml, in a server of a contract or in a profile inside the mesh, where "
        "everybody reads it who reads the mesh. Its value is not shown.",
        "Take it out, and change it if others have seen it. In meshkit.yaml write {env: NAME}, {file: PATH} or ${NAME}; for "
        "servers of contracts set MESHKIT_<SERVER>_USER and MESHKIT_<SERVER>_PASSWORD.",
    ),
    "MK161": Code(
        "A secret's file in a bad place",
        "The file lies inside the mesh, where it can be committed, or others than its owner can read it.",
        "Move it out of the mesh, such as to ~/.secrets, and take others' rights away: chmod 600 FILE.",
    ),
    "MK162": Code(
        "An engine, environment or table that is not there",
        "meshkit.yaml names an engine or environment that it does not have, a URL that no engine understands, or a table that "
        "no product of the mesh has.",
        "Take the near name that the message proposes, or add what is named.",
    ),
    "MK163": Code(
        "A target of dbt that cannot be used",
        "profiles.yml, or the profile or target in it, is not there, lacks a key, is of an adapter that is not read, or holds "
        "Jinja other than env_var.",
        "See the message, or name the engine in meshkit.yaml instead.",
    ),
    "MK314": Code(
        "A secret is not there",
        "A variable or file that an engine's URL, user or password is taken from has no value in this run.",
        "Set the variable in the environment, or put the file there. Behind a server, list the variable in MESHKIT_VARIABLES.",
    ),
}
