"""The books as they are told to others: records for HTTP and for events. Times are Unix time."""
