"""An agency that floods the queue waits for itself; nobody else does."""

from normalizer.settling.claiming import claim
from schemas.identity import complaint_id

from .rig import KETUT, SITI, Rig

FLOOD = 300


async def test_one_agency_flooding_starves_no_other(rig: Rig) -> None:
    """Three hundred rows came first, and all are due; another agency's two complaints are in the very next round."""
    for number in range(FLOOD):
        await rig.row(number, historical=True, isi=f"Saluran air nomor {number} tersumbat sampah")
    await rig.take_in()
    rig.clock.advance(1)
    later = [complaint_id(await rig.say(words, sender=who)) for words, who in (("lampu mati", SITI), ("banjir", KETUT))]
    await rig.take_in()
    rig.clock.advance(600)

    async with rig.store.reading() as view:
        chosen = await claim(view, rig.clock(), 20)
    assert len(chosen) == 20
    assert set(later) <= set(chosen[:4]), "they wait behind the flood"
    # The flood has the rest of the round, and the next ones.
    settled = await rig.settle()
    assert sum(sum(each.outcomes.values()) for each in settled) == FLOOD + 2
