"""What a password must be, said once and in the portal's own words."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import password_validation as django
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

SHORTEST = 8


class OneVoice:
    """Django's three rules, each with a sentence of the portal."""

    def __init__(self) -> None:
        self.alike = django.UserAttributeSimilarityValidator(("full_name", "email"))
        self.length = django.MinimumLengthValidator(SHORTEST)
        self.common = django.CommonPasswordValidator()

    def validate(self, password: str, user: Any = None) -> None:
        rules = (
            (self.length, _("The password is too short: it has at least %(n)d characters.") % {"n": SHORTEST}),
            (self.alike, _("The password is too much like your name or e-mail address. Choose another one.")),
            (self.common, _("Very many people use this password, so it is guessed first. Choose another one.")),
        )
        wrong = []
        for rule, sentence in rules:
            try:
                rule.validate(password, user)
            except ValidationError as error:
                wrong.append(ValidationError(sentence, code=error.code))
        if wrong:
            raise ValidationError(wrong)

    def get_help_text(self) -> str:
        return _("At least %(n)d characters, not one of the common ones, and not like your name or address.") % {
            "n": SHORTEST
        }
