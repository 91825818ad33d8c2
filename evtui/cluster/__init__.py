"""A fleet on many machines: its shards as tasks of a Dask cluster, told as one."""
