"""The connector to Microsoft Teams: an application that a team's owner lets read its channel."""
