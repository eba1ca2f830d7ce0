"""What members ask for."""

from orchestration.portal.section import Section

SECTION = Section(routes=())
