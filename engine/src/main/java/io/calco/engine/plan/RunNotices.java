package io.calco.engine.plan;

import io.calco.catalog.PlanRecords;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.Backups;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/// Tells whom a plan names what came of a run: steps of that run, which fail as others do.
/// Confined.
final class RunNotices {
  private final Plan plan;
  private final PlanSettings settings;
  private final PlanRecords records;
  private final RunRecord record;

  RunNotices(Plan plan, PlanSettings settings, PlanRecords records, RunRecord record) {
    this.plan = plan;
    this.settings = settings;
    this.records = records;
    this.record = record;
  }

  /// Tells of failures, of the first run that is well again, and of all where that is asked for.
  ///
  /// @param before the run before this one
  void tell(Optional<RunEntry> before, Instant begun) throws IOException {
    RunState state = record.state();
    Optional<String> failure = record.failure();
    boolean better =
        state == RunState.DONE && before.filter(run -> run.state() != RunState.DONE).isPresent();
    boolean news = state == RunState.FAILED || better;
    if (plan.notices().webhook().isPresent() && news) {
      tell(plan.notices().webhook().get(), state, failure);
    }
    if (plan.notices().mail().isPresent()) {
      PlanNotices.Mail mail = plan.notices().mail().get();
      if (news || mail.when() == PlanNotices.When.ALWAYS) {
        tell(mail, state, failure, begun);
      }
    }
  }

  private void tell(PlanNotices.Webhook webhook, RunState state, Optional<String> failure)
      throws IOException {
    String json =
        RunText.json(
            Backups.hostName(),
            plan.name(),
            record.number(),
            state,
            failure.orElse(""),
            records.steps(record.number()));
    Webhook address = Webhook.of(webhook);
    record.step(
        StepKind.NOTIFY,
        address.host(),
        () -> {
          address.tell(json);
          return new RunRecord.Done(0, "told");
        });
  }

  private void tell(PlanNotices.Mail mail, RunState state, Optional<String> failure, Instant begun)
      throws IOException {
    Instant now = settings.clock().instant();
    RunLetter letter =
        RunLetter.of(
            new RunLetter.Told(
                Backups.hostName(),
                plan,
                record.number(),
                state,
                failure,
                begun,
                now,
                records.steps(record.number()),
                records.lines(record.number())),
            mail.language());
    record.step(
        StepKind.NOTIFY,
        String.join(", ", mail.to()),
        () -> {
          MailServer server =
              settings
                  .mail()
                  .orElseThrow(() ->
                      new OperationException(
                          Kind.USAGE,
                          "there is no mail server",
                          "set CALCO_MAIL_SERVER, or mail-server of calco serve"));
          new RunMail(server).send(mail.to(), letter, now);
          return new RunRecord.Done(0, "told");
        });
  }
}
