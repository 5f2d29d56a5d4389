"""The OpenAPI document as one page of HTML that needs no other file and no internet."""

from __future__ import annotations

import json
from html import escape
from typing import Any, Final

_STYLE: Final = """
body { margin: 0; background: #f4f4f1; color: #22252b; font: 15px/1.55 system-ui, sans-serif; }
main { max-width: 900px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 26px; margin: 0; } h2 { font-size: 17px; margin: 30px 0 8px; }
section { background: #fff; border: 1px solid #dcdee3; border-radius: 8px; padding: 4px 16px 14px;
  margin-top: 14px; }
h2 b { background: #2f6f9f; color: #fff; border-radius: 4px; padding: 1px 9px; font-size: 13px;
  margin-right: 8px; text-transform: uppercase; } h2 b.get { background: #2f8f5b; }
section h2 { margin-top: 12px; } h3 { font-size: 14px; margin: 14px 0 4px; }
p { margin: 4px 0; white-space: pre-line; } .soft { color: #6a6f7a; font-size: 13px; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
td { padding: 4px 12px 4px 0; border-bottom: 1px solid #ecedf0; vertical-align: top;
  overflow-wrap: anywhere; } code, pre { font: 13px/1.5 ui-monospace, monospace; }
pre { background: #f4f4f1; border-radius: 6px; padding: 9px 12px; overflow-x: auto; }
"""


def openapi_page(document: dict[str, Any]) -> str:
    """Render an OpenAPI 3.1 document.

    Parameters
    ----------
    document
        As ``/openapi.json`` gives it; every text of it is escaped.

    Returns
    -------
    str
        A whole HTML page; its only links lead into itself and to ``openapi.json``.
    """
    info = document["info"]
    operations = [
        _operation(path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    schemas = document.get("components", {}).get("schemas", {})
    models = [_model(name, schema) for name, schema in schemas.items()]
    title = escape(f"{info['title']} {info['version']}")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body><main>"
        f"<h1>{title}</h1><p>{escape(info.get('summary', ''))}</p>"
        '<p class="soft">The same for programs: <a href="openapi.json">openapi.json</a></p>'
        f"{''.join(operations)}<h2>Bodies</h2>{''.join(models)}</main></body></html>\n"
    )


def _operation(path: str, method: str, operation: dict[str, Any]) -> str:
    """Render one operation: what it does, takes and answers."""
    taken = [
        (f"{one['name']} ({one['in']})", _type(one.get("schema", {})), one.get("description", ""))
        for one in operation.get("parameters", [])
    ]
    content = operation.get("requestBody", {}).get("content", {})
    taken += [("body", _type(one.get("schema", {})), escape(kind)) for kind, one in content.items()]
    answers = [
        (status, escape(", ".join(answer.get("content", {}))), answer.get("description", ""))
        for status, answer in operation.get("responses", {}).items()
    ]
    return (
        f'<section><h2><b class="{escape(method)}">{escape(method)}</b>'
        f"<code>{escape(path)}</code></h2><p>{escape(operation.get('description', ''))}</p>"
        f"{_table('Takes', taken)}{_table('Answers', answers)}</section>"
    )


def _model(name: str, schema: dict[str, Any]) -> str:
    """Render one schema and its first example."""
    needed = schema.get("required", [])
    fields = [
        (field + (" *" if field in needed else ""), _type(one), one.get("description", ""))
        for field, one in schema.get("properties", {}).items()
    ]
    examples = [
        f"<pre>{escape(json.dumps(one, ensure_ascii=False, indent=1))}</pre>"
        for one in schema.get("examples", [])[:1]
    ]
    return (
        f'<section id="{escape(name)}"><h2><code>{escape(name)}</code></h2>'
        f"<p>{escape(schema.get('description', ''))}</p>"
        f"{_table('Fields, * needed', fields)}{''.join(examples)}</section>"
    )


def _table(heading: str, rows: list[tuple[str, str, str]]) -> str:
    """Render rows of a name, HTML and a text; nothing where there are none."""
    if not rows:
        return ""
    cells = [
        f"<tr><td><code>{escape(name)}</code></td><td>{html}</td><td>{escape(text)}</td></tr>"
        for name, html, text in rows
    ]
    return f"<h3>{escape(heading)}</h3><table>{''.join(cells)}</table>"


def _type(schema: dict[str, Any]) -> str:
    """Return as HTML what a value may be."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(_type(one) for one in schema[choice])
    if "const" in schema:
        return escape(json.dumps(schema["const"], ensure_ascii=False))
    if "enum" in schema:
        return " or ".join(escape(json.dumps(one, ensure_ascii=False)) for one in schema["enum"])
    kind = escape(str(schema.get("type", "any")))
    if kind == "array":
        return f"list of {_type(schema.get('items', {}))}"
    limits = [
        f"{word} {escape(str(schema[name]))}"
        for name, word in (("minimum", "from"), ("maximum", "to"), ("format", "as"))
        if name in schema
    ]
    return " ".join((kind, *limits))
