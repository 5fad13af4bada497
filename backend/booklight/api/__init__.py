"""The HTTP surface: routes, middleware, error handlers, and the built book beside them."""
