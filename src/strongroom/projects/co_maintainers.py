"""Whoever has a role in a project together with somebody."""

from strongroom.projects.models import Role


def of(user_id: int) -> list[int]:
    """The ids of the people who have a role in a project in which ``user_id`` has one, without ``user_id``."""
    theirs = Role.objects.filter(user_id=user_id).values("project")
    others = Role.objects.filter(project__in=theirs).exclude(user_id=user_id)
    return list(others.order_by("user_id").values_list("user_id", flat=True).distinct())
