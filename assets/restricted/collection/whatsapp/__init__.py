"""WhatsApp text exports: learn the header's shape, survey the file, read its messages."""
