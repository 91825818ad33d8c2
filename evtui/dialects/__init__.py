"""THE TRANSLATORS: one module for each OCPP version, between sim's records and the wire's payloads."""
