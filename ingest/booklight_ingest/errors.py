"""What can go wrong with a book or its index, said in one line that tells the author what to do.

IngestError
├── PagesUnreadable    pages.json is missing, malformed, or its sources cannot be found
├── IndexMissing       nothing has been indexed yet
├── IndexMismatch      the index was made by another schema or embedding model
├── IndexUnavailable   the index's folder or server cannot be reached, read or written
│   └── IndexDamaged   what a server has of it is not what was written
└── EmbeddingFailed    the embedding provider refused or could not be reached
"""


class IngestError(Exception):
    """Base of every error here; its text is fit to show to an author or operator."""


class PagesUnreadable(IngestError):
    """`pages.json`, or a source it names, is missing or malformed."""


class IndexMissing(IngestError):
    """There is no index at the configured place; `booklight index` makes one."""


class IndexMismatch(IngestError):
    """The index was made by another schema version or embedding model; `booklight index` mends it."""


class IndexUnavailable(IngestError):
    """The index's folder or server cannot be reached, read or written, or another process is writing it."""


class IndexDamaged(IndexUnavailable):
    """A server's index is not what was written; `booklight index --anew` mends it, as without that the rest stays."""


class EmbeddingFailed(IngestError):
    """The embedding provider refused the texts or could not be reached."""
