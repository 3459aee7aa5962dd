"""Tables of minutes in partitions."""

# Django cannot declare partitions: the table it made becomes the pattern of a partitioned one of the same name.
PARTITION = """
ALTER TABLE {table} RENAME TO {table}_pattern;
CREATE TABLE {table} (LIKE {table}_pattern INCLUDING DEFAULTS INCLUDING CONSTRAINTS, PRIMARY KEY ({key}, minute))
  PARTITION BY RANGE (minute);
DROP TABLE {table}_pattern;
"""
SAMPLES = PARTITION.format(table="resources_sampleminute", key="series_id")
POOLS = PARTITION.format(table="resources_poolminute", key="pool_id")
