package io.calco.guest.personalise;

import io.calco.fs.FileAttributes;
import io.calco.guest.Draft;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.PrintableText;
import io.calco.guest.WindowsPaths;
import io.calco.guest.inspect.WindowsFacts;
import io.calco.guest.inspect.WindowsInspection;
import io.calco.guest.windows.AnswerFile;
import io.calco.guest.windows.TimeZones;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Plans a Windows clone: it gets an answer file, and its own setup does the rest when it first
/// starts. Reads only.
final class WindowsPersonaliser {
  /// Where setup looks in this order; it takes the first alone.
  private static final String EARLIER = "/Windows/Panther/Unattend/unattend.xml";

  private static final String ANSWER_FILE = "/Windows/Panther/unattend.xml";

  private final GuestTree tree;
  private final Personalisation clone;
  private final WindowsFacts facts;

  private WindowsPersonaliser(GuestTree tree, Personalisation clone) {
    this.tree = tree;
    this.clone = clone;
    this.facts = WindowsInspection.of(tree, new ArrayList<>());
  }

  /// What personalising will do to the Windows.
  ///
  /// @throws GuestRequestException when it cannot be given what was asked for
  static PersonalisationPlan plan(GuestTree tree, Personalisation clone) throws IOException {
    refuseLinuxOnly(clone);
    // What decides is read strictly: a hive that cannot be read tells nothing.
    boolean generalised = WindowsInspection.sysprepState(tree).generalised();
    WindowsPersonaliser personaliser = new WindowsPersonaliser(tree, clone);
    return generalised ? personaliser.answered() : personaliser.asItIs();
  }

  private static void refuseLinuxOnly(Personalisation clone) throws GuestRequestException {
    List<String> asked =
        Stream.of(
                named("users", !clone.users().isEmpty()),
                named("authorized keys", !clone.authorizedKeys().isEmpty()),
                named("first-boot scripts", !clone.firstBoot().isEmpty()),
                named("files to copy in", !clone.copies().isEmpty()),
                named("a machine-id", !(clone.machineId() instanceof MachineIdSource.FirstBoot)),
                named("SSH host keys", !clone.extraHostKeys().isEmpty()),
                named("network settings", !clone.network().isEmpty()),
                named("a keyboard", clone.regional().keyboard().isPresent()))
            .flatMap(Optional::stream)
            .toList();
    if (!asked.isEmpty()) {
      throw new GuestRequestException(
          "this is a Windows: its clones cannot be given " + String.join(", ", asked));
    }
  }

  private static Optional<String> named(String what, boolean asked) {
    return asked ? Optional.of(what) : Optional.empty();
  }

  /// A clone of what was never generalised is its template once more: no setup runs that would read
  /// an answer file.
  private PersonalisationPlan asItIs() throws GuestRequestException {
    if (!clone.windows().equals(WindowsSetup.NONE)
        || !clone.regional().equals(Regional.UNCHANGED)) {
      throw new GuestRequestException(
          "this Windows was not generalised: it reads no answer file, so that its clones cannot be"
              + " given a password, a product key, a locale or a time zone");
    }
    String name = facts.computerName().orElse(clone.hostname().label());
    return plan(name, new Draft.Section(List.of(), List.of()));
  }

  private PersonalisationPlan answered() throws IOException {
    AnswerFile answer = answer();
    Draft draft = new Draft(tree, List.of(), clone.now());
    Optional<String> earlier = WindowsPaths.find(tree, EARLIER);
    if (earlier.isPresent()) {
      draft.remove(earlier.get());
    }
    draft.put(place(), answer.xml(), FileAttributes.root(0600, Instant.EPOCH));
    return plan(answer.computerName(), draft.takeSection());
  }

  private static PersonalisationPlan plan(String computerName, Draft.Section section) {
    CloneIdentity identity = CloneIdentity.of(computerName, Optional.empty(), List.of());
    return new PersonalisationPlan(identity, section.changes(), section.notes());
  }

  /// The answer file's path, in the case in which the guest has its directories.
  private String place() throws IOException {
    String path = ANSWER_FILE;
    String missing = "";
    while (true) {
      Optional<String> found = WindowsPaths.find(tree, path);
      if (found.isPresent()) {
        return found.get().equals("/") ? missing : found.get() + missing;
      }
      int slash = path.lastIndexOf('/');
      missing = path.substring(slash) + missing;
      path = path.substring(0, slash);
    }
  }

  private AnswerFile answer() throws GuestRequestException {
    try {
      return new AnswerFile(
          architecture(),
          clone.hostname().label(),
          clone.windows().productKey(),
          locale(),
          timeZone(),
          clone.windows().administratorPassword(),
          Optional.empty(),
          List.of());
    } catch (IllegalArgumentException e) {
      throw new GuestRequestException("this is a Windows: " + e.getMessage());
    }
  }

  private String architecture() throws GuestRequestException {
    return switch (facts.architecture().orElse("unknown")) {
      case "x86_64" -> "amd64";
      case "i686" -> "x86";
      case "aarch64" -> "arm64";
      default ->
          throw new GuestRequestException(
              "this Windows is for a processor that Calco cannot write an answer file for: "
                  + facts.architecture().map(PrintableText::of).orElse("not known"));
    };
  }

  /// `es_ES.UTF-8` is `es-ES` there.
  private Optional<String> locale() throws GuestRequestException {
    Optional<String> asked = clone.regional().locale();
    if (asked.isEmpty()) {
      return asked;
    }
    String name = asked.get().replaceFirst("[.@].*", "").replace('_', '-');
    if (name.indexOf('-') < 0) {
      throw new GuestRequestException(
          "Windows has no locale '%s': a language and a country are needed, such as es_ES"
              .formatted(asked.get()));
    }
    return Optional.of(name);
  }

  private Optional<String> timeZone() throws GuestRequestException {
    Optional<String> asked = clone.regional().timezone();
    if (asked.isEmpty()) {
      return asked;
    }
    Optional<String> name = TimeZones.windowsName(asked.get());
    if (name.isEmpty()) {
      throw new GuestRequestException(
          "Windows has no time zone that is '%s'".formatted(asked.get()));
    }
    return name;
  }
}
