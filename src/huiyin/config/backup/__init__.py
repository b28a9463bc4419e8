"""Backups: one archive, one key file, and the proof that both open.

making     dump and digests from one snapshot into an archive
archive    the file itself: how it is written, what makes it whole
digests    what the rows amount to, wherever and on whichever server they lie
ring       which keys the rows need, and whether a key file has them
tools      pg_dump and pg_restore
proving    restore into a scratch database, compare, ask the invariants
restoring  into an empty data folder or database
nightly    when the next one is due, and which old ones may go
"""
