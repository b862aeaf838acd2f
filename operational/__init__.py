"""The operational side: the ticketing services' database, its rules, its history and its live traffic."""
