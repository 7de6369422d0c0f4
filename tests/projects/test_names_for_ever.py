"""A project's name is its own for ever: whoever reads the history of a name reads that of one project."""

import ast

from django.db import models

from strongroom.projects.models import Project
from tests.architecture.source import modules

DELETING = {"delete", "_raw_delete"}


def test_no_row_takes_a_project_with_it_when_it_goes() -> None:
    assert [field.name for field in Project._meta.get_fields() if isinstance(field, models.ForeignKey)] == []


def test_nothing_deletes_a_project() -> None:
    """Else somebody could take its name and read, as its owner, what others did in the project of before (AU-11)."""
    deleting = [
        f"{module.name}:{node.lineno}"
        for module in modules()
        for node in ast.walk(module.tree)
        if deletes_projects(node)
    ]
    assert deleting == []


def test_a_deletion_would_be_noticed() -> None:
    for source in (
        "Project.objects.filter(pk=1).delete()",
        "project.delete()",
        "row.project.delete()",
        "SQL = 'DELETE FROM projects_project WHERE id = 1'",
    ):
        assert any(map(deletes_projects, ast.walk(ast.parse(source)))), source
    for source in ("Role.objects.filter(project=project).delete()", "publisher.delete()"):
        assert not any(map(deletes_projects, ast.walk(ast.parse(source)))), source


def deletes_projects(node: ast.AST) -> bool:
    """Whether it calls ``delete`` on what begins with the class of projects or ends with a project, or says so in SQL."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and "delete from projects_project" in node.value.lower()
    if (
        not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute))
        or node.func.attr not in DELETING
    ):
        return False
    of = node.func.value
    last = of.attr if isinstance(of, ast.Attribute) else of.id if isinstance(of, ast.Name) else ""
    return last == "project" or _begins(of) == "Project"


def _begins(node: ast.expr) -> str:
    """The name with which a chain of calls and attributes begins."""
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""
