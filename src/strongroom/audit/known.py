"""The events that this version of the program can record."""

from collections.abc import Iterator, Mapping

from strongroom.audit.event import Event


def classes() -> Mapping[str, type[Event]]:
    """The classes of all events, by tag, in the order of the tags."""
    found = {kind.tag: kind for kind in _below(Event) if "tag" in vars(kind)}
    return dict(sorted(found.items()))


def tags(kind: str) -> tuple[str, ...]:
    """The tags of a kind of events (``session``: the tag up to the dot); none for a kind that there is not."""
    return tuple(tag for tag in classes() if kind_of(tag) == kind)


def kind_of(tag: str) -> str:
    """The tag up to the dot."""
    return tag.partition(".")[0]


def _below(parent: type[Event]) -> Iterator[type[Event]]:
    for child in parent.__subclasses__():
        yield child
        yield from _below(child)
