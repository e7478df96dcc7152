package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.IdentityLint;
import io.calco.engine.IdentityLint.Finding;
import io.calco.engine.IdentityLint.State;
import io.calco.engine.NamePattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `calco clone lint`.
final class CloneLintCommand extends HomeCommand {
  private final GuestSource source = new GuestSource(words);
  private final Flag strict =
      words.flag("--strict", "What is only noted counts too: UUIDs, and what is people's own.");
  private final Values<String> names =
      words.parameters(
          2, "NAME", String.class, "Clones' names, aula-{01..30} means thirty; or disks' files.");

  CloneLintCommand() {
    super(
        "lint",
        "Prove from the disks, before or after they ran, which identities their machines share.");
    words.exitCodes("0:No two machines share what must differ.", "1:Some do.");
    words.examples(
        "calco clone lint web1 web2",
        "calco clone lint aula-{01..30}",
        "calco clone lint a.qcow2 b.raw");
  }

  @Override
  int run(Calco calco) throws IOException {
    Map<String, Path> disks = new LinkedHashMap<>();
    for (String name : NamePattern.expand(names.all())) {
      boolean file = name.contains("/") || name.contains(".") && Files.exists(Path.of(name));
      disks.put(name, file ? Path.of(name) : calco.clones().show(name).facts().disk());
    }
    List<Finding> findings;
    try (Progress progress = progress()) {
      findings = IdentityLint.lint(disks, source.options(), progress);
    }
    boolean bad =
        findings.stream()
            .anyMatch(f -> f.state() == State.SHARED || strict.given() && f.state() == State.NOTED);
    if (json()) {
      Json.print(out(), findings.stream().map(CloneLintCommand::json).toList());
    } else {
      print(findings, disks.size(), bad);
    }
    return bad ? ExitCode.NO : ExitCode.DONE;
  }

  private void print(List<Finding> findings, int disks, boolean bad) {
    Table table = new Table("WHAT", "STATE", "WHERE", "DISKS");
    for (Finding finding : findings) {
      table.add(
          finding.what(),
          finding.state() == State.NOTED ? "shared (noted)" : GuestCommand.word(finding.state()),
          finding.where(),
          finding.disks().size() == disks ? "all" : String.join(", ", finding.disks()));
    }
    table.print(out());
    say(bad ? "Some machines share what must differ." : "No two machines share what must differ.");
  }

  private static Json.Fields json(Finding finding) {
    return Json.object()
        .put("what", finding.what())
        .put("state", GuestCommand.word(finding.state()))
        .put("where", finding.where())
        .put("disks", finding.disks());
  }
}
