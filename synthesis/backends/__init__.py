"""What makes the worse side, one file each."""
