"""Live traffic as a ticketing site has it, from a seed.

What to do is decided by pure functions over what is known of the database (`world`); only `run` sends.
"""

from operational.simulate.breaking import RULES, Broken, Rule, break_rule, mend_rule
from operational.simulate.run import Summary, run

__all__ = ["RULES", "Broken", "Rule", "Summary", "break_rule", "mend_rule", "run"]
