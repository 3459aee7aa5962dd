"""The machine's face: the same services as the pages, JSON only, refusals as problem+json."""
