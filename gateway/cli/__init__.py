"""The subcommands of `lgsp`, one module per command; each is imported only when it is called."""
