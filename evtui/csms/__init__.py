"""THE OTHER END: an embedded CSMS. It must not know what a station thinks."""
