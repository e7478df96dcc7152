package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import io.calco.engine.inside.FileEntry;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// `calco guest find`.
final class GuestFindCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);
  private final Value<String> name =
      words.option(
          "--name", "PATTERN", String.class, "The last name fits a pattern of * ? and [a-z].");
  private final Value<String> type =
      words.option(
          "--type",
          "LETTER",
          String.class,
          "f file, d directory, l link, b c device, p pipe, s socket.");
  private final Value<String> larger =
      words.option("--larger-than", "SIZE", String.class, "It holds more bytes, such as 10M.");
  private final Value<String> newer =
      words.option(
          "--newer-than",
          "DATE",
          String.class,
          "It was changed after 2026-11-21, or 2026-11-21T08:00:00Z.");
  private final Value<String> place =
      words.parameter("DISK[:PATH]", String.class, GuestCommand.PLACE);

  GuestFindCommand() {
    super("find", "Find files of a guest, below a directory; links are not followed.");
    words.examples(
        "calco guest find vm.qcow2 --name '*.conf' --newer-than 2026-11-01",
        "calco guest find vm.qcow2:/var --type f --larger-than 100M");
  }

  @Override
  int run() throws IOException {
    Predicate<FileEntry> wanted = wanted();
    GuestPath start = GuestPath.parse(place.get());
    List<Json.Fields> found = new ArrayList<>();
    try (GuestFiles files = GuestFiles.open(start, source.options())) {
      files.walk(
          start.path(),
          file -> {
            if (wanted.test(file)) {
              if (json()) {
                found.add(GuestCommand.json(file));
              } else {
                out().println(Text.safe(file.path()));
              }
            }
          });
    }
    if (json()) {
      Json.print(out(), found);
    }
    return ExitCode.DONE;
  }

  private Predicate<FileEntry> wanted() {
    Predicate<FileEntry> wanted = _ -> true;
    if (name.given()) {
      wanted = wanted.and(FileEntry.named(name.get()));
    }
    if (type.given()) {
      String letter = type.get();
      wanted = wanted.and(file -> letter.equals(String.valueOf(file.kind().letter())));
    }
    if (larger.given()) {
      long size = SizeChange.parseBytes(larger.get());
      wanted = wanted.and(file -> file.size() > size);
    }
    if (newer.given()) {
      Instant time = time(newer.get());
      wanted = wanted.and(file -> file.modified().isAfter(time));
    }
    return wanted;
  }

  private static Instant time(String text) {
    try {
      return text.contains("T")
          ? Instant.parse(text)
          : LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
    } catch (DateTimeParseException e) {
      throw new OperationException(
          OperationException.Kind.USAGE,
          "\"%s\" is no date".formatted(text),
          "write 2026-11-21 or 2026-11-21T08:00:00Z");
    }
  }
}
