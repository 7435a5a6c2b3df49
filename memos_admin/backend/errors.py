"""What can go wrong, for screens and commands: every text says what failed and what to do next."""

from memos_admin.backend.home import HomeError
from memos_admin.backend.keys import CredentialsError, NoProject
from memos_admin.cloud.errors import (
    Busy,
    CloudError,
    NotFound,
    QuotaExceeded,
    RateLimited,
    Refused,
    Rejected,
    Unreachable,
    Unusable,
)
from memos_admin.cloud.origin import BadAddress
from memos_admin.store.errors import (
    CipherMissing,
    StoreBroken,
    StoreBusy,
    StoreError,
    StoreInterrupted,
    StoreLocked,
    StoreTooNew,
    StoreUnwritable,
    WrongStoreKey,
)
from memos_admin.store.room import FULL

__all__ = [
    "FULL",
    "BadAddress",
    "Busy",
    "CipherMissing",
    "CloudError",
    "CredentialsError",
    "HomeError",
    "NoProject",
    "NotFound",
    "QuotaExceeded",
    "RateLimited",
    "Refused",
    "Rejected",
    "StoreBroken",
    "StoreBusy",
    "StoreError",
    "StoreInterrupted",
    "StoreLocked",
    "StoreTooNew",
    "StoreUnwritable",
    "Unreachable",
    "Unusable",
    "WrongStoreKey",
]
