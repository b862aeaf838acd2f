"""Files that arrive by day: their lines become records, which enter the tables that change events enter."""
