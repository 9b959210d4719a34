"""The official Python SDKs, driven through the gateway."""
