"""The mock country: national systems that behave as the real ones do, over one made-up population.

Shares `contracts/` with the gateway, never code, else a shared bug would agree with itself.
"""
