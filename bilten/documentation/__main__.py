"""Write every generated page; run by ``make generate``."""

from bilten.documentation.pages import write

write()
