"""Every published number that a submodel must reproduce, at its tolerance."""

from __future__ import annotations

import pytest

from excomm.world.reference_numbers import (
    REFERENCE_NUMBERS,
    ReferenceNumber,
    euler_of_iwo_jima,
    iwo_jima,
)


@pytest.mark.parametrize("number", REFERENCE_NUMBERS, ids=lambda number: number.what)
def test_the_code_gives_the_published_number(number: ReferenceNumber) -> None:
    assert number.computed() == pytest.approx(number.published, abs=number.tolerance, rel=0)


def test_a_poor_integrator_would_not_pass() -> None:
    """Negative control: a day's Euler step gives 50,706 and 716 after day 36."""
    us, japan = euler_of_iwo_jima()
    assert (us, japan) == pytest.approx((50_706, 716), abs=1)
    assert abs(japan - iwo_jima()[-1][1]) > 100
