"""Prints what the integrations require that a small Home Assistant loads: those it always does, those of
configuration.ts, and, by their manifests, those they build on."""

import json
from pathlib import Path

from homeassistant import bootstrap, components

root = Path(components.__path__[0])
left = {"config", "frontend", "history", "logbook", "mqtt", "recorder", "sun"}
left |= bootstrap.CORE_INTEGRATIONS | bootstrap.DEFAULT_INTEGRATIONS | bootstrap.FRONTEND_INTEGRATIONS
left |= bootstrap.LOGGING_AND_HTTP_DEPS_INTEGRATIONS - {"sentry"}
done: set[str] = set()
wanted: set[str] = set()
while left:
    domain = left.pop()
    done.add(domain)
    manifest = json.loads((root / domain / "manifest.json").read_text())
    wanted |= set(manifest.get("requirements", []))
    left |= set(manifest.get("dependencies", [])) - done
print(*sorted(wanted), sep="\n")
