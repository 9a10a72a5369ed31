"""Property tests draw the same examples each time, and take the time they need."""

import hypothesis

hypothesis.settings.register_profile("book", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("book")
