"""The kernel: settings, errors, contracts and types. It imports no other package of the platform."""
