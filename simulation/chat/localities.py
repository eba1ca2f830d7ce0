"""Places of the regions with the outward half of a postcode, and invented homes and employers."""

PLACES: dict[str, tuple[tuple[str, str], ...]] = {
    "greater_london": (
        ("Hackney", "E8"), ("Peckham", "SE15"), ("Romford", "RM1"), ("Ilford", "IG1"),
        ("Barking", "IG11"), ("Dagenham", "RM10"), ("Walthamstow", "E17"), ("Tottenham", "N17"),
        ("Brixton", "SW2"), ("Lewisham", "SE13"), ("Croydon", "CR0"), ("Southall", "UB1"),
        ("Harrow", "HA1"), ("Edmonton", "N9"), ("Stratford", "E15"), ("Poplar", "E14"),
        ("Catford", "SE6"), ("Deptford", "SE8"), ("Hornchurch", "RM11"), ("Enfield", "EN1"),
        ("Bethnal Green", "E2"), ("Elephant", "SE1"), ("Woolwich", "SE18"), ("Barnet", "EN5"),
    ),
    "east_of_england": (
        ("Norwich", "NR1"), ("Diss", "IP22"), ("Ipswich", "IP1"), ("Colchester", "CO1"),
        ("Chelmsford", "CM1"), ("Southend", "SS1"), ("Basildon", "SS14"), ("Harlow", "CM20"),
        ("Braintree", "CM7"), ("Clacton", "CO15"), ("Great Yarmouth", "NR30"),
        ("Lowestoft", "NR32"), ("Thetford", "IP24"), ("Dereham", "NR19"), ("Cromer", "NR27"),
        ("King's Lynn", "PE30"), ("Sudbury", "CO10"), ("Stowmarket", "IP14"), ("Luton", "LU1"),
        ("Bedford", "MK40"), ("Stevenage", "SG1"), ("Watford", "WD17"), ("Ware", "SG12"),
        ("Wymondham", "NR18"), ("Aylsham", "NR11"), ("Canvey", "SS8"),
    ),
}  # fmt: skip

HOMES: tuple[str, ...] = (
    "Oakfield Lodge", "The Larches", "Willow Bank", "Rowan Court", "St Agnes House",
    "Marram House", "Heron's Reach", "Primrose Gate", "Beechcroft", "Tidewell Grange",
    "Cedar Mews", "Larkspur House", "Orchard View", "Millbrook Manor", "The Gables Annexe",
    "Saltmarsh Lodge", "Foxglove Place", "Jubilee Court", "Kingfisher Unit", "Alder House",
)  # fmt: skip

EMPLOYERS: tuple[str, ...] = (
    "Brightmoor Care", "Hearthlight Homecare", "Anchorstone Living", "Fenway Support",
    "Kindred Path Ltd", "Gracewell Domiciliary", "Lanternhouse Trust", "Northquay Outreach",
    "Sunnyside Reablement", "Tern & Co Care", "Harbour Hands", "Openroad Youth",
)  # fmt: skip

TITLES: tuple[str, ...] = (
    "{home} nights 🌙", "{home} staff", "{place} runs", "{employer} {place}",
    "{place} outreach crew", "{home} family 💙", "Community nurses {place}", "{place} youth team",
    "{home} day shift ☀️", "{employer} carers only", "Supported living {place}", "{place} rounds",
    "Reablement {place} ✨", "{home} 1st floor", "{place} & {other} sit-ins", "{employer} weekends",
)  # fmt: skip


def places_of(region: str) -> tuple[tuple[str, str], ...]:
    """Places of a region with their outward postcodes; of all regions for an unlisted region."""
    return PLACES.get(region) or tuple(place for known in PLACES.values() for place in known)
