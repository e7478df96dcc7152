package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SizeChange;
import io.calco.engine.TimeSpan;
import io.calco.engine.classroom.ClassReport;
import io.calco.engine.classroom.Classes;
import java.io.IOException;
import java.util.OptionalLong;

/// `calco class set`.
final class ClassSetCommand extends ClassCommand.OnClass {
  private static final String NONE = "none";

  private final Value<String> quota =
      words.option(
          "--quota",
          "SIZE",
          String.class,
          "What each clone's disk may take of the host before it is not started any more: 10G, or"
              + " none.");
  private final Value<String> pace =
      words.option("--pace", "TIME", String.class, "Time between one start and the next one: 5s.");

  ClassSetCommand() {
    super("set", "Change a class's quota and pace.");
    words.examples("calco class set 2-ASIR --quota 10G", "calco class set 2-ASIR --pace 5s");
  }

  @Override
  int run(Classes classes) throws IOException {
    if (!quota.given() && !pace.given()) {
      throw new OperationException(Kind.USAGE, "nothing to set: give --quota or --pace");
    }
    ClassReport now = classes.show(name());
    answer(
        classes.set(
            name(),
            quota.optional().map(ClassSetCommand::quota).orElse(now.facts().quota()),
            pace.optional().map(TimeSpan::parse).orElse(now.facts().pace())));
    return ExitCode.DONE;
  }

  /// A size that is not 0; or none.
  static OptionalLong quota(String given) {
    if (given.equals(NONE)) {
      return OptionalLong.empty();
    }
    long bytes = SizeChange.parseBytes(given);
    if (bytes == 0) {
      throw new OperationException(Kind.USAGE, "a quota is more than 0 bytes, or none");
    }
    return OptionalLong.of(bytes);
  }
}
