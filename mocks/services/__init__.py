"""One folder per national system, with the name of its connector; each has `open_service(world) -> Service`."""
