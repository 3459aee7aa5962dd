"""Sign-in, thinly dressed over django-allauth."""
