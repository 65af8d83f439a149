"""One folder a national system, named as its connector; each offers `open_service(world) -> Service`."""
