"""The tags of a repository, page by page."""

import pytest

from launcher.errors import RegistryError
from tests.registry.servers import refusal, reply


def pages(*all_pages, link='</v2/team/tool/tags/list?last={0}>; rel="next"'):
    """Answer with one page after the other, each with a link to the next."""

    def answer(seen):
        number = int(dict(pair.split("=") for pair in seen.query.split("&")).get("last", 0))
        more = {"Link": link.format(number + 1)} if number + 1 < len(all_pages) else {}
        return reply({"name": "team/tool", "tags": all_pages[number]}, **more)

    return answer


def refused(registry, **named):
    with pytest.raises(RegistryError) as trouble:
        registry.tags("team/tool", **named)
    return trouble.value


def test_a_single_page_is_complete(serve, at):
    server = serve(pages(["1", "latest", "v1.7-rc.1_x"]))

    assert at(server).tags("team/tool") == ["1", "latest", "v1.7-rc.1_x"]
    assert [(each.path, each.query) for each in server.seen] == [("/v2/team/tool/tags/list", "n=1000")]


def test_all_pages_are_read_in_order_and_duplicates_dropped(serve, at):
    server = serve(pages(["a", "b"], ["b", "c"], ["d"]))

    assert at(server).tags("team/tool") == ["a", "b", "c", "d"]
    assert [each.query for each in server.seen] == ["n=1000", "last=1", "last=2"]


@pytest.mark.parametrize(
    "link", ['<?last={0}>; rel="next"', "<list?last={0}>;rel=next", '</x>; rel="prev", <?last={0}>; rel="next"']
)
def test_a_link_may_be_written_in_other_ways(serve, at, link):
    server = serve(pages(["a"], ["b"], link=link))

    assert at(server).tags("team/tool") == ["a", "b"]


def test_no_more_pages_are_read_than_needed(serve, at):
    server = serve(pages(["a", "b"], ["c", "d"], ["e"]))

    assert at(server).tags("team/tool", most=3) == ["a", "b", "c"]
    assert [each.query for each in server.seen] == ["n=3", "last=1"]


def test_ten_thousand_tags_are_enough(serve, at):
    server = serve(pages(*([f"{page}-{number}" for number in range(1000)] for page in range(12))))

    assert len(at(server).tags("team/tool")) == 10_000
    assert len(server.seen) == 10


@pytest.mark.parametrize("tags", [[], None])
def test_a_repository_may_have_no_tag(serve, at, tags):
    assert at(serve(pages(tags))).tags("team/tool") == []


def test_invalid_tags_are_left_out(serve, at):
    wrong = ["", "a b", "\x1b[2J", "../x", "a:b", "a@sha256:" + "0" * 64, "-a", "x" * 129, 7, None, ["b"]]
    server = serve(pages(["a", *wrong, "b"]))

    assert at(server).tags("team/tool") == ["a", "b"]


def test_an_endless_list_is_abandoned(serve, at):
    server = serve(lambda seen: reply({"tags": ["a"]}, Link='<?last=x>; rel="next"'))

    assert refused(at(server)).what == f"the list of tags at {server.name} does not end"
    assert len(server.seen) == 2


def test_endless_pages_of_one_tag_are_abandoned(serve, at):
    count = iter(range(10_000))
    server = serve(lambda seen: reply({"tags": [str(next(count))]}, Link='<?last=x>; rel="next"'))

    assert refused(at(server)).what == f"the list of tags at {server.name} does not end"
    assert len(server.seen) == 500


def test_a_next_page_on_another_host_is_refused(serve, at):
    other = serve(pages(["b"]))
    server = serve(
        lambda seen: reply({"tags": ["a"]}, Link=f'<http://{other.name}/v2/team/tool/tags/list>; rel="next"')
    )

    assert refused(at(server)).what == f"{server.name} names a next page on another host, 127.0.0.1"
    assert other.seen == []


def test_a_next_page_over_plain_http_is_refused(serve, at):
    server = serve(lambda seen: reply({"tags": ["a"]}, Link='<http://cdn.example/x>; rel="next"'))

    assert refused(at(server)).what == (
        f"{server.name} names a next page that is not allowed: plain HTTP to cdn.example"
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"tags": "a"}', b'{"tags": {"a": 1}}', b"\xff", b"[" * 100_000])
def test_an_invalid_list_of_tags_is_reported(serve, at, body):
    server = serve(lambda seen: (200, {}, body))

    assert refused(at(server)).what == f"{server.name} did not answer with a list of tags"


def test_a_page_of_more_than_4_mib_is_not_read(serve, at):
    server = serve(lambda seen: (200, {}, b'{"tags": ["' + b"a" * (4 << 20)))

    assert "is larger than 4194304 bytes" in refused(at(server)).what


@pytest.mark.parametrize("code", ["NAME_UNKNOWN", "WHATEVER"])
def test_a_missing_repository_is_reported(serve, at, code):
    server = serve(lambda seen: refusal(404, code))

    assert refused(at(server)).line == (
        f"applaunch: {server.name}/team/tool: {server.name} has no image team/tool; check the name"
    )
