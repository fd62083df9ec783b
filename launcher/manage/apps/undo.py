"""Undoing and redoing transactions, and restoring earlier states."""

import shlex
from functools import partial

from launcher.core.deploy import undo_plan
from launcher.core.deploy.record import Transaction
from launcher.core.deploy.transaction_plan import Plan
from launcher.manage.apps import history, trash
from launcher.manage.change.carry_out import Applied, Approve, Deployed, MakePlan, carry_out
from launcher.manage.context import Context


def undo_transaction(context: Context, word: str, approve: Approve) -> Applied:
    """Undo one transaction, by a new one."""
    return _carry_out(context, partial(plan_undo, context, history.find_transaction(context, word)), approve)


def redo_transaction(context: Context, word: str, approve: Approve) -> Applied:
    """Redo one transaction."""
    return _carry_out(context, partial(plan_redo, history.find_transaction(context, word)), approve)


def roll_back_history(context: Context, word: str, approve: Approve) -> Applied:
    """Restore what was deployed just after one transaction; *word* 0 is before the first."""
    transaction = None if word == "0" else history.find_transaction(context, word)
    return _carry_out(context, partial(plan_rollback, context, transaction), approve)


def plan_undo(context: Context, transaction: Transaction, deployed: Deployed) -> Plan:
    """Return the plan that undoes a transaction."""
    changes = undo_plan.undo(transaction, deployed, context.record.transactions())
    return Plan.of_changes(changes, f"undo {_describe(transaction)}")


def plan_redo(transaction: Transaction, deployed: Deployed) -> Plan:
    """Return the plan that redoes a transaction."""
    return Plan.of_changes(undo_plan.redo(transaction, deployed), f"redo {_describe(transaction)}")


def plan_rollback(context: Context, transaction: Transaction | None, deployed: Deployed) -> Plan:
    """Return the plan that restores the state just after a transaction; None: before the first."""
    where = f"just after {_describe(transaction)}" if transaction else "before the first transaction"
    changes = undo_plan.roll_back_to(transaction.id if transaction else 0, deployed, context.record.transactions())
    return Plan.of_changes(changes, f"back to the state {where}")


def _carry_out(context: Context, make: MakePlan, approve: Approve) -> Applied:
    done = carry_out(context, make, approve)
    for each in done.plan.apps if done.transaction else ():
        if each.before is None and each.after:
            trash.restore_from_trash(context, each.app)
    return done


def _describe(transaction: Transaction) -> str:
    return f"transaction {transaction.id} ({shlex.join(transaction.command_line[1:])})"
