package io.calco.cli;

import io.calco.catalog.Clone;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.Lineage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.List;

/// `calco tree`.
final class TreeCommand extends HomeCommand {

  TreeCommand() {
    super("tree", "The lineage: which disk rests on which, with what each really takes.");
  }

  @Override
  int run(Calco calco) throws IOException {
    Lineage lineage = calco.lineage();
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("templates", lineage.templates().stream().map(TreeCommand::json).toList())
              .put("orphans", lineage.orphans().stream().map(CloneCommand::json).toList()));
    } else {
      print(out(), lineage);
    }
    return ExitCode.DONE;
  }

  private static Json.Fields json(Lineage.Node node) {
    return Json.object()
        .put("name", node.template())
        .put("version", node.version())
        .put("disk", node.disk())
        .put("actual-size", node.allocatedSize())
        .put("clones", node.clones().stream().map(CloneCommand::json).toList());
  }

  private void print(PrintStream out, Lineage lineage) {
    if (lineage.templates().isEmpty() && lineage.orphans().isEmpty()) {
      say("Nothing yet. Make a template: calco template create DISK --name NAME");
      return;
    }
    for (Lineage.Node node : lineage.templates()) {
      out.printf(
          "%s v%d  %s  %s%n",
          node.template(),
          node.version(),
          Files.exists(node.disk()) ? Text.size(node.allocatedSize()) : "MISSING",
          node.disk());
      branches(out, node.clones());
    }
    if (!lineage.orphans().isEmpty()) {
      out.println("independent");
      branches(out, lineage.orphans());
    }
  }

  private static void branches(PrintStream out, List<CloneReport> clones) {
    int width = clones.stream().mapToInt(clone -> clone.facts().name().length()).max().orElse(0);
    for (int i = 0; i < clones.size(); i++) {
      Clone clone = clones.get(i).facts();
      out.printf(
          "%s %-" + width + "s  %s  %8s  %s%n",
          i == clones.size() - 1 ? "└──" : "├──",
          clone.name(),
          clone.linked() ? "linked" : "full  ",
          Files.exists(clone.disk()) ? Text.size(clones.get(i).allocatedSize()) : "MISSING",
          clone.disk());
    }
  }
}
