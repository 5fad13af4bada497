"""llama.cpp's server, for machines that have it only as a Python package: takes `llama-server`'s arguments.

Run with the Python of an environment that has `xllamacpp`. It prints the address when the model is loaded, and ends
with SIGTERM.
"""

import argparse
import importlib
import os
import signal
import sys
from collections.abc import Sequence


def read_arguments(arguments: Sequence[str]) -> argparse.Namespace:
    """Return what `llama-server` would be told."""
    parser = argparse.ArgumentParser(prog="llama-server")
    parser.add_argument("-m", "--model", required=True)
    parser.add_argument("--jinja", action="store_true")
    parser.add_argument("-c", "--ctx-size", type=int, default=4096)
    parser.add_argument("-np", "--parallel", type=int, default=1)
    parser.add_argument("-t", "--threads", type=int, default=os.cpu_count())
    parser.add_argument("--port", type=int, default=8080)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> None:
    """Serve the model until told to end."""
    chosen = read_arguments(arguments)
    llama = importlib.import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path, params.use_jinja = chosen.model, chosen.jinja
    params.n_ctx, params.n_parallel, params.port = chosen.ctx_size, chosen.parallel, chosen.port
    params.cpuparams.n_threads = chosen.threads
    server = llama.Server(params)
    print(f"listening: {server.listening_address}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    del server


if __name__ == "__main__":
    main(sys.argv[1:])
