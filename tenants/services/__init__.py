"""What may be done here, each act whole: move, record, announce, nudge."""
