"""Dagster definitions: what runs when, and the graph people see. Asset bodies call the packages below."""
