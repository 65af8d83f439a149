"""The mock country breaks, a real Prometheus watches the gateway, and each alert fires for its own cause."""
