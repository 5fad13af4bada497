"""Many streams held open on one worker: the servers that send them, and the client that reads them."""
