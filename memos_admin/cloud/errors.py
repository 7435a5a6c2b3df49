"""What can go wrong with the service, as a small tree.

::

    CloudError                  anything below; its text says what to do next
    ├── Unreachable             no answer: name, connection, TLS, time-out, answer cut off
    ├── Unusable                an answer that is not the service's envelope (HTML, bad JSON, …)
    ├── Refused                 the key is missing, invalid, expired or not allowed; stop everything
    ├── QuotaExceeded           the account's calls are used up (40304); stop everything
    ├── RateLimited             still limited after all retries (429, 40300)
    ├── Busy                    the service says that it cannot now, after all retries (5xx, 500xx)
    ├── NotFound                what was asked for does not exist (40001, 40307, 40308, 50131, 404
    │                           with the service's envelope; a bare 404 is a wrong address: Unusable)
    └── Rejected                the request was understood and declined (other codes)

Codes and meanings: memos-cloud-api, "Envelope and errors". This module imports nothing, so that
commands can name the errors without paying for the client.
"""


class CloudError(Exception):
    """Something went wrong with the service.

    Attributes:
        code: the service's code, or None where it gave none.
        route: the route that was called, such as ``/get/memory``.
    """

    def __init__(self, message: str, *, route: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.route = route
        self.code = code


class Unreachable(CloudError):
    """No answer arrived, or it broke off."""


class Unusable(CloudError):
    """An answer arrived that is not the service's envelope."""


class Refused(CloudError):
    """The key is missing, invalid, expired or not allowed. Nothing else will succeed."""


class QuotaExceeded(CloudError):
    """The account has used up its calls. Nothing else will succeed for now."""


class RateLimited(CloudError):
    """The service still limits the rate after all retries."""


class Busy(CloudError):
    """The service could not answer now, after all retries."""


class NotFound(CloudError):
    """What was asked for does not exist."""


class Rejected(CloudError):
    """The service understood the request and declined it."""
