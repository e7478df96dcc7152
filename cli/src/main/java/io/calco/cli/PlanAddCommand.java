package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.plan.Plans;
import java.io.IOException;

/// `calco plan add`.
final class PlanAddCommand extends PlanCommand.OnPlans {
  private final PlanFlags flags = new PlanFlags(words);
  private final Value<String> name =
      words.parameter("NAME", String.class, "What to call the plan.");

  PlanAddCommand() {
    super(
        "add",
        "Add a plan: what is backed up, where to, when, and how it is looked after.",
        "It is run by calco serve, by calco plan run --due from a timer, or by hand. A repository"
            + " that is off-site must be encrypted, unless allow-unencrypted says that it need not.");
    words.examples(
        "calco plan add nightly --source /dev/sda --repo /mnt/backups --daily 02:30",
        "calco plan add aula --source 'machine:aula-*' --repo /mnt/backups,keep-daily=7 --daily 14:00",
        "calco plan add nightly --source /dev/sda,machine=web1"
            + " --repo /mnt/backups,keep-daily=7,keep-weekly=4"
            + " --copy-to sftp://ana@nas/srv/calco,medium=nas,off-site,"
            + "passphrase-file=/etc/calco/nas,keep-monthly=12"
            + " --schedule \"weekdays at 20:00\" --verify-every 30 --test-every 90");
  }

  @Override
  int run(Plans plans) throws IOException {
    plans.add(flags.make(name.get()));
    return PlanChangeCommand.tell(this, plans, name.get(), "added");
  }
}
