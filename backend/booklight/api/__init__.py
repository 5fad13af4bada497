"""The HTTP surface: routes, headers, refusals, and the built book beside them."""
