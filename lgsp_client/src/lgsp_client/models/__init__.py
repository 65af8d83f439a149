"""Models of answers, and of the larger parts of questions. Generated from the declared operations: make generate."""
