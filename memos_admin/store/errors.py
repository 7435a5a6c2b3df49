"""What can go wrong with the local store; every message says what to do next."""


class StoreError(Exception):
    """The local store said no."""


class StoreTooNew(StoreError):
    """The store was written by a newer version; it is left untouched."""


class StoreBroken(StoreError):
    """The file is not a store, or is damaged; it is left untouched."""


class StoreBusy(StoreError):
    """Another process kept the store locked for too long."""


class StoreUnwritable(StoreError):
    """The disk is full, or the folder or file may not be written."""


class StoreLocked(StoreError):
    """The store is encrypted, and its key is not here."""


class WrongStoreKey(StoreLocked):
    """What was given is not the key or the passphrase of the store."""


class CipherMissing(StoreError):
    """The store is encrypted, and what opens such a store is not installed."""


class StoreInterrupted(StoreError):
    """The work was interrupted, since the program is ending."""
