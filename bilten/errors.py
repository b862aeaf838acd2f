"""The one error tree.

Every error says what happened (its message), why (``why``), what to do next (``remedy``) and whether the
same call may succeed if it is simply made again (``retryable``). The class gives the general answer; a
raise site may give a more precise ``why`` or ``remedy``. Errors that are not marked retryable are final:
unknown means stop.

``docs/errors.md`` is generated from this module.
"""

from __future__ import annotations

from typing import ClassVar


class BiltenError(Exception):
    """Anything the platform refuses or fails to do, told so that an operator knows the next step.

    Args:
        what: what happened, one sentence, with the names of the things concerned.
        why: the cause, when the raise site knows it better than the class.
        remedy: the next action, when the raise site knows it better than the class.
        details: facts for logs and ``--json`` output; never secrets or personal data.
    """

    code: ClassVar[str] = "bilten"
    cause: ClassVar[str] = "The platform could not do what was asked."
    action: ClassVar[str] = "Run `bilten doctor` and read the log of the process concerned."
    retryable: ClassVar[bool] = False

    def __init__(
        self, what: str, *, why: str | None = None, remedy: str | None = None, **details: object
    ) -> None:
        super().__init__(what)
        self.what = what
        self.why = why or self.cause
        self.remedy = remedy or self.action
        self.details = details

    def __str__(self) -> str:
        return f"{self.what} {self.why} {self.remedy}"

    def as_dict(self) -> dict[str, object]:
        """The error as data, for ``--json`` output and structured logs."""
        return {
            "code": self.code,
            "what": self.what,
            "why": self.why,
            "remedy": self.remedy,
            "retryable": self.retryable,
            **self.details,
        }


# --- settings and contracts -------------------------------------------------------------------------


class SettingsError(BiltenError):
    """A setting is missing, unknown or out of range."""

    code = "settings"
    cause = "A value in the environment or in `.env` cannot be used."
    action = "Correct the setting named above; `.env.example` lists them all."


class ContractError(BiltenError):
    """A contract cannot be used."""

    code = "contract"
    cause = "A contract breaks the standard or one of the platform's rules."
    action = "Run `bilten contracts lint` and correct the lines it names."


class ContractNotFound(ContractError):
    """No contract has the name asked for."""

    code = "contract-not-found"
    cause = "There is no contract with this name."
    action = "Run `bilten contracts list` to see the names."


class UnmappedType(ContractError):
    """A source type has no mapping to the warehouse."""

    code = "unmapped-type"
    cause = "The platform does not know how to keep values of this type without loss."
    action = "Declare the column as text in the contract, or add the type to `bilten/types.py`."


# --- warehouse --------------------------------------------------------------------------------------


class WarehouseError(BiltenError):
    """The warehouse refused or failed a statement."""

    code = "warehouse"
    cause = "The warehouse answered with an error."
    action = "Read the message above; the statement is in the log."


class WarehouseUnavailable(WarehouseError):
    """The warehouse did not answer, or asked to come back later."""

    code = "warehouse-unavailable"
    cause = "The warehouse is down, starting, or overloaded."
    action = "It is restarted by itself; `bilten status` shows when it answers again."
    retryable = True


class NoCut(WarehouseError):
    """No position is known at which all tables of a source are complete."""

    code = "no-cut"
    cause = "Its connector or the loader has just begun, or a comparison after a start has not ended."
    action = "Try again in a minute; `bilten status` shows until when each source is complete."
    retryable = True


class BuildNotFound(WarehouseError):
    """No build of the marts has the identifier asked for."""

    code = "build-not-found"
    cause = "It was never started, or the identifier is misspelt."
    action = "Run `bilten marts builds` to see the builds."


class IncompatibleMigration(WarehouseError):
    """A table of the warehouse cannot be brought to its contract without rewriting its data."""

    code = "incompatible-migration"
    cause = "The contract changed in a way that the rows already kept do not follow."
    action = "Undo the change of the contract, or make a new dataset and load it anew."


class DeprecationRefused(WarehouseError):
    """The version of a contract before this one cannot stay readable."""

    code = "deprecation-refused"
    cause = "A deprecated version needs its last day, and each of its required columns in today's version."
    action = "Say `deprecatedUntil` and `renamedColumns` in its `customProperties`, or keep the column."


class TopologyInvalid(WarehouseError):
    """The description of a cluster cannot be used."""

    code = "topology-invalid"
    cause = "A cluster is described in one file, from which the configuration of every node is written."
    action = "Correct the file; `deploy/cluster/topology.yaml` is an example."


class CopyRefused(WarehouseError):
    """A warehouse is not copied."""

    code = "copy-refused"
    cause = "The other warehouse holds something that a copy would take away."
    action = "Copy to an empty warehouse, or give `--replace` if what is there may go."


class DataNewer(WarehouseError):
    """The warehouse's data were written by a newer version than this one."""

    code = "data-newer"
    cause = "An older engine may misread what a newer one has written."
    action = "Check out the newer version again, or run `bilten warehouse back` to undo its upgrade."


class SnapshotRefused(WarehouseError):
    """There is nothing to go back to, or the warehouse is at work."""

    code = "snapshot-refused"
    cause = "A data folder is exchanged only while nobody uses it."
    action = (
        "Run `bilten down`, then the same command again; `bilten warehouse snapshots` lists what is kept."
    )


class LayoutInvalid(WarehouseError):
    """The file of skip indexes and projections cannot be used."""

    code = "layout-invalid"
    cause = "`warehouse/layout.yaml` is edited by hand or by two people at once."
    action = "Correct the file, or take it from the last commit and run `bilten warehouse advise` again."


class PublicationRefused(WarehouseError):
    """A build of the marts may not be published."""

    code = "publication-refused"
    cause = "Verdicts of this very build are missing, failed, or could not be reached."
    action = "Run `bilten marts verdicts` to see the rules that failed, correct the data, and build again."


class UserExists(WarehouseError):
    """A user of the warehouse is to be added who is there already."""

    code = "user-exists"
    cause = "Names of users are unique."
    action = "Choose another name, or change the password with `bilten users password`."


class UserNotFound(WarehouseError):
    """No user of the warehouse has the name asked for."""

    code = "user-not-found"
    cause = "The user was never added, or was removed."
    action = "Run `bilten users list` to see the users."


class UserRefused(WarehouseError):
    """Name, password or roles of a user of the warehouse cannot be used."""

    code = "user-refused"
    cause = "It breaks a rule for users."
    action = "Correct what is named above."


class SignInFailed(WarehouseError):
    """Somebody is not who they say, or did not say who they are."""

    code = "sign-in-failed"
    cause = "There is no user of that name in the warehouse, the password is another one, or none was given."
    action = "Sign in as in the warehouse; `bilten users` lists, adds and changes users."


class ReadingRefused(WarehouseError):
    """Somebody may not see what they ask for."""

    code = "reading-refused"
    cause = "No contract names one of the user's roles for it."
    action = "Ask the owner of the dataset to name the role in its contract."


# --- operational ------------------------------------------------------------------------------------


class OperationalError(BiltenError):
    """The operational database refused or failed."""

    code = "operational"
    cause = "The operational database answered with an error."
    action = "Run `bilten doctor`; the database's log is in the data folder."


class OperationalUnavailable(OperationalError):
    """The operational database does not answer."""

    code = "operational-unavailable"
    cause = "The operational database is down, starting, or its address is wrong."
    action = (
        "It is restarted by itself; `bilten status` shows when it answers, BILTEN_DATABASE_URL names another."
    )
    retryable = True


class OperationalConflict(OperationalError):
    """Two transactions stood in each other's way, and this one gave way."""

    code = "operational-conflict"
    cause = "The database chose one of two transactions that waited for each other, or could not be ordered."
    action = "Run the transaction again; nothing of it was written."
    retryable = True


class BusinessRuleViolated(OperationalError):
    """The operational database refused a change that breaks a rule of the business."""

    code = "business-rule"
    cause = "The change breaks a rule that the database itself enforces."
    action = "Change the request; nothing was written."


class Oversold(BusinessRuleViolated):
    """More tickets of a type were asked for than are left."""

    code = "oversold"
    cause = "A ticket type never has more tickets reserved and sold than its capacity."
    action = "Offer fewer tickets or another type; nothing was written."


class OverlappingSalesWindow(BusinessRuleViolated):
    """Two prices of one kind would hold for a ticket type at the same time."""

    code = "overlapping-sales-window"
    cause = "Pricing tiers of one ticket type and kind never overlap, or the price would be ambiguous."
    action = "End the earlier tier first, or begin the new one later; nothing was written."


class RefundExceedsPayment(BusinessRuleViolated):
    """More money would be given back than was paid."""

    code = "refund-exceeds-payment"
    cause = "All refunds of a payment that did not fail, together, stay within its amount."
    action = "Refund at most what is left of the payment; nothing was written."


class RefundNotPossible(BusinessRuleViolated):
    """The payment cannot be given back."""

    code = "refund-not-possible"
    cause = "Only a completed payment can be refunded, and only in its own currency."
    action = "Wait until the payment is completed, or cancel the order instead; nothing was written."


class IllegalStatusTransition(BusinessRuleViolated):
    """A status may not follow the one before it."""

    code = "illegal-status-transition"
    cause = "The database knows which status may follow which; this step is not among them."
    action = "Read the row again: somebody else may have changed it first. Nothing was written."


class EventNotOnSale(BusinessRuleViolated):
    """An order was placed for an event that is not on sale."""

    code = "event-not-on-sale"
    cause = "Orders are accepted only while an event is published or live."
    action = "Publish the event first, or choose another one; nothing was written."


class DiscountCodeRefused(BusinessRuleViolated):
    """A discount code cannot be used, or not any more."""

    code = "discount-code-refused"
    cause = "The code is not active, not valid at that time, or used as often as allowed."
    action = "Place the order without it; nothing was written."


class TicketNotAdmitted(BusinessRuleViolated):
    """A ticket may not pass the door."""

    code = "ticket-not-admitted"
    cause = "Only a sold ticket admits, and only once."
    action = "Look at the ticket's status and its check-in; nothing was written."


class TicketNotTransferable(BusinessRuleViolated):
    """A ticket may not pass to somebody else."""

    code = "ticket-not-transferable"
    cause = "Only a sold ticket of a transferable type can be passed on."
    action = "Refund it and sell it anew instead; nothing was written."


class AlreadyExists(BusinessRuleViolated):
    """A value that must be unique is taken."""

    code = "already-exists"
    cause = "Another row has the same value where only one may."
    action = "Use another value, or change the row that is there; nothing was written."


class ReferenceBroken(BusinessRuleViolated):
    """A row names another one that does not exist, or is still named by others."""

    code = "reference-broken"
    cause = "Every reference leads to a row that exists."
    action = "Make the row referred to first, or remove those that refer to it; nothing was written."


class UnknownBreakingRule(OperationalError):
    """Nobody knows how to break the rule asked for."""

    code = "unknown-breaking-rule"
    cause = "Only rules that the contracts check and the database does not can be broken on purpose."
    action = "Run `bilten simulate --help` to see the rules."


# --- ingestion --------------------------------------------------------------------------------------


class IngestionError(BiltenError):
    """Changes could not be brought from the source into the warehouse."""

    code = "ingestion"
    cause = "A step between the operational database and the warehouse failed."
    action = "Run `bilten doctor`; no record is lost, the loader resumes from its ledger."


class NotCaughtUp(IngestionError):
    """The warehouse does not yet have everything that the source had at some moment."""

    code = "not-caught-up"
    cause = "The connector or the loader is behind or down."
    action = "Run `bilten status` to see the lag of each table; waiting again may be enough."
    retryable = True


class TopicHistoryBroken(IngestionError):
    """A topic no longer holds what the ledger says was read from it."""

    code = "topic-history-broken"
    cause = "The topic was recreated, truncated, or its retention passed the position to resume from."
    action = (
        "The table is stopped, all others go on. Run `bilten source resync` with its name: "
        "see docs/how-to/resync.md."
    )


class SourceConnectorRefused(IngestionError):
    """Kafka Connect refused the connector's configuration."""

    code = "connector-refused"
    cause = "The configuration names something that the source or the worker does not have."
    action = "Correct the setting or the contract named above, then run `make up` again."


class SourceConnectorFailed(IngestionError):
    """The source connector stopped with an error."""

    code = "connector-failed"
    cause = "A task of the connector failed; its trace is above and in the log of Kafka Connect."
    action = "Remove the cause, then run `bilten up`: it restarts failed tasks, and nothing is lost."


class ConnectUnavailable(IngestionError):
    """Kafka Connect did not answer."""

    code = "connect-unavailable"
    cause = "Kafka Connect is down, starting, or rebalancing."
    action = "It is restarted by itself; `bilten status` shows when it answers again."
    retryable = True


class KafkaUnavailable(IngestionError):
    """The Kafka cluster did not answer."""

    code = "kafka-unavailable"
    cause = "The broker is down, starting, or the address is wrong."
    action = "It is restarted by itself; `bilten status` shows when it answers again."
    retryable = True


class SourceRefused(IngestionError):
    """A source, or one of its tables, cannot be captured as asked."""

    code = "source-refused"
    cause = "Something that change capture needs is missing."
    action = "Do what is named above, then run the same command again."


class SourceNotFound(IngestionError):
    """No source has the name asked for."""

    code = "source-not-found"
    cause = "It was never added, or was removed."
    action = "Run `bilten source list` to see the sources."


class SourceUnavailable(IngestionError):
    """A source's database did not answer."""

    code = "source-unavailable"
    cause = "The database is down, starting, or its address is wrong."
    action = "See that it answers at the address that `bilten source list` shows; nothing is lost meanwhile."
    retryable = True


class TransactionsInTheWay(IngestionError):
    """Rows cannot be read again while older transactions of the source are still open."""

    code = "transactions-in-the-way"
    cause = "A transaction that began earlier may still change rows at a log position that has passed."
    action = "Wait for the transactions named above or end them, then run the same command again."
    retryable = True


class TableHeld(IngestionError):
    """A table is paused or in quarantine."""

    code = "table-held"
    cause = "Somebody paused it, or its source changed in a way that its contract does not allow."
    action = "Run `bilten source list` to see why; `bilten source resume` lets it go on where it stopped."


class FilesUnavailable(IngestionError):
    """The place where files arrive did not answer."""

    code = "files-unavailable"
    cause = "The folder or the bucket cannot be reached, or not be read."
    action = "See that it is there and may be read; `BILTEN_FILES_URL` names it. Nothing is lost meanwhile."
    retryable = True


class FileRefused(IngestionError):
    """A file cannot be read at all."""

    code = "file-refused"
    cause = "It is not what its name says, or breaks off."
    action = "Ask its sender for another; it is taken as soon as the content is another."


class DeadLetterNotFound(IngestionError):
    """No dead letter has the identifier asked for."""

    code = "dead-letter-not-found"
    cause = "There is no dead letter with this identifier."
    action = "Run `bilten dead-letters list` to see those there are."


# --- archive ----------------------------------------------------------------------------------------


class ArchiveError(BiltenError):
    """The archive could not be written or read."""

    code = "archive"
    cause = "The Iceberg table or its catalog refused the operation."
    action = (
        "Run the archive asset again: positions are committed with the data, so nothing is written twice."
    )


class ArchiveConflict(ArchiveError):
    """Another appender committed to the same table first."""

    code = "archive-conflict"
    cause = "Another process archived the same rows in the meantime; nothing was written twice."
    action = "Run the archive again: it goes on from the position that the other process left."
    retryable = True


class ArchiveHistoryBroken(ArchiveError):
    """The warehouse's position lies before the archive's."""

    code = "archive-history-broken"
    cause = "The topic was recreated or the warehouse was restored to an earlier point than its archive."
    action = "The table's archive is stopped, all others go on. Resync the table: see docs/how-to/resync.md."


class ArchiveQueryRefused(ArchiveError):
    """A query of the archive cannot be run."""

    code = "archive-query"
    cause = "The archive answers a single SELECT over the tables that `bilten archive list` names."
    action = "Correct the statement and run it again."


# --- quality ----------------------------------------------------------------------------------------


class QualityError(BiltenError):
    """A check could not be evaluated; this is never a verdict on the data."""

    code = "quality"
    cause = "The check could not be evaluated, so nothing can be said of the data."
    action = "Correct what the message names and run the checks again; nothing was published."


class RuleRefused(QualityError):
    """The SQL of a quality rule is not a single read-only query."""

    code = "rule-refused"
    cause = "A rule may only read: one SELECT, over datasets that have a contract."
    action = "Correct the rule's query in the contract; nothing was run."


# --- lineage ----------------------------------------------------------------------------------------


class LineageError(BiltenError):
    """A lineage event could not be built, kept or read."""

    code = "lineage"
    cause = "The event breaks the OpenLineage specification or the store cannot be reached."
    action = "Undelivered events wait in the outbox and are sent later; run `bilten doctor`."


class EventRefused(LineageError):
    """A lineage event is not one that its receiver can ever take."""

    code = "event-refused"
    cause = "The event breaks the OpenLineage specification."
    action = "Correct the producer; `bilten lineage outbox` shows the events that were put aside."


class DeliveryFailed(LineageError):
    """A receiver of lineage events could not be reached, or could not take them now."""

    code = "delivery-failed"
    cause = "The receiver is down, starting, or overloaded."
    action = "Nothing is lost: the events wait in the outbox, and the lineage service tries again by itself."
    retryable = True


class DatasetUnknown(LineageError):
    """No event has named the dataset asked for."""

    code = "dataset-unknown"
    cause = "No run has reported it yet, or the name is not complete."
    action = "Run `bilten lineage datasets` to see the names."


class EvidenceInvalid(LineageError):
    """An evidence bundle is not what was signed."""

    code = "evidence-invalid"
    cause = "A byte of it was changed after it was signed, or another key signed it."
    action = "Do not rely on it; ask whoever gave it to you for the file as it was exported."


class TraceImpossible(LineageError):
    """A figure cannot be followed to the changes behind it."""

    code = "trace-impossible"
    cause = "The build behind the figure is gone, the row does not exist, or a statement cannot be followed."
    action = "Trace a row of what is published now; `bilten marts builds` shows the builds that are kept."


# --- orchestration ----------------------------------------------------------------------------------


class OrchestrationError(BiltenError):
    """Dagster's definitions could not be made, or a step could not be run."""

    code = "orchestration"
    cause = "The dbt project or Dagster refused."
    action = "Correct what the message names, then load the definitions again."


class DagsterUnavailable(OrchestrationError):
    """Dagster's web server does not answer."""

    code = "dagster-unavailable"
    cause = "The web server is down or still loading the definitions."
    action = "It is restarted by itself; `bilten status` shows when it answers again."
    retryable = True


class AlertNotDelivered(OrchestrationError):
    """A channel did not take an alert."""

    code = "alert-not-delivered"
    cause = "The channel is down, or its address is wrong."
    action = "It is sent again every minute; correct BILTEN_ALERT_CHANNELS when the address is wrong."
    retryable = True


# --- stack ------------------------------------------------------------------------------------------


class StackError(BiltenError):
    """The local services could not be installed, started or stopped."""

    code = "stack"
    cause = "A local service is missing or did not become ready."
    action = "Run `bilten doctor`; logs are in the `logs` folder of the data folder."


class PortInUse(StackError):
    """A port that a service needs is taken by another program."""

    code = "port-in-use"
    cause = "Another program listens there."
    action = "Stop that program, or choose another port in `.env`."


class NotEnoughResources(StackError):
    """The machine has too little memory or disk."""

    code = "not-enough-resources"
    cause = "The machine has less free memory or disk than the stack needs."
    action = "Free some, or lower the settings named above in `.env`."


class DownloadFailed(StackError):
    """A dependency could not be fetched, or its checksum does not match the pin."""

    code = "download-failed"
    cause = "The package source could not be reached or sent something else than what is pinned."
    action = "Check the network and the package settings of this machine, then run `make up` again."
    retryable = True


class ServiceNotReady(StackError):
    """A service did not become ready in time."""

    code = "service-not-ready"
    cause = "The process started but does not answer."
    action = (
        "Read its log in the data folder; it is restarted by itself, so `bilten status` may already be green."
    )
    retryable = True
