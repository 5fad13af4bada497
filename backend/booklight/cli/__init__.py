"""The commands of `booklight`: a module each, with a function `run`; `main` loads the one that is asked for."""
