"""The folders that are written to on this machine, and whether they can be."""

from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from booklight.settings import Settings

_ROOM = 65_536
LET_WRITE = "let the user that runs Booklight write there, which in the image is 10001"


def written_folders(settings: Settings) -> list[Path]:
    """Return the folders of the embedded index and of the SQLite file, where the settings name any."""
    database = urlsplit(settings.database_url.get_secret_value())
    places = [] if settings.qdrant_url else [settings.index_path]
    if database.scheme.startswith("sqlite"):
        places.append(Path(database.path.removeprefix("/")).parent)
    return sorted({nearest_folder(place.absolute()) for place in places})


def write_failure(folder: Path) -> str | None:
    """Return why nothing can be written in `folder`; None if a little can, which is gone again."""
    try:
        with TemporaryFile(dir=folder) as file:
            file.write(bytes(_ROOM))
            file.flush()
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


def nearest_folder(path: Path) -> Path:
    """Return the folder that `path` is, or would be made in."""
    return next(folder for folder in (path, *path.parents) if folder.is_dir())
