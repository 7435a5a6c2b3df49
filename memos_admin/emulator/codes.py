"""The service's error codes, and the one exception that carries them to the envelope.

Numbers and meanings are the published ones. What the documentation does not say (which of the
"invalid parameter" codes a case gets, the HTTP status beside it) is decided here, in one place:
refused keys come as HTTP 401, everything else that was understood as HTTP 200.
"""

from __future__ import annotations

INVALID = 40000  # a parameter has a wrong type or value
NOT_FOUND = 40001  # the requested data do not exist
MISSING = 40002  # a required parameter is missing
EMPTY = 40003  # a required parameter is empty
UNSUPPORTED = 40006  # a view, a field or a status that does not exist
USER_ID_LENGTH = 40010
CONVERSATION_ID_LENGTH = 40011
KEY_MISSING = 40100
KEY_NOT_ALLOWED = 40103
KEY_INVALID = 40130
KEY_EXPIRED = 40132
RATE_LIMIT = 40300
QUOTA = 40304
DELETE_NOT_PERMITTED = 40306
MEMORY_UNKNOWN = 40307
USER_UNKNOWN = 40308
BUSY = 50000
UNAVAILABLE = 50004
TASK_UNKNOWN = 50131

MESSAGES = {
    INVALID: "Invalid request parameters",
    NOT_FOUND: "Requested data not found",
    MISSING: "Required parameters are missing",
    EMPTY: "Required parameters must not be empty",
    UNSUPPORTED: "Unsupported type",
    USER_ID_LENGTH: "The user id must not be longer than 100 characters",
    CONVERSATION_ID_LENGTH: "The conversation id must not be longer than 100 characters",
    40020: "Invalid project id",
    KEY_MISSING: "API key required",
    KEY_NOT_ALLOWED: "The API key is not allowed here",
    KEY_INVALID: "Invalid API key",
    KEY_EXPIRED: "The API key is invalid or has expired",
    RATE_LIMIT: "Too many requests",
    40301: "Token limit exceeded",
    40302: "Content length exceeded",
    40303: "Query length exceeded",
    QUOTA: "The account's API calls are used up",
    40305: "Input length exceeded",
    DELETE_NOT_PERMITTED: "Deleting these memories is not permitted",
    MEMORY_UNKNOWN: "The memory to delete does not exist",
    USER_UNKNOWN: "The user whose memories are to be deleted does not exist",
    BUSY: "The server is busy",
    50002: "The server is busy",
    UNAVAILABLE: "The memory service is temporarily unavailable",
    50005: "The memory service is temporarily unavailable",
    TASK_UNKNOWN: "The task does not exist",
}


class ApiError(Exception):
    """A request is answered with an error envelope.

    Attributes:
        code: the service's code.
        status: the HTTP status beside it.
    """

    def __init__(self, code: int, detail: str = "", *, status: int = 200) -> None:
        text = MESSAGES.get(code, "Error")
        super().__init__(f"{text}: {detail}" if detail else text)
        self.code = code
        self.status = status
