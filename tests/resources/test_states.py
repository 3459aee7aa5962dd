import pytest

from resources import models, states

TABLES = [
    (models.QuotaRequest, states.REQUEST),
    (models.Grant, states.GRANT),
    (models.Quota, states.QUOTA),
    (models.Cluster, states.CLUSTER),
    (models.IdleFinding, states.IDLE),
    (models.GrantCondition, states.CONDITION),
]


@pytest.mark.parametrize(("model", "moves"), TABLES)
def test_every_state_of_the_table_has_a_name_for_people(model, moves):
    assert {str(state) for state in model.State.values} == set(moves.states)


@pytest.mark.parametrize(
    ("moves", "final"),
    [
        (states.REQUEST, {"approved", "partially_approved", "withdrawn", "lapsed"}),
        (states.GRANT, {"expired", "revoked", "superseded", "exhausted"}),
        (states.IDLE, {"released", "reclaimed", "dismissed"}),
        (states.CONDITION, {"met", "lifted", "dropped", "ended"}),
        (states.QUOTA, set()),
        (states.CLUSTER, {"retired"}),
    ],
)
def test_final_states_are_these_and_no_others(moves, final):
    assert {state for state in moves.states if moves.final(state)} == final


@pytest.mark.parametrize("state", states.REQUEST.states)
def test_nothing_is_approved_without_review(state):
    lawful = {"in_review", "awaiting_second"}
    assert states.REQUEST.lawful(state, "approved") == (state in lawful)


@pytest.mark.parametrize("state", states.QUOTA.states)
def test_only_what_was_applied_or_looked_at_is_in_force(state):
    assert states.QUOTA.lawful(state, "in_force") == (state in {"applying", "drifted"})
