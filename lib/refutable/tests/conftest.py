"""How the kit's tests run: reproducible examples, in float64."""

import hypothesis
import jax

jax.config.update("jax_enable_x64", True)
hypothesis.settings.register_profile("kit", deadline=None, derandomize=True, max_examples=50)
hypothesis.settings.load_profile("kit")
