"""THE WIRE: frames, schemas, the RPC engine, connections and the frame spool. Knows no station."""
