"""`huiyin bench`: each path of many rows beside the bare SQL that writes or reads the same rows."""
