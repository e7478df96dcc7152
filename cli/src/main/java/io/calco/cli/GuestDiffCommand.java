package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.inside.Comparison;
import io.calco.engine.inside.Difference;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// `calco guest diff`.
final class GuestDiffCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final Value<String> first =
      words.parameter("DISK[:PATH]", String.class, GuestCommand.PLACE);
  private final Value<String> second =
      words.parameter("OTHER[:PATH]", String.class, "What to compare it with.");

  GuestDiffCommand() {
    super(
        "diff",
        "Compare the files of two disks: what was added, removed or changed; times do not count.");
    words.exitCodes("0:There is no difference.", "1:There is one.");
    words.examples(
        "calco guest diff before.qcow2 after.qcow2",
        "calco guest diff web1.qcow2:/etc web2.qcow2:/etc");
  }

  @Override
  int run() throws IOException {
    GuestPath one = GuestPath.parse(first.get());
    GuestPath two = GuestPath.parse(second.get());
    List<Json.Fields> all = new ArrayList<>();
    long[] count = new long[1];
    try (GuestFiles left = GuestFiles.open(one, source.options());
        GuestFiles right = GuestFiles.open(two, source.options());
        Progress progress = progress()) {
      Comparison.compare(
          left,
          one.path(),
          right,
          two.path(),
          difference -> {
            count[0]++;
            if (json()) {
              all.add(json(difference));
            } else {
              print(out(), difference);
            }
          },
          progress);
    }
    if (json()) {
      Json.print(out(), all);
    } else if (count[0] == 0) {
      say("No difference.");
    }
    return count[0] == 0 ? ExitCode.DONE : ExitCode.NO;
  }

  static void print(PrintStream out, Difference difference) {
    String mark =
        switch (difference.what()) {
          case REMOVED -> "-";
          case ADDED -> "+";
          case CHANGED -> "~";
        };
    String aspects =
        difference.aspects().isEmpty() ? "" : "  " + String.join(", ", difference.aspects());
    out.println(mark + " " + Text.safe(difference.path()) + aspects);
  }

  static Json.Fields json(Difference difference) {
    return Json.object()
        .put("path", difference.path())
        .put("what", GuestCommand.word(difference.what()))
        .put("aspects", difference.aspects())
        .put("before", difference.before().map(GuestCommand::json))
        .put("after", difference.after().map(GuestCommand::json));
  }
}
