"""What set-up works out before it installs anything."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import yaml

ROOT = Path(__file__).parents[3]


@pytest.fixture
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("setup", ROOT / "scripts/setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_uv_looks_where_pip_looks(setup: ModuleType) -> None:
    listed = """\
global.cert='/etc/ca.pem'
global.index-url='https://mirror.example/simple'
global.find-links='/one\\n/two'
install.trusted-host='mirror.example'
download.index-url='https://elsewhere.example/simple'
:env:.index-url='https://closer.example/simple'
:env:.no-color='1'"""
    assert setup.from_pip_to_uv(listed) == {
        "SSL_CERT_FILE": "/etc/ca.pem",
        "UV_DEFAULT_INDEX": "https://closer.example/simple",
        "UV_FIND_LINKS": "/one,/two",
        "UV_INSECURE_HOST": "mirror.example",
    }
    assert setup.from_pip_to_uv("") == {}


def test_what_set_up_fetches_is_what_dbt_is_told(setup: ModuleType) -> None:
    packages = yaml.safe_load((ROOT / "dbt_project/packages.yml").read_text())
    told = packages["packages"][0]
    assert told == {"package": "dbt-labs/dbt_utils", "version": "1.1.1"}
    project = setup.DBT_PACKAGES / "dbt_utils" / "dbt_project.yml"
    assert yaml.safe_load(project.read_text())["name"] == "dbt_utils"


def test_the_lock_holds_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    assert "--index-url" not in lock
    assert lock.count("==") <= lock.count("--hash=sha256:")
