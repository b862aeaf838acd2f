"""Names, places and prices that history and live traffic draw from.

Nothing here holds quotes or backslashes, so that values can be put into JSON and COPY text as they are.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

FIRST_NAMES = (
    "Ayşe", "Mehmet", "Zeynep", "Emre", "Elif", "Can", "Defne", "Kerem", "Selin", "Burak",
    "Anna", "Lukas", "Sophie", "Jonas", "Lena", "Felix", "Mia", "Jürgen", "Björn", "Käthe",
    "Camille", "Louis", "Chloé", "Hugo", "Élodie", "René", "Lucía", "Mateo", "Sofía", "Íñigo",
    "Giulia", "Marco", "Chiara", "Sanne", "Daan", "Oliver", "Amelia", "Harry", "Isla", "Noah",
    "Emma", "Liam", "Ava", "Ethan", "Grace", "Priya", "Wei", "Fatima", "Omar", "Yuki",
)  # fmt: skip

LAST_NAMES = (
    "Yılmaz", "Demir", "Şahin", "Çelik", "Kaya", "Öztürk", "Aydın", "Arslan", "Doğan", "Koç",
    "Müller", "Schmidt", "Weber", "Wagner", "Schröder", "Groß", "Dubois", "Lefèvre", "Moreau", "Girard",
    "García", "Muñoz", "Fernández", "Rossi", "Ricci", "Esposito", "de Vries", "Jansen", "Bakker", "Smith",
    "Jones", "Taylor", "Brown", "Wilson", "Davies", "Johnson", "Miller", "Garcia", "Nguyen", "Patel",
    "Kim", "Chen", "Khan", "Haddad", "Tanaka", "Novak", "Kowalski", "Larsen", "Nyström", "Papadakis",
)  # fmt: skip

MAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")


@dataclass(frozen=True, slots=True)
class City:
    """A place where events happen: coordinates in degrees."""

    name: str
    country: str
    latitude: float
    longitude: float
    time_zone: str


CITIES = (
    City("İstanbul", "TR", 41.0082, 28.9784, "Europe/Istanbul"),
    City("Ankara", "TR", 39.9334, 32.8597, "Europe/Istanbul"),
    City("İzmir", "TR", 38.4237, 27.1428, "Europe/Istanbul"),
    City("Berlin", "DE", 52.5200, 13.4050, "Europe/Berlin"),
    City("München", "DE", 48.1351, 11.5820, "Europe/Berlin"),
    City("Hamburg", "DE", 53.5511, 9.9937, "Europe/Berlin"),
    City("Paris", "FR", 48.8566, 2.3522, "Europe/Paris"),
    City("Lyon", "FR", 45.7640, 4.8357, "Europe/Paris"),
    City("Madrid", "ES", 40.4168, -3.7038, "Europe/Madrid"),
    City("Barcelona", "ES", 41.3874, 2.1686, "Europe/Madrid"),
    City("Milano", "IT", 45.4642, 9.1900, "Europe/Rome"),
    City("Amsterdam", "NL", 52.3676, 4.9041, "Europe/Amsterdam"),
    City("London", "GB", 51.5074, -0.1278, "Europe/London"),
    City("Manchester", "GB", 53.4808, -2.2426, "Europe/London"),
    City("New York", "US", 40.7128, -74.0060, "America/New_York"),
    City("San Francisco", "US", 37.7749, -122.4194, "America/Los_Angeles"),
    City("Austin", "US", 30.2672, -97.7431, "America/Chicago"),
)

COUNTRIES = tuple(dict.fromkeys(city.country for city in CITIES))

CURRENCIES = ("EUR", "USD", "TRY", "GBP")
CURRENCY_OF_COUNTRY = {"TR": "TRY", "US": "USD", "GB": "GBP"}
"""Countries that are not listed use the euro."""

EURO_RATES = {"EUR": 1.0, "USD": 1.09, "TRY": 36.0, "GBP": 0.85}
"""Units for one euro at the end of the history, roughly; the daily rates wander around them."""

TAX_BASIS_POINTS = {
    "TR": 2000, "DE": 1900, "FR": 2000, "ES": 2100, "IT": 2200, "NL": 2100, "GB": 2000, "US": 800,
}  # fmt: skip
"""Tax on admissions by country, in hundredths of a per cent."""

TIERS = ("free", "standard", "professional", "enterprise")
FEE_BASIS_POINTS = {"free": 600, "standard": 450, "professional": 350, "enterprise": 250}
"""Service fee by the organizer's plan, in hundredths of a per cent of the price."""
FEE_FIXED_CENTS = {"EUR": 79, "USD": 89, "TRY": 1500, "GBP": 69}
"""Service fee per ticket, in cents of the currency."""
COMMISSION_BASIS_POINTS = {"free": 700, "standard": 500, "professional": 350, "enterprise": 200}

EVENT_TYPES = (
    "conference", "workshop", "concert", "festival", "sports", "exhibition", "networking", "webinar",
)  # fmt: skip
EVENT_PRICES = {
    "conference": 149, "workshop": 65, "concert": 55, "festival": 120, "sports": 45, "exhibition": 18,
    "networking": 25, "webinar": 15,
}  # fmt: skip
"""Usual price of a ticket in euros."""

EVENT_TITLES = {
    "conference": (
        "Data Platform Days",
        "Open Source Summit",
        "Design Leadership Forum",
        "Cloud Native Week",
    ),
    "workshop": ("Pottery for Beginners", "Street Photography", "Sourdough School", "Watercolour Weekend"),
    "concert": (
        "Symphony Under the Stars",
        "Jazz at the Docks",
        "Anadolu Rock Night",
        "Piano by Candlelight",
    ),
    "festival": ("Summer Sounds", "Harbour Lights Festival", "Festival of Books", "Street Food Carnival"),
    "sports": ("City Marathon", "Derby Night", "Open Tennis Finals", "Basketball All-Stars"),
    "exhibition": ("Impressions of Light", "Robots and Us", "Treasures of Anatolia", "Modern Ceramics"),
    "networking": ("Founders Breakfast", "Women in Data Evening", "Port City Meetup", "Makers After Work"),
    "webinar": ("Streaming Data in Practice", "Tax for Freelancers", "Writing Online", "First Steps in SQL"),
}

TICKET_NAMES = ("Standard", "Balcony", "VIP", "Student")
TICKET_FACTORS = (100, 130, 260, 60)
"""Price of each kind of ticket, in per cent of the event's usual price."""

CATEGORIES = {
    "Music": ("Classical", "Jazz", "Rock", "Electronic"),
    "Business": ("Technology", "Marketing", "Finance"),
    "Arts": ("Theatre", "Exhibitions", "Film"),
    "Sport": ("Running", "Football", "Tennis"),
    "Learning": ("Crafts", "Languages", "Cooking"),
}

TAGS = ("outdoor", "family", "evening", "weekend", "premiere", "charity", "students", "accessible", "local")
PROVIDERS = ("stripe", "adyen", "iyzico", "paypal")
METHODS = ("card", "wallet", "bank_transfer", "paypal")
CARD_BRANDS = ("visa", "mastercard", "amex", "troy")
FAILURES = ("card_declined", "insufficient_funds", "expired_card", "three_d_secure_failed")
CHANNELS = ("web", "mobile_app", "api", "box_office", "partner")
CHANNEL_WEIGHTS = (0.52, 0.34, 0.04, 0.06, 0.04)
REFERRERS = ("search.example", "social.example", "news.example", "partner.example")
CAMPAIGNS = ("spring_sale", "newsletter", "retargeting", "launch")
USER_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64) Firefox/143.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Safari/605",
    "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0",
    "BiltenApp/7.2 (Android 16)",
)


def mailbox(first: str, last: str, number: int) -> str:
    """A lower-case address that belongs to nobody.

    Args:
        first: given name.
        last: family name.
        number: makes it unique.
    """
    return f"{_plain(first)}.{_plain(last)}.{number}@{MAIL_DOMAINS[number % len(MAIL_DOMAINS)]}"


_SPECIAL = str.maketrans({"ı": "i", "ß": "ss", "ø": "o", " ": "", "'": ""})


def _plain(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name.lower().translate(_SPECIAL))
    return "".join(letter for letter in decomposed if letter.isascii() and letter.isalpha())


def event_title(kind: int, number: int) -> str:
    """A title of an event of a kind, which is a place in `EVENT_TYPES`."""
    titles = EVENT_TITLES[EVENT_TYPES[kind]]
    return f"{titles[number % len(titles)]} {number // len(titles) + 1}"


def currency_of(country: str) -> str:
    """The currency used in a country, one of `CURRENCIES`."""
    return CURRENCY_OF_COUNTRY.get(country, "EUR")
