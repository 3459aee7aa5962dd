"""Fields for files: several at once, and a question's own with what was uploaded to it already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from tenants.models import CaseDocument, OnboardingCase
from tenants.questions.schema import Question


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files; cleans to a list."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> Any:
        chosen = data if isinstance(data, list) else [data]
        return [super(FilesField, self).clean(each, initial) for each in chosen]


class QuestionFiles(ManyFiles):
    """The documents of a question, and room for more. Without a case (a preview) nothing can be uploaded."""

    template_name = "tenants/forms/files.html"

    def __init__(self, question: Question, case: OnboardingCase | None, documents: Sequence[CaseDocument]) -> None:
        super().__init__()
        self.question, self.case, self.documents = question, case, list(documents)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        given = {**(attrs or {}), **({"multiple": True} if self.question.most_files > 1 else {})}
        context = super().get_context(name, None, given)
        more = {"question": self.question, "row": self.case, "documents": self.documents}
        return {**context, **more, "full": len(self.documents) >= self.question.most_files}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The names that answer the question now; what comes along with the form is attached beforehand."""
        return [each.name for each in self.documents if each.state != CaseDocument.State.INFECTED]
