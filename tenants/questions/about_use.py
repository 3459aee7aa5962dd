"""The standard set's third and fourth step: which data, whose, where; and what the GPUs are for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tenants.questions.asking import ANNEX_III, HIGH_RISK, PERSONAL, advise, ask, offer
from tenants.questions.europe import EUROPE

GDPR_APPLIES = "2018-05-25"
"""Since when the regulation applies (article 99): no agreement under its article 28 is older."""
NEW_CLAUSES = "2021-06-27"
"""Since when the standard contractual clauses of decision (EU) 2021/914 can be used; older ones are void."""

DATA = (
    ask("data_class", "choice", _("Most sensitive data you will bring"), _("It decides on which clusters you may work."), options=(
        ("public", _("Public")), ("internal", _("Internal")), ("confidential", _("Confidential")), ("restricted", _("Restricted")),
    )),
    ask("confidential_computing", "choice", _("Does the work need confidential computing?"), when={"data_class": ("confidential", "restricted")}, options=(
        ("none", _("No")), ("cpu_tee", _("Yes, of the processors")), ("gpu_cc", _("Yes, of processors and GPUs")),
    )),
    ask("personal_data", "choice", _("Personal data"), options=(
        ("none", _("None")), ("personal", _("Personal data")),
        ("special", _("Special categories, such as health or biometrics")),
    ), advice=(
        advise(_("On a large scale these need an impact assessment before the work begins."), "(EU) 2016/679, 35(3)(b)", values=("special",)),
    )),
    ask("gdpr_role", "choice", _("Your role for these data"), when={"personal_data": PERSONAL}, options=(
        ("controller", _("Controller")), ("processor", _("Processor")), ("joint", _("Joint controller")),
    )),
    ask("on_behalf", "text", _("On whose behalf"), _("The controller that has instructed you."), when={"gdpr_role": ("processor",)}),
    ask("joint_with", "text", _("Jointly with whom"), _("And where the arrangement under article 26 can be read."), when={"gdpr_role": ("joint",)}),
    ask("dpo_name", "text", _("Data protection officer"), when={"personal_data": PERSONAL}),
    ask("dpo_email", "email", _("Address of the data protection officer"), when={"personal_data": PERSONAL}),
    ask("dpa_signed", "yes_no", _("Is the processing agreement signed?"), _("The agreement under article 28 between you and the operator of the clusters."), when={"personal_data": PERSONAL}),
    ask("dpa_version", "text", _("Version of the agreement"), _("As it stands on its first page."), when={"dpa_signed": ("yes",)}, limit=60),
    ask("dpa_date", "date", _("Signed on"), when={"dpa_signed": ("yes",)}, earliest=GDPR_APPLIES, latest="today"),
    offer("dpa_file", "file", _("The agreement"), when={"dpa_signed": ("yes",)}, most="3"),
    ask("dpia", "choice", _("Data protection impact assessment"), when={"personal_data": ("special",)}, options=(
        ("done", _("Done")), ("under_way", _("Under way")), ("not_needed", _("Not needed, and we can say why")),
    )),
    ask("dpia_date", "date", _("Day of the assessment"), when={"dpia": ("done",)}, earliest=GDPR_APPLIES, latest="today"),
    offer("dpia_file", "file", _("The assessment"), when={"dpia": ("done",)}, most="3"),
    ask("dpia_reason", "long", _("Why it is not needed"), when={"dpia": ("not_needed",)}, limit=2000),
    ask("transfers", "yes_no", _("Will personal data leave the European Economic Area?"), when={"personal_data": PERSONAL}),
    ask("transfer_countries", "countries", _("To which countries"), when={"transfers": ("yes",)}),
    ask("transfer_tool", "choice", _("On what ground"), when={"transfers": ("yes",)}, options=(
        ("adequacy", _("A decision that the country protects data adequately")), ("clauses", _("Standard contractual clauses")),
        ("rules", _("Binding corporate rules")), ("derogation", _("An exception of article 49")),
    )),
    ask("clauses_date", "date", _("Clauses signed on"), when={"transfer_tool": ("clauses",)}, earliest=NEW_CLAUSES, latest="today"),
    offer("residency", "countries", _("Countries your data may be in"), _("None ticked means: anywhere in this portal."), options=tuple((code, "") for code in EUROPE)),
    ask("support_location", "choice", _("From where may support staff reach your data?"), options=(
        ("eea", _("From the European Economic Area only")), ("adequate", _("Also from countries with an adequacy decision")),
        ("anywhere", _("From anywhere")),
    )),
)  # fmt: skip
USE = (
    ask("purpose", "long", _("What you will do here"), _("Plain words: what for, with which data, who profits. Officers read this first."), limit=4000),
    ask("ai_role", "choice", _("Your role under the AI Act"), options=(
        ("none", _("We build and use no AI system")), ("provider", _("Provider: we develop it")),
        ("deployer", _("Deployer: we use it")), ("both", _("Both")),
    )),
    ask("high_risk", "choice", _("High-risk area (annex III)"), when={"ai_role": ("provider", "deployer", "both")}, options=ANNEX_III),
    ask("oversight", "long", _("How people oversee the system"), _("Who can stop it, and how they notice that they should."), when={"high_risk": HIGH_RISK}, limit=2000),
    ask("gpai", "yes_no", _("Will you train a general-purpose model?"), when={"ai_role": ("provider", "both")}),
    ask("training_flop", "number", _("Expected training compute, in floating-point operations"), _("Such as 3e23. The Act presumes systemic risk above 1e25."), when={"gpai": ("yes",)}, advice=(
        advise(_("A model trained with more than this is presumed to have systemic risk."), "(EU) 2024/1689, 51(2)", least="1e25"),
    )),
    ask("commission_told", "yes_no", _("Was the Commission told of the model?"), _("Within two weeks after it is clear that the threshold will be met."), when={"training_flop": (">=1e25",)}, advice=(
        advise(_("The Commission is to be told without delay, at the latest within two weeks."), "(EU) 2024/1689, 52(1)", values=("no",)),
    )),
    ask("no_prohibited", "yes_no", _("We do nothing that article 5 of the AI Act prohibits"), _("Such as social scoring, manipulation, or untargeted scraping of faces."), must="yes"),
    ask("end_use", "choice", _("What the results are for in the end"), options=(
        ("research", _("Research and teaching")), ("public", _("A service of the state")), ("product", _("A product or service on the market")),
        ("defence", _("Defence or security")),
    )),
    ask("end_user_region", "choice", _("Who uses the results"), options=(
        ("home", _("People and bodies in our own country")), ("union", _("Also in the European Economic Area")),
        ("beyond", _("Also in other countries")),
    )),
    ask("end_users", "countries", _("Countries of the end users"), when={"end_user_region": ("beyond",)}),
    ask("dual_use", "yes_no", _("Is there a military use, or an item on the dual-use list?"), _("Regulation (EU) 2021/821.")),
    ask("dual_use_items", "long", _("Which use or item"), _("With its number in annex I, where it has one."), when={"dual_use": ("yes",)}, limit=2000),
    ask("export_licence", "choice", _("Licence to export"), when={"dual_use": ("yes",)}, options=(
        ("held", _("We hold one")), ("applied", _("Applied for")), ("not_needed", _("Not needed: nothing leaves the Union")),
    )),
    offer("licence_file", "file", _("The licence"), when={"export_licence": ("held",)}, most="3"),
    ask("no_sanctions", "yes_no", _("Neither the organisation nor its owners are under sanctions of the Union"), _("The authority checks it against the consolidated list."), must="yes"),
    ask("ethics", "yes_no", _("Has an ethics committee approved the research?"), when={"kind": ("academia",), "personal_data": PERSONAL}),
    offer("ethics_file", "file", _("The committee's vote"), when={"ethics": ("yes",)}, most="3"),
)  # fmt: skip
