"""A relation as a query reads it: a text format becomes a view that parses it into the declared types."""

from __future__ import annotations

from meshkit.engines.base import Session
from meshkit.model.names import fold
from meshkit.model.relation import Relation, SeenTable
from meshkit.sql.dialects import render
from meshkit.sql.text_view import Declared, text_view


def declared_of(relation: Relation) -> Declared:
    """Return what is declared of a relation's columns, by folded names."""
    return Declared(
        *({fold(name): of for name, of in told} for told in (relation.types, relation.formats, relation.zones))
    )


def see(session: Session, relation: Relation) -> SeenTable:
    """Look at a relation, and make it readable under its id.

    Raises:
        EngineError: It could not be opened.
    """
    seen = session.see(relation.id)
    if not (seen.is_text and relation.types):
        return seen
    names = [c.name for c in seen.columns]
    session.define(relation.id, render(text_view(relation.text_id, names, declared_of(relation), seen.format)))
    return seen.model_copy(update={"columns": session.describe(relation.id)})
