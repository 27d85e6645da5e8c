"""Public sources, one file each: units of work that become files and changes."""
