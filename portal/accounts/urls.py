"""Below /accounts/: allauth's pages, ours beside them."""

from allauth.mfa.totp.views import activate_totp, deactivate_totp
from allauth.mfa.webauthn.views import edit_webauthn
from allauth.socialaccount import views as social
from django.urls import include, path
from django.views.generic import RedirectView

from portal.accounts import factor_views, views

to_security = RedirectView.as_view(pattern_name="security")
codes = views.Codes.as_view()

second_factor = [
    path("", to_security, name="mfa_index"),
    path("authenticate/", factor_views.Authenticate.as_view(), name="mfa_authenticate"),
    path("reauthenticate/", factor_views.Reauthenticate.as_view(), name="mfa_reauthenticate"),
    path("totp/activate/", activate_totp, name="mfa_activate_totp"),
    path("totp/deactivate/", deactivate_totp, name="mfa_deactivate_totp"),
    path("recovery-codes/", codes, name="mfa_view_recovery_codes"),
    path("recovery-codes/download/", codes, name="mfa_download_recovery_codes"),
    path("recovery-codes/generate/", factor_views.NewCodes.as_view(), name="mfa_generate_recovery_codes"),
    path("webauthn/", to_security, name="mfa_list_webauthn"),
    path("webauthn/add/", factor_views.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path(
        "webauthn/reauthenticate/",
        factor_views.ReauthenticateWithPasskey.as_view(),
        name="mfa_reauthenticate_webauthn",
    ),
    path("webauthn/keys/<int:pk>/remove/", factor_views.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("webauthn/keys/<int:pk>/edit/", edit_webauthn, name="mfa_edit_webauthn"),
    path("webauthn/login/", factor_views.LoginWithPasskey.as_view(), name="mfa_login_webauthn"),
]
providers = [
    path("", social.connections, name="socialaccount_connections"),
    path("signup/", social.signup, name="socialaccount_signup"),
    path("login/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/error/", social.login_error, name="socialaccount_login_error"),
]
urlpatterns = [
    path("security/", views.Security.as_view(), name="security"),
    path("second-factor/", views.SetUp.as_view(), name="second-factor"),
    path("held/", views.HeldForm.as_view(), name="held-form"),
    path("login/", factor_views.Login.as_view(), name="account_login"),
    path("", include("allauth.account.urls")),
    path("2fa/", include(second_factor)),
    path("providers/", include(providers)),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
