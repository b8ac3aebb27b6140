"""`init`, `validate`, `settings`: getting started."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from claimwatch.home import Home
from claimwatch.settings import Settings, origin_of, read_settings, shown
from claimwatch.show import counted, line, print_json, table
from domain.errors import ConfigError

STARTERS = ("sources.yaml", "claims.yaml", ".env.example")
_WRONG = 2


def init(folder: Path) -> int:
    """Write the starter files that are not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in STARTERS:
        target = folder / name
        text = files("claimwatch").joinpath("starter", name.lstrip(".")).read_text(encoding="utf-8")
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            line(f"{target} is there already and stays as it is")
        else:
            line(f"{target} written")
    line("Next: put your page and your claim in, `claimwatch validate`, `claimwatch try ID`, `claimwatch check`.")
    return 0


def validate(home: Home, *, as_json: bool) -> int:
    """Print every problem of both files; the exit code is 2 where there is one."""
    try:
        config = home.config
    except ConfigError as error:
        if not as_json:
            raise
        problems = [
            {
                "file": item.file,
                "line": item.line,
                "entry": item.entry,
                "key": item.key,
                "message": item.message,
                "nearest": item.nearest,
            }
            for item in error.problems
        ]
        print_json({"valid": False, "problems": problems})
        return _WRONG
    counts = {
        "sources": len(config.sources),
        "facts": sum(len(source.rules) for source in config.sources),
        "claims": len(config.claims),
        "watched": sum(1 for claim in config.claims if claim.expectations),
        "unverified": sum(1 for source in config.sources if source.grounding == "unverified"),
    }
    if as_json:
        print_json({"valid": True, "problems": [], **counts})
    else:
        line(
            f"Both files are valid: {counted(counts['sources'], 'source')} with {counted(counts['facts'], 'fact')}, {counted(counts['claims'], 'claim')}, {counts['watched']} of them watched."
        )
        if counts["unverified"]:
            says = counted(counts["unverified"], "source says that its", "sources say that their")
            line(f"{says} rules were written without a real capture.")
    return 0


def settings(*, as_json: bool) -> None:
    """Print every setting."""
    current = read_settings()
    rows = [
        (f"CLAIMWATCH_{name.upper()}", field.description or "", origin_of(name), shown(name, getattr(current, name)))
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        names = ("name", "meaning", "source", "value")
        print_json({"settings": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        table("Settings", ("setting", "meaning", "from", "value"), rows)
