"""From a reading to the screens that may see it: grouping, the newest state in Valkey, the cut per person, the hub."""
