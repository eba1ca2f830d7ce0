"""Delivering exports."""

from orchestration.portal.section import Section

SECTION = Section(routes=())
