"""Every file of a kind is listed where users find it: the configuration's unions."""

from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import get_args

import filters
import filters.changes
import pipeline.sources
import synthesis.backends
from filters.base import Filter
from filters.changes import DEFAULT_CHANGE_FILTERS, AnyChangeFilter
from filters.changes.base import ChangeFilter
from pipeline.config import DEFAULT_FILTERS, AnyFilter, AnySource
from pipeline.sources.base import Source
from pipeline.stages.synthesize import AnyBackend
from schemas.config import Options


def modules(package: ModuleType) -> list[ModuleType]:
    folder = Path(str(package.__file__)).parent
    return [import_module(f"{package.__name__}.{path.stem}") for path in sorted(folder.glob("[a-z]*.py"))]


def written(package: ModuleType, base: type) -> set[type]:
    """Subclasses of `base` that a file of the package defines itself."""
    return {
        value
        for module in modules(package)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    } - {base}


def test_every_filter_is_in_the_union_under_its_own_kind() -> None:
    listed = get_args(get_args(AnyFilter)[0])
    assert set(listed) == written(filters, Filter)
    kinds = [one.model_fields["kind"].default for one in listed]
    assert len(set(kinds)) == len(kinds)
    assert all(isinstance(one, listed) for one in DEFAULT_FILTERS)


def test_every_filter_of_changes_is_in_the_union_under_its_own_kind() -> None:
    listed = get_args(get_args(AnyChangeFilter)[0])
    assert set(listed) == written(filters.changes, ChangeFilter)
    kinds = [one.model_fields["kind"].default for one in listed]
    assert len(set(kinds)) == len(kinds)
    assert {one.kind for one in DEFAULT_CHANGE_FILTERS} == set(kinds) - {"pull_request"}
    assert len(DEFAULT_CHANGE_FILTERS) == len(kinds) - 1


def test_filters_of_changes_that_need_a_tree_come_last() -> None:
    kinds = [one.kind for one in DEFAULT_CHANGE_FILTERS]
    assert kinds[-5:] == ["typo", "whitespace", "comments", "imports", "strings"]


def test_every_source_is_in_the_union() -> None:
    listed = get_args(get_args(AnySource)[0])
    assert set(listed) == written(pipeline.sources, Source)
    kinds = [get_args(one.model_fields["kind"].annotation) for one in listed]
    assert len(set(kinds)) == len(kinds)


def test_every_backend_is_what_the_stage_takes() -> None:
    listed = get_args(get_args(AnyBackend)[0])
    assert {one for one in written(synthesis.backends, Options) if "kind" in one.model_fields} == set(listed)
    kinds = [one.model_fields["kind"].default for one in listed]
    assert len(set(kinds)) == len(kinds)
