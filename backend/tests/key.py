"""A key of the tests that is long and varied, as one has to be."""

KEY = "x7Kq0v-3mWz8Jp1LtR5sYb2NcE6dHg9FaU4iOoQe"
