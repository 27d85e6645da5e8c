"""Shortcut controls, one file each: what a score can come from that is not the code's quality."""
