"""livenotes: pages whose code is run by the build, so that readers can trust it."""

__version__ = "0.1.0"
