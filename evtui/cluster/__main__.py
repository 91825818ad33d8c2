"""The process of a shard."""

from evtui.cluster.shard import main

if __name__ == "__main__":
    main()
