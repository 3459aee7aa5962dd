"""The audit trail as evidence: its chain, the checkpoints that seal it, checking it, and carrying it elsewhere."""
