"""What the schema says beyond the endpoints themselves."""

from __future__ import annotations

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "A refusal (RFC 9457): a stable code for machines and one sentence for people.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "example": "urn:portal:portal.not_found"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "Names the thing, the cause and the way out."},
        "code": {"type": "string", "description": "Stable and dotted."},
        "facts": {"type": "object", "additionalProperties": True},
        "fields": {"type": "object", "additionalProperties": True, "description": "Sentences by field."},
    },
}


def add_problems(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Give every operation the one shape of its refusals."""
    result.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
    answer = {
        "description": "The request was declined; nothing was done.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for methods in result.get("paths", {}).values():
        for operation in methods.values():
            if isinstance(operation, dict) and "responses" in operation:
                operation["responses"]["default"] = answer
    return result
