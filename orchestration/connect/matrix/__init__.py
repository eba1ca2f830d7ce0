"""The connector of Matrix rooms that are not encrypted (Client-Server API of 1.6 and later)."""
