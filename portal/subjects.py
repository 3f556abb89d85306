"""What complaints are about, in numbers: by category, and by district.

What is *rahasia* goes to the hub and nowhere else, not even as a number; what is imported from the past, and what
turned out to be the same report as another, would tell of no new trouble.
"""

from functools import lru_cache

from schemas.complaint import Complaint

UNKNOWN = "unknown"
_DISTRICT = 3
"""Parts of a Kemendagri code, `16.73.01.1001`, that name a kecamatan; a whole code would lead to a few houses."""


def subject(complaint: Complaint) -> tuple[str, str] | None:
    """Category and district; None for what is not counted."""
    if complaint.rahasia or complaint.historical or complaint.merged_into is not None:
        return None
    place, category = complaint.place, complaint.category
    return category.key if category is not None else UNKNOWN, _district(place.region_code, place.region_name)


@lru_cache(maxsize=4096)
def _district(region: str | None, name: str | None) -> str:
    """Code and name, `16.73.02 Lubuk Linggau Timur I`; of the city or province where no more is known."""
    if region is None:
        return UNKNOWN
    parts = region.split(".")
    names = (name or "").split(", ")
    code = ".".join(parts[:_DISTRICT])
    # Names come nearest first, one for each part of the code.
    return f"{code} {names[-min(len(parts), _DISTRICT)]}" if len(names) == len(parts) else code
