"""What the endpoints of this app read and write."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from portal.core.trail import formats, reading
from portal.models import AuditEntry
from portal.ui.zones import zones
from tenants.api.people import PersonSerializer
from tenants.models import (
    Authority,
    AuthorityMembership,
    DataClass,
    Membership,
    OnboardingCase,
    PolicyRule,
    Project,
    QuestionSet,
    Stage,
    Tenant,
    Trail,
)
from tenants.queries.cases import history, last_question
from tenants.queries.limits import limit_choices
from tenants.queries.outcomes import appeal_until, pointed_at
from tenants.queries.policy_choices import chosen_by, value_of
from tenants.queries.questions import answers_read_by
from tenants.questions.europe import EUROPE
from tenants.roles import AuthorityRole, TenantRole


class PublicId(serializers.UUIDField):
    """The public id of a row this one belongs to."""

    def __init__(self, path: str, **kwargs: Any) -> None:
        super().__init__(source=f"{path}.public_id", read_only=True, **kwargs)


class AuthoritySerializer(serializers.ModelSerializer[Authority]):
    country = serializers.CharField()

    class Meta:
        model = Authority
        fields = ("public_id", "name", "slug", "country", "region", "contact_email", "time_zone", "created_at")


class AuthorityChoice(serializers.ModelSerializer[Authority]):
    country = serializers.CharField()

    class Meta:
        model = Authority
        fields = ("public_id", "name", "country", "region")


class AuthorityInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    country = serializers.ChoiceField(EUROPE)
    region = serializers.CharField(max_length=100, allow_blank=True, default="")
    contact_email = serializers.EmailField()
    time_zone = serializers.ChoiceField(
        [name for _group, places in zones(near=True) for name, _place in places], default="Europe/Brussels"
    )


class PolicySerializer(serializers.ModelSerializer[PolicyRule]):
    authority = PublicId("authority")
    choices = serializers.SerializerMethodField()

    class Meta:
        model = PolicyRule
        fields = ("public_id", "authority", "key", "value", "choices", "version", "reason", "created_at")

    def get_choices(self, row: PolicyRule) -> list[str] | None:
        """What the value stands for where the rule names choices (kinds of organisation, a class of data); else null."""
        return chosen_by(row.key, row.value)


class PolicyInput(serializers.Serializer[Any]):
    """A new version of a rule: its value, or, where it names choices, their names instead."""

    authority = serializers.UUIDField()
    key = serializers.ChoiceField(PolicyRule.Key.choices)
    value = serializers.IntegerField(min_value=0, required=False)
    choices = serializers.ListField(child=serializers.CharField(), required=False, max_length=20)
    reason = serializers.CharField(max_length=300)

    def validate(self, facts: dict[str, Any]) -> dict[str, Any]:
        choices = facts.pop("choices", None)
        if (choices is None) == ("value" not in facts):
            raise serializers.ValidationError({"value": _("Say either the value or the choices.")})
        if choices is not None:
            try:
                facts["value"] = value_of(facts["key"], choices)
            except ValueError as error:
                raise serializers.ValidationError({"choices": str(error)}) from error
        return facts


class StepSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    label = serializers.CharField()  # type: ignore[assignment]  # the framework has an attribute of that name
    who = serializers.CharField()
    on_behalf_of = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


class CaseSerializer(serializers.ModelSerializer[OnboardingCase]):
    authority = PublicId("authority")
    tenant = PublicId("tenant", allow_null=True, default=None)
    country = serializers.CharField()

    class Meta:
        model = OnboardingCase
        fields = (
            "public_id", "reference", "authority", "tenant", "organisation", "kind", "country", "legal_id", "data_class",
            "residency", "contact_email", "purpose", "state", "submitted_at", "due_at", "answer_by", "decided_at",
            "created_at",
        )  # fmt: skip


class CaseDetailSerializer(CaseSerializer):
    """One application, with its answers and history as this person reads them."""

    answers = serializers.SerializerMethodField()
    to_correct = serializers.SerializerMethodField()
    appeal_until = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField()

    class Meta(CaseSerializer.Meta):
        fields = (*CaseSerializer.Meta.fields, "answers", "to_correct", "appeal_until", "history")  # type: ignore[assignment]  # more than the list's

    def get_answers(self, case: OnboardingCase) -> dict[str, Any]:
        return dict(answers_read_by(case, for_applicant=not self.context.get("officer", False)))

    def get_to_correct(self, case: OnboardingCase) -> dict[str, str]:
        """Question key → what the authority wrote about the answer, while it waits for the applicant."""
        asked = last_question(case) if case.state == OnboardingCase.State.INFO_REQUESTED else None
        return {each.key: each.remark for each in pointed_at(case, asked)}

    def get_appeal_until(self, case: OnboardingCase) -> datetime | None:
        return appeal_until(case)

    def get_history(self, case: OnboardingCase) -> list[dict[str, Any]]:
        steps = history(case, for_applicant=self.context.get("near", True))
        return [dict(StepSerializer(step).data) for step in steps]


class AnswersField(serializers.DictField):
    """Question key → text, or list of texts where several may be chosen; kept as written, right or not yet."""

    child = serializers.JSONField()


class CaseInput(serializers.Serializer[Any]):
    """What stands beside ``answers`` instead of in it is refused: a draft without it would look as if it had been kept."""

    authority = serializers.UUIDField()
    answers = AnswersField(default=dict)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        astray = sorted(set(self.initial_data) - set(self.fields))
        if astray:
            raise serializers.ValidationError(
                {
                    key: _("“%(key)s” stands beside “answers” and would be lost. Write it into “answers”.")
                    % {"key": key}
                    for key in astray
                }
            )
        return attrs


class OneAnswerInput(serializers.Serializer[Any]):
    """A text, or a list of texts where several may be chosen."""

    value = serializers.JSONField()


class WriterInput(serializers.Serializer[Any]):
    email = serializers.EmailField()


class QuestionSerializer(serializers.Serializer[Any]):
    """A question that is asked, in the reader's language, with the answer as it stands."""

    key = serializers.CharField()
    kind = serializers.CharField()
    text = serializers.CharField()
    help_text = serializers.CharField()  # type: ignore[assignment]  # the framework has an attribute of that name
    required = serializers.BooleanField()  # type: ignore[assignment]  # likewise
    options = serializers.DictField(child=serializers.CharField())
    answer = serializers.JSONField()
    wrong = serializers.CharField()
    advice = serializers.ListField(child=serializers.CharField())


class AskedSerializer(serializers.Serializer[Any]):
    """A step of the application; ``wrong`` says of each question what keeps the whole from being sent."""

    key = serializers.CharField()
    title = serializers.CharField()
    questions = QuestionSerializer(many=True)


class QuestionSetSerializer(serializers.ModelSerializer[QuestionSet]):
    authority = PublicId("authority", allow_null=True, default=None)
    content = serializers.JSONField()

    class Meta:
        model = QuestionSet
        fields = ("public_id", "authority", "version", "note", "content", "published_at", "created_at")


class QuestionSetInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()


class QuestionSetContentInput(serializers.Serializer[Any]):
    content = serializers.DictField()


class NoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300)


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000)


class ResetInput(serializers.Serializer[Any]):
    email = serializers.EmailField()
    reason = serializers.CharField(max_length=4000)


class OptionalReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=4000, allow_blank=True, default="")


class NothingInput(serializers.Serializer[Any]):
    """An act that needs no words."""


class AnswerInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


class TenantSerializer(serializers.ModelSerializer[Tenant]):
    authority = PublicId("authority")
    country = serializers.CharField()

    class Meta:
        model = Tenant
        fields = (
            "public_id", "authority", "name", "slug", "kind", "country", "legal_id", "data_class", "residency",
            "contact_email", "state", "created_at",
        )  # fmt: skip


class ProjectSerializer(serializers.ModelSerializer[Project]):
    tenant = PublicId("tenant")

    class Meta:
        model = Project
        fields = (
            "public_id",
            "tenant",
            "name",
            "slug",
            "purpose",
            "stage",
            "data_class",
            "ends_on",
            "ended_at",
            "created_at",
        )


class ProjectInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=150)
    purpose = serializers.CharField(max_length=4000, allow_blank=True, default="")
    stage = serializers.ChoiceField(Stage.choices)
    data_class = serializers.ChoiceField(DataClass.choices)
    ends_on = serializers.DateField(allow_null=True, default=None)


class NewProjectInput(ProjectInput):
    tenant = serializers.UUIDField()


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    tenant = PublicId("tenant")
    user = PersonSerializer()
    given_by = serializers.CharField(source="given_by.get_full_name", allow_null=True, default=None)

    class Meta:
        model = Membership
        fields = ("public_id", "tenant", "user", "role", "valid_from", "valid_until", "given_by", "created_at")


class MembershipInput(serializers.Serializer[Any]):
    tenant = serializers.UUIDField()
    email = serializers.EmailField()
    full_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    role = serializers.ChoiceField(TenantRole.choices)
    valid_from = serializers.DateTimeField(allow_null=True, default=None)
    valid_until = serializers.DateTimeField(allow_null=True, default=None)


class StaffSerializer(serializers.ModelSerializer[AuthorityMembership]):
    authority = PublicId("authority")
    user = PersonSerializer()
    given_by = serializers.CharField(source="given_by.get_full_name", allow_null=True, default=None)
    stands_in_for = PersonSerializer(source="delegated_from.user", allow_null=True, default=None)

    class Meta:
        model = AuthorityMembership
        fields = (
            "public_id", "authority", "user", "role", "gpu_limit", "only_clusters", "stands_in_for", "valid_from", "valid_until",
            "given_by", "created_at",
        )  # fmt: skip


class StaffInput(serializers.Serializer[Any]):
    authority = serializers.UUIDField()
    email = serializers.EmailField()
    full_name = serializers.CharField(max_length=150, allow_blank=True, default="")
    role = serializers.ChoiceField(AuthorityRole.choices)
    gpu_limit = serializers.IntegerField(min_value=1, allow_null=True, default=None)
    only_clusters = serializers.ListField(child=serializers.UUIDField(), default=list, max_length=200)
    valid_from = serializers.DateTimeField(allow_null=True, default=None)
    valid_until = serializers.DateTimeField(allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["gpu_limit"] and attrs["role"] != AuthorityRole.QUOTA_APPROVER:
            raise serializers.ValidationError({"gpu_limit": _("Only a quota approver has a limit.")})
        if attrs["only_clusters"] and attrs["role"] != AuthorityRole.QUOTA_APPROVER:
            raise serializers.ValidationError(
                {"only_clusters": _("Only a quota approver is limited to clusters. Tick none here.")}
            )
        if unknown := {str(each) for each in attrs["only_clusters"]} - dict(limit_choices()).keys():
            raise serializers.ValidationError(
                {"only_clusters": _("There is no cluster “%(id)s” here.") % {"id": min(unknown)}}
            )
        return attrs


class EntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """Where an event stands in the chain of its stream."""

    cursor = serializers.IntegerField(source="position")
    hash = serializers.SerializerMethodField()

    class Meta:
        model = AuditEntry
        fields = ("cursor", "stream", "seq", "hash")

    def get_hash(self, entry: AuditEntry) -> str:
        return bytes(entry.hash).hex()


class TrailSerializer(serializers.ModelSerializer[Trail]):
    actor = PersonSerializer(allow_null=True)
    entry = EntrySerializer(allow_null=True, required=False)
    target = serializers.UUIDField(source="target_public_id", allow_null=True)

    class Meta:
        model = Trail
        fields = (
            "id", "at", "act", "actor", "source", "target_type", "target", "target_name", "before", "after", "reason",
            "entry",
        )  # fmt: skip


class ExportInput(serializers.Serializer[Any]):
    """What an export may be asked for. (The first field's name is a word of Python, so it is added by hand.)"""

    after = serializers.IntegerField(min_value=0, max_value=2**63 - 1, default=0)
    most = serializers.IntegerField(min_value=1, max_value=reading.MOST, default=1_000)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {"as": serializers.ChoiceField(sorted(formats.FORMATS), default="jsonl"), **super().get_fields()}
