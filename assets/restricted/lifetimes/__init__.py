"""Lifetimes: what is past its time is deleted, every hour."""
