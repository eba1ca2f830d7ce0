"""Messenger and Instagram: fields of their exports, how they are read, a thread's chronicle."""
