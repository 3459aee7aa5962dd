"""The addresses of letters and of what belongs to decisions on applications."""

from django.urls import path

from tenants.views import letters

urlpatterns = [
    path("letters/<uuid:public_id>/", letters.CaseLetterPage.as_view(), name="letter"),
    path("letters/<uuid:public_id>/file/", letters.CaseLetterFile.as_view(), name="letter-file"),
    path("authorities/<uuid:public_id>/letters/", letters.Letters.as_view(), name="letters"),
    path(
        "authorities/<uuid:public_id>/letters/<str:kind>/<str:language>/",
        letters.WordLetter.as_view(),
        name="letter-wording",
    ),
    path(
        "authorities/<uuid:public_id>/letters/<str:kind>/<str:language>/preview/",
        letters.LetterPreview.as_view(),
        name="letter-preview",
    ),
    path(
        "authorities/<uuid:public_id>/letters/<str:kind>/<str:language>/sample/",
        letters.LetterSample.as_view(),
        name="letter-sample",
    ),
]
