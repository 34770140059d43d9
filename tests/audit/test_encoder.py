"""The encoder of the second reader: pieces of words, the same numbers in NumPy and JAX, weights in one byte."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from excomm.audit.encoder import BEFORE, NUMPY, STRETCH, Encoder, Library, lined_up, outputs, packed, unpacked
from excomm.audit.learned import second_reader
from excomm.audit.word_pieces import END, START, UNKNOWN, WordPieces

from .small_encoder import small_encoder

TEXTS = (
    ("the lamps stay on", ""),
    ("it would not", "some say that the force would deter"),
    ("a longer stretch with more words than the others have, and a comma", "x"),
)


def test_words_are_cut_into_the_longest_known_pieces() -> None:
    pieces = WordPieces(
        [START, UNKNOWN, END, "un", "##broken", "##bro", "unb", "##r", "##oken", "cafe", ",", "."]
    )
    names = [pieces.vocabulary[place] for place in pieces.places("Unbroken, CAF\u00c9.")]
    assert names == ["unb", "##r", "##oken", ",", "cafe", "."]


def test_an_unknown_word_is_one_unknown_piece() -> None:
    pieces = WordPieces([START, UNKNOWN, END, "a", "##b"])
    assert pieces.places("abc \u5317 a_b " + "a" * 101 + "\na\tab") == [1, 1, 3, 1, 1, 1, 3, 3, 4]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Interceptors wouldn't", "interceptor ##s wouldn ' t"),
        ("800,000 conscripts \u2013 na\u00efve", "800 , 000 con ##script ##s \u2013 naive"),
    ],
)
def test_pieces_of_the_vocabulary_as_shipped(text: str, wanted: str) -> None:
    """As the published tokeniser of the encoder cuts them."""
    pieces = second_reader().encoder.pieces
    assert " ".join(pieces.vocabulary[place] for place in pieces.places(text)) == wanted


def test_numpy_and_jax_give_the_same_scores() -> None:
    encoder = small_encoder()
    rows = encoder.places(TEXTS)
    lines = lined_up(rows, 91)
    library = Library(jnp, jax.scipy.special.erf, jax.nn.softmax)
    theirs = outputs({name: jnp.asarray(table) for name, table in encoder.weights.items()}, lines, library)
    assert np.allclose(outputs(encoder.weights, lines, NUMPY), theirs, atol=1e-4)


def test_filling_and_neighbours_change_no_score() -> None:
    encoder = small_encoder()
    together = encoder.outputs(TEXTS)
    alone = np.concatenate([encoder.outputs([one]) for one in TEXTS])
    assert np.allclose(together, alone, atol=1e-5)
    wider = outputs(encoder.weights, lined_up(encoder.places(TEXTS[:1]), 64), NUMPY)
    assert np.allclose(wider, together[:1], atol=1e-5)


def test_what_stands_before_changes_the_scores() -> None:
    encoder = small_encoder()
    first, second = encoder.outputs(
        [("it would not", "the force would deter"), ("it would not", "the lamps stay on")]
    )
    assert not np.allclose(first, second, atol=1e-3)


def test_long_stretches_keep_their_beginning_and_what_stands_last_before_them() -> None:
    encoder = small_encoder()
    places, own = encoder.places([("a " * 500 + "b", "x " * 500 + "y")])[0]
    assert (own, len(places)) == (STRETCH + 2, STRETCH + 2 + BEFORE + 1)
    assert encoder.pieces.vocabulary[places[-2]] == "y"


def test_roles_are_read_as_plain_words() -> None:
    encoder = second_reader().encoder
    some = encoder.places(
        [("ADV's army would host the talks", ""), ("the enemy's army would host the talks", "")]
    )
    assert some[0] == some[1]


def test_weights_in_one_byte_change_scores_little() -> None:
    encoder = small_encoder()
    kept = packed(encoder.weights)
    assert kept["pieces.weight"].dtype == np.int8
    again = Encoder(encoder.pieces, unpacked(kept))
    assert np.allclose(again.outputs(TEXTS), encoder.outputs(TEXTS), atol=0.1)
    for name, table in encoder.weights.items():
        scale = np.abs(table).max(axis=-1, keepdims=True) / 127 if table.ndim == 2 else 2e-3
        assert (np.abs(again.weights[name] - table) <= scale).all(), name
