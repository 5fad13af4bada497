"""The commands of `booklight`, a module each."""
