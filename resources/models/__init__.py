from resources.models.cluster import Cluster
from resources.models.grant import Environment, Grant, Quota
from resources.models.pool import CapacityPool, GPUKind, Share
from resources.models.provider import Provider, ProviderMembership, ProviderUserPermission
from resources.models.request import Decision, DecisionLine, QuotaRequest, RequestAnswer, RequestLine

__all__ = [
    "CapacityPool",
    "Cluster",
    "Decision",
    "DecisionLine",
    "Environment",
    "GPUKind",
    "Grant",
    "Provider",
    "ProviderMembership",
    "ProviderUserPermission",
    "Quota",
    "QuotaRequest",
    "RequestAnswer",
    "RequestLine",
    "Share",
]
