package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.plan.Board;
import io.calco.engine.plan.Lack;
import io.calco.engine.plan.Plans;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `calco plan status`.
final class PlanStatusCommand extends PlanCommand.OnPlans {
  private final Flag remembered =
      words.flag("--remembered", "Do not look into the repositories: by what was last seen.");
  private final Value<String> name =
      words.optionalParameter("NAME", String.class, "Only this plan.");

  PlanStatusCommand() {
    super(
        "status",
        "Whether each disk is safe by the rule of 3-2-1, and what is missing.",
        "Three copies, of which the disk itself is one; on two kinds of media, the disk's among them;"
            + " one of them off-site. A repository that cannot be opened now counts by what was last"
            + " seen there.");
    words.exitCodes("0:nothing is missing", "1:something is");
    words.examples("calco plan status", "calco plan status --output json");
  }

  @Override
  int run(Plans plans) throws IOException {
    List<Board.Row> rows = new ArrayList<>();
    for (String plan : name.given() ? List.of(name.get()) : plans.names()) {
      if (!remembered.given()) {
        try (Progress progress = progress()) {
          plans.look(plan, progress).forEach(failure -> say("calco: " + Text.safe(failure)));
        }
      }
      rows.addAll(plans.board(plan));
    }
    if (json()) {
      Json.print(out(), rows.stream().map(PlanStatusCommand::json).toList());
    } else if (rows.isEmpty()) {
      say("There are no plans. Make one: calco plan add --help");
    } else {
      print(rows);
    }
    return rows.stream().allMatch(Board.Row::complete) ? ExitCode.DONE : ExitCode.NO;
  }

  private void print(List<Board.Row> rows) {
    Table table =
        new Table(
            "PLAN",
            "MACHINE",
            "SOURCE",
            "COPIES",
            "MEDIA",
            "OFF-SITE",
            "BACKED UP",
            "VERIFIED",
            "TRIED",
            "3-2-1");
    for (Board.Row row : rows) {
      table.add(
          row.plan(),
          row.machine().isEmpty() ? "-" : row.machine(),
          row.source(),
          row.copies(),
          String.join("+", row.media()),
          row.offSite(),
          day(row.backedUp()),
          day(row.verified()),
          day(row.tested()),
          row.complete() ? "yes" : "NO");
    }
    table.print(out());
    for (Board.Row row : rows) {
      row.missing()
          .forEach(what ->
              out()
                  .printf(
                      "%s: %s: missing: %s%n",
                      row.plan(), Text.safe(row.source()), Text.safe(what.text())));
    }
  }

  private static String day(Optional<Instant> moment) {
    return moment.map(at -> BackupText.time(at).substring(0, 16)).orElse("never");
  }

  private static Json.Fields json(Board.Row row) {
    return Json.object()
        .put("plan", row.plan())
        .put("machine", row.machine())
        .put("source", row.source())
        .put("complete", row.complete())
        .put("copies", row.copies())
        .put("media", row.media())
        .put("off-site", row.offSite())
        .put("backed-up", row.backedUp())
        .put("verified", row.verified())
        .put("tested", row.tested())
        .put("tested-how", row.testedHow())
        .put("places", row.places().stream().map(PlanStatusCommand::json).toList())
        .put("missing", row.missing().stream().map(Lack::text).toList());
  }

  private static Json.Fields json(Board.PlaceRow place) {
    return Json.object()
        .put("repository", place.repository().address())
        .put("medium", place.repository().medium())
        .put("counts", place.counts())
        .put("problem", place.problem().map(Lack::what).orElse(""))
        .put("points", place.seen().map(seen -> seen.points()))
        .put("newest", place.seen().flatMap(seen -> seen.newestAt()))
        .put("verified", place.seen().flatMap(seen -> seen.verifiedAt()))
        .put("tested", place.seen().flatMap(seen -> seen.testedAt()))
        .put("seen", place.seen().map(seen -> seen.seenAt()));
  }
}
