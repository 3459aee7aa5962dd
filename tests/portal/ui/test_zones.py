import zoneinfo

from portal.ui.zones import zones


def test_zones_are_places_in_groups_with_europe_first():
    groups = dict(zones())
    assert next(iter(groups)) == "Europe"
    assert ("America/Argentina/Buenos_Aires", "Argentina/Buenos Aires") in groups["America"]
    offered = {name for members in groups.values() for name, _place in members}
    assert offered <= zoneinfo.available_timezones()
    assert not {name for name in offered if name.startswith(("Etc/", "US/", "posix"))}


def test_near_zones_are_those_of_europe_and_the_atlantic():
    assert list(dict(zones(near=True))) == ["Europe", "Atlantic", "Everywhere"]
