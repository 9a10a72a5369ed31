"""The library page shows every public name of the library as it is written."""

import library


def test_the_library_page_has_every_public_name_with_its_signature_as_written():
    source = [f"# The library\n\n{library.PLACE}\n"]
    library.fill(None, "book/library", source)
    assert "{py:class} margintheory.networks.TwoLayer(w: " in source[0]
    assert "{py:property} margintheory.networks.TwoLayer.norm_squared\n" in source[0]
    assert "{py:function} margintheory.margins.normalised_margin(net: Network, " in source[0]
    assert "._" not in source[0] and library.PLACE not in source[0]
