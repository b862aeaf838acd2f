"""The local services: installing, starting, supervising and stopping them, all below one data folder."""
