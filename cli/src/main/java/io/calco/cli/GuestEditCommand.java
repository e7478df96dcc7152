package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.engine.inside.GuestEdit;
import io.calco.engine.inside.GuestPath;
import io.calco.engine.inside.Substitution;
import io.calco.guest.Content;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.UnaryOperator;

/// `calco guest edit`.
final class GuestEditCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final Flag dryRun = words.flag("-n, --dry-run", "Say what would change; write nothing.");
  private final Value<String> expression =
      words.option(
          "-e, --expression",
          "s/A/B/",
          String.class,
          "Replace in every line what fits A by B, instead of starting an editor; g at the end for"
              + " every place, i for either case.");
  private final Value<String> place =
      words.parameter("DISK:PATH", String.class, GuestCommand.PLACE);

  GuestEditCommand() {
    super(
        "edit",
        "Change a text file of a guest; owner, permissions and labels stay.",
        "Starts $VISUAL or $EDITOR on a private copy, or vi.");
    words.examples(
        "calco guest edit vm.qcow2:/etc/hosts",
        "calco guest edit -e 's/^#?PermitRootLogin.*/PermitRootLogin no/' vm.qcow2:/etc/ssh/sshd_config");
  }

  @Override
  int run() throws IOException {
    UnaryOperator<String> editor =
        expression.given() ? Substitution.parse(expression.get()) : GuestEditCommand::edited;
    try (Progress progress = progress()) {
      GuestCommand.print(
          this,
          GuestEdit.edit(
              GuestPath.parse(place.get()),
              source.options(),
              editor,
              dryRun.given() ? GuestEdit.Mode.DRY_RUN : GuestEdit.Mode.MAKE,
              progress));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return ExitCode.DONE;
  }

  /// What a person makes of a text.
  private static String edited(String text) {
    try {
      return Content.of(Editor.edit(Content.of(text).bytes(), "text")).text();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
