"""The addresses of letters and of what belongs to decisions on applications."""

from django.urls import path

from tenants.views import aftermath, deciding, letters

urlpatterns = [
    path("applications/<uuid:public_id>/decide/", deciding.DecideCase.as_view(), name="case-decide"),
    path("applications/<uuid:public_id>/effect/", deciding.Effects.as_view(), name="case-effect"),
    path("applications/<uuid:public_id>/appeal/", aftermath.AppealCase.as_view(), name="case-appeal"),
    path("conditions/<uuid:public_id>/met/", aftermath.MeetCondition.as_view(), name="condition-met"),
    path("authorities/<uuid:public_id>/texts/", aftermath.StockTexts.as_view(), name="stock-texts"),
    path("authorities/<uuid:public_id>/texts/new/", aftermath.AddStockText.as_view(), name="stock-text-new"),
    path("authorities/<uuid:public_id>/texts/copy/", aftermath.CopyStock.as_view(), name="stock-copy"),
    path("texts/<uuid:public_id>/edit/", aftermath.EditStockText.as_view(), name="stock-text-edit"),
    path("texts/<uuid:public_id>/retire/", aftermath.RetireStockText.as_view(), name="stock-text-retire"),
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
