"""What can go wrong around backups, in words for whoever runs the command."""


class BackupError(RuntimeError):
    """A backup cannot be made, read or restored; the message says why and what to do."""
