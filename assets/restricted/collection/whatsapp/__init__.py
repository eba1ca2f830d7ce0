"""WhatsApp text exports: learn the header's format, count over the file, parse its messages."""
