"""The address that limits count by."""

from starlette.requests import HTTPConnection


def client_address(connection: HTTPConnection) -> str:
    """Return the address of whoever sent a request, empty where there is none."""
    return connection.client.host if connection.client else ""
