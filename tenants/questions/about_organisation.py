"""The standard set's first two steps: who applies, who speaks and signs for it, and who answers at night."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tenants.questions.asking import COMPANIES, NIS2, PUBLIC, SECTORS, advise, ask, offer

SME_RULE = "2003/361/EC"

ORGANISATION = (
    ask("organisation", "text", _("Full legal name"), _("As it stands in the register.")),
    ask("kind", "choice", _("What it is"), _("Later questions depend on it."), options=(
        ("public_agency", _("Public agency")), ("regional_authority", _("Regional authority")),
        ("industry", _("Industry")), ("startup", _("Start-up or SME")), ("academia", _("University or research")),
        ("education", _("School or training")), ("health", _("Hospital or health service")),
        ("justice", _("Court, prosecution or police")),
        ("nonprofit", _("Association, foundation or other non-profit")),
    )),
    ask("country", "country", _("Country of its seat")),
    ask("legal_form", "text", _("Legal form"), _("For example: GmbH, SA, public law body, foundation.")),
    ask("legal_id", "legal_id", _("Register number, VAT or LEI"), _("For example LU12345613. Check digits are tested here.")),
    offer("euid", "euid", _("European unique identifier (EUID)"), _("It stands on extracts of the business register, for example DEK1101R.HRB116737."), when={"kind": COMPANIES}),
    offer("lei", "lei", _("Legal entity identifier (LEI)"), _("Twenty characters, if the organisation has one."), when={"kind": COMPANIES}),
    offer("pic", "pic", _("Participant code (PIC)"), _("Nine digits, if the organisation takes part in European programmes."), when={"kind": ("academia", "startup", "industry")}),
    offer("register_extract", "file", _("Extract of the register, or the act that set it up"), _("It saves the officer a question. Not older than three months is best."), most="3"),
    ask("parent_body", "text", _("Body it reports to"), _("The ministry, region or council that oversees it."), when={"kind": PUBLIC}),
    ask("founding_act", "text", _("Law or decree that set it up"), _("Its title and date, as it is cited."), when={"kind": ("public_agency",)}),
    ask("territory", "text", _("Territory it is responsible for"), when={"kind": ("regional_authority",)}),
    ask("court_rules", "choice", _("Which rules of data protection hold for its work"), when={"kind": ("justice",)}, options=(
        ("led", _("Directive (EU) 2016/680, for police and prosecution")), ("gdpr", _("The General Data Protection Regulation")),
        ("both", _("Both, by case")),
    )),
    ask("employees", "number", _("Number of employees"), _("Full-time equivalents at the end of the last year."), when={"kind": COMPANIES}, advice=(
        advise(_("With 250 people or more it is no small or medium-sized enterprise."), SME_RULE, least="250"),
    )),
    ask("sme", "yes_no", _("Is it a small or medium-sized enterprise?"), _("Fewer than 250 people and at most 50 million euro turnover (Recommendation 2003/361/EC), groups counted together."), when={"kind": COMPANIES}),
    ask("controlled_abroad", "yes_no", _("Is it controlled from outside the European Economic Area?"), _("By an owner, a group or a government."), when={"kind": COMPANIES}),
    ask("owner_countries", "countries", _("Countries from which it is controlled"), when={"controlled_abroad": ("yes",)}),
    offer("owners", "long", _("Who owns a quarter or more of it"), _("One name on each line, of people and of organisations. The sanctions list is asked about each of them."), when={"kind": COMPANIES}, limit=2000),
    ask("founded", "date", _("Founded on"), when={"kind": ("startup",)}, latest="today"),
    ask("funding", "long", _("Who finances it"), _("Its owners, investors and public grants."), when={"kind": ("startup",)}, limit=2000),
    ask("recognised_by", "text", _("Who recognises it as a university or research organisation"), _("The state, or the body that accredits it."), when={"kind": ("academia",)}),
    ask("school_body", "text", _("Body that runs the school"), when={"kind": ("education",)}),
    ask("minors", "yes_no", _("Are there data about people under 18?"), when={"kind": ("education",)}),
    ask("health_licence", "text", _("Licence to provide health care"), _("Who gave it, and its number."), when={"kind": ("health",)}),
    ask("aims", "long", _("What it is for by its statutes"), _("And whether it is recognised as serving the public."), when={"kind": ("nonprofit",)}, limit=2000),
    ask("sector", "choice", _("Sector"), options=SECTORS),
    ask("nis2", "choice", _("Status under the NIS 2 directive"), when={"sector": NIS2}, options=(
        ("essential", _("Essential entity")), ("important", _("Important entity")), ("outside", _("Outside its scope")),
        ("unknown", _("Not established yet")),
    )),
    ask("nis2_registered", "yes_no", _("Is it registered with the national authority for NIS 2?"), when={"nis2": ("essential", "important")}, advice=(
        advise(_("Essential and important entities are to register with their country's authority."), "(EU) 2022/2555, 3(4)", values=("no",)),
    )),
    offer("website", "url", _("Web site")),
)  # fmt: skip
PEOPLE = (
    ask("contact_name", "text", _("Who we talk to")),
    ask("contact_email", "email", _("Contact address"), _("Where the authority reaches you.")),
    offer("contact_phone", "phone", _("Telephone")),
    ask("signatory_name", "text", _("Who signs for the organisation")),
    ask("signatory_role", "text", _("In which office"), _("For example: rector, managing director, head of the agency.")),
    ask("mandate", "choice", _("By what mandate"), options=(
        ("register", _("Named in the register")), ("statute", _("By law, statute or appointment")),
        ("power_of_attorney", _("Power of attorney")),
    )),
    ask("mandate_until", "date", _("The power of attorney is good until"), when={"mandate": ("power_of_attorney",)}, earliest="today"),
    ask("mandate_file", "file", _("The power of attorney"), _("Signed, as a PDF or a picture."), when={"mandate": ("power_of_attorney",)}, most="3"),
    offer("appointment_file", "file", _("The appointment"), when={"mandate": ("statute",)}, most="3"),
    ask("security_email", "email", _("Security contact"), _("Read at all hours: we write there when something is attacked.")),
    ask("security_phone", "phone", _("Security telephone"), _("Answered day and night.")),
)  # fmt: skip
