"""The client against the other side of the contract, over a real socket."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from memos_admin.cloud import errors
from memos_admin.cloud.answers import VIEWS
from memos_admin.cloud.client import CloudClient
from memos_admin.cloud.key import ApiKey
from memos_admin.cloud.transport import Timeouts
from memos_admin.emulator.demo import demo_data
from memos_admin.emulator.server import Emulator
from memos_admin.emulator.state import now_ms
from tests.cloud.conftest import Waits


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(demo_data(), task_ms=0) as running:
        yield running


@pytest.fixture
async def cloud(
    emulator: Emulator, waits: Waits, request: pytest.FixtureRequest
) -> AsyncIterator[CloudClient]:
    """A client; patient but with faults that let it wait for ever."""
    fault = getattr(request.node, "callspec", None) and request.node.callspec.params.get("fault")
    endless = str(fault).startswith(("timeout", "drip:bytes=1,"))
    timeouts = Timeouts(read=0.5) if endless else Timeouts()
    async with CloudClient(
        emulator.base_url, ApiKey(emulator.api_key), rate=10_000, timeouts=timeouts, wait=waits
    ) as made:
        yield made


MARIA = "maria.gonzalez@example.com"


async def test_the_quick_start(cloud: CloudClient) -> None:
    window = await cloud.get_messages("memos_user_123", "0610")
    assert [m.role for m in window.messages] == ["user", "assistant", "user", "assistant"]
    assert {m.create_time for m in window.messages} == {"2025-06-10 09:30:00"}
    assert window.messages[2].content == "I’m bringing my kid. My family always travels together."
    query = "What should I do this summer?"
    found = await cloud.search("memos_user_123", query, relativity=0, limit=25)
    assert {m.title for m in found} == {"Summer Family Trip Plan", "Family Trip Requirements"}
    assert all(m.relativity is not None for m in found)


async def test_every_view_in_list_and_detail(cloud: CloudClient) -> None:
    page = await cloud.get_memories("user", MARIA)
    assert {m.view for m in page.memories} >= {"detail_factual", "preference", "event", "profile"}
    assert (page.pages, page.full, page.skipped, page.replaced) == (1, False, 0, 0)
    for listed in page.memories:
        detail = await cloud.get_memory(listed.memory_id)
        assert (detail.view, detail.user_id) == (listed.view, MARIA)
        assert detail.tags == listed.tags
        assert listed.content
        assert listed.content.startswith(detail.content)


async def test_single_views_and_filters(cloud: CloudClient) -> None:
    for view in VIEWS:
        page = await cloud.get_memories("user", MARIA, views=[view])
        assert {m.view for m in page.memories} <= {view}
    everything = await cloud.get_memories("user", MARIA)
    assert (await cloud.get_memories("user", MARIA, updated_since="2199-01-01")).memories == ()
    since = (await cloud.get_memories("user", MARIA, updated_since="2000-01-01")).memories
    assert {m.memory_id for m in since} == {m.memory_id for m in everything.memories}


async def test_writes_take_effect(cloud: CloudClient) -> None:
    first, second = (await cloud.get_memories("user", "memos_user_123")).memories[:2]
    await cloud.update_memory(first.memory_id, content="Only Rome", title="Rome")
    changed = await cloud.get_memory(first.memory_id)
    assert (changed.content, changed.title) == ("Only Rome", "Rome")
    await cloud.delete_memories([second.memory_id])
    left = (await cloud.get_memories("user", "memos_user_123")).memories
    assert second.memory_id not in {m.memory_id for m in left}
    task = await cloud.add_feedback("memos_user_123", "0610", "We are four, not three.")
    async with asyncio.timeout(10):
        while (status := await cloud.get_status(str(task["task_id"]))).status == "running":
            continue
    assert status.status == "completed"
    assert status.added == sum(len(ids) for _, ids in status.memories) > 0
    for memory_id in status.memories[0][1]:
        assert (await cloud.get_memory(memory_id)).memory_id == memory_id


async def test_what_does_not_exist_is_not_found(cloud: CloudClient) -> None:
    for memory_id in ("0a89db3a-0000", "../get/message", "a/b?c=d", "记忆"):
        with pytest.raises(errors.NotFound):
            await cloud.get_memory(memory_id)
    with pytest.raises(errors.NotFound):
        await cloud.get_status("no-such-task")
    assert (await cloud.get_messages("nobody", "nothing")).messages == ()


async def test_a_wrong_key_is_refused(emulator: Emulator) -> None:
    async with CloudClient(emulator.base_url, ApiKey("mpg-wrong")) as client:
        with pytest.raises(errors.Refused, match="set-key"):
            await client.check()
    assert client.requests == {"/get/memory": 1}


async def test_a_wrong_path_is_no_missing_memory(emulator: Emulator) -> None:
    address = emulator.root_url + "/api/elsewhere"
    async with CloudClient(address, ApiKey(emulator.api_key)) as client:
        with pytest.raises(errors.CloudError) as caught:
            await client.get_memory("m1")
    assert not isinstance(caught.value, errors.NotFound)


@pytest.mark.parametrize(
    "fault",
    [
        "rate-limit:times=2",
        "rate-limit:times=2,retry-after=3",
        "error:status=500,times=2",
        "error:status=503,times=2",
        "code:code=40300,times=2",
        "code:code=50004,times=2",
        "html:times=2",
        "reset:times=2",
        "truncate:times=2",
        "timeout:times=1",
        "latency:ms=20",
        "drip:bytes=2000,ms=1",
        "unknown-fields",
        "missing-fields",
    ],
)
async def test_faults_that_a_read_survives(
    emulator: Emulator, cloud: CloudClient, fault: str
) -> None:
    clean = await cloud.get_memories("user", MARIA)
    emulator.faults.replace([fault])
    page = await cloud.get_memories("user", MARIA)
    assert [(m.memory_id, m.content[:20]) for m in page.memories] == [
        (m.memory_id, m.content[:20]) for m in clean.memories
    ]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("rate-limit", errors.RateLimited),
        ("rate-limit:retry-after=86400", errors.RateLimited),
        ("error:status=502", errors.Busy),
        ("html:status=404", errors.Unusable),
        ("html:status=200", errors.Unusable),
        ("code:code=40304", errors.QuotaExceeded),
        ("code:code=40300", errors.RateLimited),
        ("expired-key", errors.Refused),
        ("reset", errors.Unreachable),
        ("truncate", errors.Unreachable),
        ("timeout", errors.Unreachable),
        ("invalid-json", errors.Unusable),
        ("invalid-utf8", errors.Unusable),
        ("content-type", errors.Unusable),
        ("drip:bytes=1,ms=60000", errors.Unreachable),
    ],
)
async def test_faults_that_end_a_call_with_one_of_our_errors(
    emulator: Emulator, cloud: CloudClient, fault: str, kind: type[errors.CloudError]
) -> None:
    emulator.faults.replace([fault])
    with pytest.raises(kind) as caught:
        await cloud.check()
    assert emulator.api_key not in str(caught.value)


async def test_many_at_once_under_faults_all_arrive(emulator: Emulator, cloud: CloudClient) -> None:
    emulator.faults.replace(
        ["rate-limit:every=7", "reset:every=11", "error:every=13", "jitter:ms=5"]
    )
    calls = [cloud.get_memories("user", MARIA) for _ in range(60)]
    pages = await asyncio.gather(*calls)
    assert len({tuple(m.memory_id for m in page.memories) for page in pages}) == 1
    assert cloud.requests["/get/memory"] == emulator.requests["/get/memory"] > 60


async def test_a_clock_that_is_wrong_is_known_by_the_services() -> None:
    days = 86_400_000
    async with (
        Emulator(demo_data(), clock=lambda: now_ms() - 3 * days) as emulator,
        CloudClient(emulator.base_url, ApiKey(emulator.api_key)) as client,
    ):
        assert client.clock_ahead == 0
        await client.check()
        assert client.clock_ahead == pytest.approx(3 * 86_400, abs=60)
