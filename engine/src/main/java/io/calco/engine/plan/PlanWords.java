package io.calco.engine.plan;

import io.calco.backup.Coverage;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRequest.Look;
import io.calco.engine.backup.BackupRequest.Tracking;
import io.calco.engine.backup.BackupRequest.Use;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.engine.backup.MachineBackups;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Place;
import io.calco.engine.plan.PlanRepository.Plainness;
import io.calco.engine.repository.RepositoryAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Sources, repositories and rules as people write them: a place, and what is said of it after
/// commas.
///
/// ```
/// /dev/sda,machine=web1,partition=1+2,allow-live
/// machine:aula-*,connect=qemu:///session,quiesce=require
/// sftp://ana@nas/srv/backups,medium=nas,off-site,passphrase-file=/etc/calco/nas,keep-monthly=12
/// ```
///
/// Files become absolute: a plan is not run where it was made.
public final class PlanWords {
  private static final Set<String> OF_SOURCES =
      Set.of(
          "machine",
          "partition",
          "medium",
          "format",
          "raw",
          "swap",
          "skip-page-files",
          "allow-live",
          "no-inspect",
          "bitmap",
          "allow",
          "connect",
          "quiesce",
          "scratch");
  private static final Set<String> OF_MACHINES = Set.of("connect", "quiesce", "scratch");
  private static final Set<String> OF_REPOSITORIES =
      Set.of(
          "medium",
          "off-site",
          "passphrase-file",
          "allow-unencrypted",
          "keep-last",
          "keep-hourly",
          "keep-daily",
          "keep-weekly",
          "keep-monthly",
          "keep-yearly",
          "keep-tag");
  private static final Set<String> OF_MAIL = Set.of("always", "language");
  private static final Set<String> FLAGS =
      Set.of(
          "raw",
          "swap",
          "skip-page-files",
          "allow-live",
          "no-inspect",
          "bitmap",
          "off-site",
          "allow-unencrypted",
          "always");
  private static final String KEEP = "keep-";

  private final String place;
  private final Map<String, String> words;

  private PlanWords(String text, Set<String> known) {
    List<String> parts = new ArrayList<>(List.of(text.split(",", -1)));
    Map<String, String> found = new LinkedHashMap<>();
    // From the end: a place may have commas of its own.
    while (parts.size() > 1) {
      String part = parts.getLast();
      String name = part.replaceFirst("=.*", "");
      if (!known.contains(name) || FLAGS.contains(name) == part.contains("=")) {
        break;
      }
      if (found.put(name, part.substring(Math.min(part.length(), name.length() + 1))) != null) {
        throw usage("%s is said twice in %s".formatted(name, text), "");
      }
      parts.removeLast();
    }
    this.place = String.join(",", parts);
    this.words = found;
    String last = parts.getLast();
    if (place.isEmpty() || parts.size() > 1 && last.matches("[a-z-]+(=.*)?")) {
      throw usage(
          "\"%s\" is nothing that could be said of %s".formatted(last, parts.getFirst()),
          "known are " + String.join(", ", new TreeSet<>(known)));
    }
  }

  private static OperationException usage(String what, String hint) {
    return new OperationException(Kind.USAGE, what, hint);
  }

  private Optional<String> word(String name) {
    return Optional.ofNullable(words.get(name));
  }

  /// An address as a plan has it: a directory becomes absolute.
  ///
  /// @throws OperationException USAGE when it is none
  static String address(String text) {
    return RepositoryAddress.parse(text) instanceof RepositoryAddress.Directory
        ? absolute(text)
        : text;
  }

  private static String absolute(String file) {
    return Path.of(file).toAbsolutePath().normalize().toString();
  }

  /// A source: `DISK[,machine=NAME][,partition=N[+N…]][,raw|swap|skip-page-files]`
  /// `[,allow-live][,bitmap][,allow=DIR[+DIR…]][,no-inspect][,medium=WORD][,format=FORMAT]`, or
  /// `machine:PATTERN` with `[,connect=URI][,quiesce=require|auto|no][,scratch=DIR]` and what of
  /// those words can be said of machines.
  ///
  /// @throws OperationException USAGE when it cannot be understood
  public static PlanSource source(String text) {
    PlanWords words = new PlanWords(text, OF_SOURCES);
    Optional<String> machine = words.word("machine");
    List<Integer> partitions = new ArrayList<>();
    for (String number :
        words.word("partition").map(list -> list.split("\\+", -1)).orElse(new String[0])) {
      partitions.add(number(number, "a partition's number"));
    }
    Optional<String> pattern = MachineBackups.machine(words.place);
    if (pattern.isEmpty() && words.words.keySet().stream().anyMatch(OF_MACHINES::contains)) {
      throw usage(
          words.place + ": connect, quiesce and scratch are for machines",
          "a machine of libvirt's is machine:NAME");
    }
    return new PlanSource(
        pattern.isPresent() ? words.place : absolute(words.place),
        words.word("format"),
        machine,
        words.word("medium").orElse(PlanRepository.DISK),
        partitions,
        words.coverage(),
        words.words.containsKey("allow-live") ? Use.ALLOWED : Use.REFUSED,
        words.words.containsKey("no-inspect") ? Look.NOTHING : Look.INSPECT,
        words.words.containsKey("bitmap") ? Tracking.BITMAP : Tracking.NONE,
        words.directories("allow"),
        pattern.map(_ ->
            new PlanMachines(
                words.word("connect"),
                words.quiesce(),
                words.word("scratch").map(PlanWords::absolute))));
  }

  private List<String> directories(String name) {
    return word(name).stream()
        .flatMap(list -> Arrays.stream(list.split("\\+", -1)))
        .map(PlanWords::absolute)
        .toList();
  }

  private Quiesce quiesce() {
    String word = word("quiesce").orElse("auto");
    return Quiesce.named(word)
        .orElseThrow(() ->
            usage(
                "\"%s\" is no way to hold file systems still".formatted(word),
                "such as require, auto, no"));
  }

  private Coverage coverage() {
    List<Coverage> said = new ArrayList<>();
    if (words.containsKey("raw")) {
      said.add(Coverage.EVERY_SECTOR);
    }
    if (words.containsKey("swap")) {
      said.add(Coverage.USED_AND_SWAP);
    }
    if (words.containsKey("skip-page-files")) {
      said.add(Coverage.WITHOUT_PAGE_FILES);
    }
    if (said.size() > 1) {
      throw usage(
          place + ": raw, swap and skip-page-files say how much is kept", "say one of them");
    }
    return said.isEmpty() ? Coverage.USED : said.getFirst();
  }

  private static int number(String digits, String what) {
    if (!digits.matches("[0-9]{1,6}")) {
      throw usage("\"%s\" is not %s".formatted(digits, what), "");
    }
    return Integer.parseInt(digits);
  }

  /// A repository: `ADDRESS[,medium=WORD][,off-site][,passphrase-file=FILE][,allow-unencrypted]`
  /// `[,keep-last=N][,keep-hourly=N] …`.
  ///
  /// @param otherwise the rule where none is said
  /// @throws OperationException USAGE when it cannot be understood
  public static PlanRepository repository(String text, Filling filling, Keep otherwise) {
    PlanWords words = new PlanWords(text, OF_REPOSITORIES);
    boolean ruled = words.words.keySet().stream().anyMatch(name -> name.startsWith(KEEP));
    return new PlanRepository(
        address(words.place),
        filling,
        words.word("medium").orElse(PlanRepository.DISK),
        words.words.containsKey("off-site") ? Place.OFF_SITE : Place.ON_SITE,
        words.word("passphrase-file").map(PlanWords::absolute),
        words.words.containsKey("allow-unencrypted") ? Plainness.WAIVED : Plainness.REFUSED,
        ruled ? words.rule(KEEP) : otherwise);
  }

  /// A rule: `last=3,daily=7,weekly=4,monthly=12,yearly=5,tag=gold`; `all` keeps all.
  ///
  /// @throws OperationException USAGE when it cannot be understood
  public static Keep keep(String text) {
    if (text.equals("all")) {
      return Keep.all();
    }
    Set<String> known = new TreeSet<>();
    OF_REPOSITORIES.stream()
        .filter(name -> name.startsWith(KEEP))
        .forEach(name -> known.add(name.substring(KEEP.length())));
    PlanWords words = new PlanWords("keep," + text, known);
    if (!words.place.equals("keep")) {
      throw usage("\"%s\" is no rule".formatted(text), "such as last=3,daily=7,monthly=12, or all");
    }
    return words.rule("");
  }

  private Keep rule(String prefix) {
    try {
      return new Keep(
          count(prefix + "last"),
          count(prefix + "hourly"),
          count(prefix + "daily"),
          count(prefix + "weekly"),
          count(prefix + "monthly"),
          count(prefix + "yearly"),
          word(prefix + "tag").map(tags -> List.of(tags.split("\\+", -1))).orElse(List.of()));
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()), "");
    }
  }

  private int count(String name) {
    return word(name).map(digits -> number(digits, "a count")).orElse(0);
  }

  /// Whom mail goes to: `ADDRESS[+ADDRESS…][,always][,language=en|es]`.
  ///
  /// @param otherwise the language where none is said
  /// @throws OperationException USAGE when it cannot be understood
  public static PlanNotices.Mail mail(String text, PlanNotices.Language otherwise) {
    PlanWords words = new PlanWords(text, OF_MAIL);
    Optional<String> language = words.word("language");
    if (language.filter(tag -> !tag.matches("en|es")).isPresent()) {
      throw usage("mail is written in en or es", "");
    }
    return new PlanNotices.Mail(
        List.of(words.place.split("\\+", -1)),
        words.words.containsKey("always") ? PlanNotices.When.ALWAYS : PlanNotices.When.FAILURES,
        language.map(PlanNotices.Language::of).orElse(otherwise));
  }
}
