"""The kinds of events: their tags up to the dot."""

from strongroom.audit import event


def tags(kind: str) -> tuple[str, ...]:
    """The tags of a kind of events, in their order; none for a kind that there is not."""
    return tuple(sorted(tag for tag in event.kinds() if kind_of(tag) == kind))


def kind_of(tag: str) -> str:
    """The tag up to the dot."""
    return tag.partition(".")[0]
