"""The study register: what was decided about a study, who approved it, and what it stops."""
