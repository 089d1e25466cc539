"""Statements over large tables run one after the other; what is done between them does not wait."""

import threading
from concurrent.futures import ThreadPoolExecutor

from meshkit.run.turns import InTurn


class Slow:
    """A session that notes how many of its statements run at once."""

    key_bytes = 7
    version = "1"

    def __init__(self) -> None:
        self.running = 0
        self.most = 0

    def rows(self, query, *, exact=False):
        self.running += 1
        self.most = max(self.most, self.running)
        threading.Event().wait(0.02)
        self.running -= 1
        return query

    def fold(self, query, take, *, exact=False):
        self.rows(query)
        take(query)


def test_statements_of_two_steps_do_not_overlap():
    slow, turn = Slow(), threading.Lock()
    sessions = [InTurn(slow, turn), InTurn(slow, turn)]
    taken = []
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(session.rows, "one") for session in sessions]
        folds = [pool.submit(session.fold, "two", taken.append) for session in sessions]
    assert [a.result() for a in answers] == ["one", "one"]
    assert [f.result() for f in folds] == [None, None]
    assert taken == ["two", "two"]
    assert slow.most == 1


def test_the_turn_is_given_back_when_a_statement_fails():
    class Failing(Slow):
        def rows(self, query, *, exact=False):
            raise ValueError(query)

    turn = threading.Lock()
    session = InTurn(Failing(), turn)
    for _ in range(2):
        try:
            session.rows("x")
        except ValueError as error:
            assert str(error) == "x"
    assert not turn.locked()


def test_anything_else_is_the_sessions_own():
    session = InTurn(Slow(), threading.Lock())
    assert session.key_bytes == 7
    assert session.version == "1"
