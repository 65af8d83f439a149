"""Proof that orders survive: gateways are killed and stopped at named points beside a mock country that keeps count."""
