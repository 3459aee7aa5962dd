from resources.models.appeal import RequestAppeal
from resources.models.cluster import Cluster
from resources.models.condition import GrantCondition, GrantConditionStep
from resources.models.credential import ClusterCredential
from resources.models.decision import Decision, DecisionLine
from resources.models.grant import Environment, Grant, Quota
from resources.models.grant_notice import GrantNotice
from resources.models.idle import IdleFinding, IdleStep
from resources.models.letter import RequestLetter
from resources.models.maintenance import MaintenanceWindow
from resources.models.mode import AccessMode
from resources.models.pool import CapacityPool, GPUKind, Share
from resources.models.provider import Provider, ProviderMembership, ProviderUserPermission
from resources.models.request import QuotaRequest, RequestAnswer, RequestLine, RequestSubmission
from resources.models.request_document import RequestDocument
from resources.models.rule import AutoRule, RuleLook
from resources.models.sample import PoolHour, PoolMinute, SampleHour, SampleMinute, Series

__all__ = [
    "AccessMode",
    "AutoRule",
    "CapacityPool",
    "Cluster",
    "ClusterCredential",
    "Decision",
    "DecisionLine",
    "Environment",
    "GPUKind",
    "Grant",
    "GrantCondition",
    "GrantConditionStep",
    "GrantNotice",
    "IdleFinding",
    "IdleStep",
    "MaintenanceWindow",
    "PoolHour",
    "PoolMinute",
    "Provider",
    "ProviderMembership",
    "ProviderUserPermission",
    "Quota",
    "QuotaRequest",
    "RequestAnswer",
    "RequestAppeal",
    "RequestDocument",
    "RequestLetter",
    "RequestLine",
    "RequestSubmission",
    "RuleLook",
    "SampleHour",
    "SampleMinute",
    "Series",
    "Share",
]
