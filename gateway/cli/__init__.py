"""What the `lgsp` command does, one module a command; imported when asked for."""
