import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.understanding.coordinates import coordinates

HERE = (-3.2945, 102.8617)


def degrees(text: str) -> tuple[float, float] | None:
    point = coordinates(text)
    return (point.latitude, point.longitude) if point else None


@pytest.mark.parametrize(
    "text",
    [
        "https://maps.google.com/?q=-3.2945,102.8617",
        "https://www.google.com/maps?q=-3.2945,102.8617&z=17",
        "https://www.google.com/maps/@-3.2945,102.8617,17z",
        "https://www.google.co.id/maps/place/Kantor/@-3.1,102.1,17z/data=!3d-3.2945!4d102.8617",
        "https://www.google.com/maps/search/?api=1&query=-3.2945%2C102.8617",
        "https://www.google.com/maps/search/-3.2945,+102.8617",
        "https://www.google.com/maps/place/-3.2945,102.8617",
        "https://maps.google.com/maps?q=loc:-3.2945,102.8617",
        "https://maps.apple.com/?ll=-3.2945,102.8617",
        "https://www.openstreetmap.org/#map=17/-3.2945/102.8617",
        "https://www.openstreetmap.org/?mlat=-3.2945&mlon=102.8617#map=5/0.1/100.1",
        "https://waze.com/ul?ll=-3.2945,102.8617&navigate=yes",
        "geo:-3.2945,102.8617",
        "geo:-3.2945,102.8617?z=17",
        "geo:0,0?q=-3.2945,102.8617(Rumah)",
        "Lokasi saya: -3.2945, 102.8617 ya",
        "Lampu mati\nhttps://maps.google.com/?q=-3.2945,102.8617\nterima kasih",
        "maps.google.com/?q=-3.2945,102.8617.",
        "https://waze.com/en/live-map/directions?to=ll.-3.2945%2C102.8617",
        "titik -3.2945 102.8617",
        "lat: -3.2945, long: 102.8617",
        "latitude -3.2945 longitude 102.8617",
        "(-3,2945; 102,8617)",
    ],
)
def test_a_point_is_read_from_what_is_pasted(text: str) -> None:
    assert degrees(text) == HERE


def test_degrees_minutes_seconds() -> None:
    assert degrees("3°17'40.2\"S 102°51'42.1\"E") == pytest.approx((-3.2945, 102.86169), abs=1e-5)
    assert degrees("3° 17’ 40,2” LS, 102° 51’ 42,1” BT") == pytest.approx((-3.2945, 102.86169), abs=1e-5)
    assert degrees("S 3°17'40\" E 102°51'42\"") == pytest.approx((-3.29444, 102.86167), abs=1e-5)
    assert degrees("3°17.67'S, 102°51.7'E") == pytest.approx((-3.2945, 102.86167), abs=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lampu mati",
        "https://maps.app.goo.gl/abcDEF",
        "https://goo.gl/maps/abc",
        "https://maps.google.com/?q=Kantor+Camat",
        "https://maps.google.com/?q=51.5001,-0.1201",
        "https://maps.google.com/?q=102.8617,-3.2945",
        "geo:0,0",
        "harga 15.000, 102.8617",
        "https://contoh.example/?q=tidak",
        "Rp 1.500.000, 102.000",
        "versi 3.2945,102.86",
        "harga 7.25, 112.75",
        "naik dari 3.50 ke 105.25 ribu",
        "-93.2945,102.8617",
        "99°17'40.2\"S 102°51'42.1\"E",
    ],
)
def test_no_point_is_made_up(text: str) -> None:
    assert coordinates(text) is None


@given(st.text(st.sampled_from("0123456789.,-°'\"SE@?q=geo:/ %2C"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    point = degrees(text)
    assert point is None or (-11.5 <= point[0] <= 6.5 and 94.5 <= point[1] <= 141.5)


def test_a_pin_is_surer_than_the_middle_of_a_view() -> None:
    pin = coordinates("https://www.google.com/maps/place/Kantor/@-3.1,102.1,17z/data=!3d-3.2945!4d102.8617")
    view = coordinates("https://www.google.com/maps/@-3.2945,102.8617,17z")
    assert pin
    assert view
    assert pin.confidence > view.confidence > 0
