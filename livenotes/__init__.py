"""livenotes: pages whose code is run by the build, so that what readers see is what the code does."""

__version__ = "0.1.0"
