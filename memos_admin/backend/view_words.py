"""The service's views, with the words for them, in the order of the service."""

from memos_admin.language import N_

VIEWS = {
    "detail_factual": N_("Fact"),
    "preference": N_("Preference"),
    "tool_memory": N_("Tool"),
    "skill": N_("Skill"),
    "event": N_("Event"),
    "profile": N_("Profile"),
}
