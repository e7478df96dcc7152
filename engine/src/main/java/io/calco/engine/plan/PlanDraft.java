package io.calco.engine.plan;

import io.calco.backup.Coverage;
import io.calco.engine.backup.BackupRequest.Look;
import io.calco.engine.backup.BackupRequest.Tracking;
import io.calco.engine.backup.BackupRequest.Use;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.engine.plan.PlanNotices.Language;
import io.calco.engine.plan.PlanNotices.When;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Place;
import io.calco.engine.plan.PlanRepository.Plainness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// A plan as a form has it: what was typed, which may be no plan.
///
/// @param name its own
/// @param sources what is backed up
/// @param repositories where to
/// @param schedule when
/// @param zone whose days and hours are meant; empty for the system's
/// @param readDays everything is read every so many days; empty for never
/// @param testDays a restore is tried every so many days; empty for never
/// @param trial how
/// @param rate at most so much a second, such as `5M`; empty for all
/// @param webhook told by POST; empty for nobody
/// @param mail addresses with spaces or commas between; empty for nobody
/// @param when of which runs mail tells
/// @param language of mail
public record PlanDraft(
    String name,
    List<Source> sources,
    List<Repository> repositories,
    String schedule,
    String zone,
    String readDays,
    String testDays,
    RestoreTrial trial,
    String rate,
    String webhook,
    String mail,
    When when,
    Language language) {
  /// The periods of a rule, in the order in which they are shown.
  public static final List<String> PERIODS =
      List.of("last", "hourly", "daily", "weekly", "monthly", "yearly");

  /// Copies the lists.
  public PlanDraft {
    sources = List.copyOf(sources);
    repositories = List.copyOf(repositories);
  }

  /// A disk, or machines.
  ///
  /// @param path of it, or `machine:PATTERN`
  /// @param format of an image file; empty to look
  /// @param machine whose it is; empty for what is found in it
  /// @param medium what it lies on
  /// @param partitions such as `1+2`; empty for all
  /// @param coverage how much is kept
  /// @param use whether it may be in use
  /// @param look whether to look for what is installed
  /// @param tracking whether the image follows what is written to it
  /// @param quiesce whether running machines' file systems are held still
  public record Source(
      String path,
      String format,
      String machine,
      String medium,
      String partitions,
      Coverage coverage,
      Use use,
      Look look,
      Tracking tracking,
      Quiesce quiesce) {

    /// An empty line.
    public static Source empty() {
      return of(PlanSource.of(""));
    }

    static Source of(PlanSource source) {
      return new Source(
          source.path(),
          source.format().orElse(""),
          source.machine().orElse(""),
          source.medium(),
          source.partitions().stream().map(String::valueOf).collect(Collectors.joining("+")),
          source.coverage(),
          source.use(),
          source.look(),
          source.tracking(),
          source.machines().map(PlanMachines::quiesce).orElse(Quiesce.AUTO));
    }
  }

  /// A repository.
  ///
  /// @param address where it is
  /// @param filling how points come into it
  /// @param medium what it lies on
  /// @param place where that is
  /// @param plainness whether it may be off-site without encryption
  /// @param keep a count for each of [PlanDraft#PERIODS]; empty for none
  /// @param tags points that have one of these stay; commas between
  public record Repository(
      String address,
      Filling filling,
      String medium,
      Place place,
      Plainness plainness,
      Map<String, String> keep,
      String tags) {
    /// Copies the map.
    public Repository {
      keep = Map.copyOf(keep);
    }

    /// An empty line.
    public static Repository empty(Filling filling) {
      return new Repository(
          "",
          filling,
          PlanRepository.DISK,
          Place.ON_SITE,
          Plainness.REFUSED,
          Map.of("daily", "7", "weekly", "4", "monthly", "12"),
          "");
    }

    static Repository of(PlanRepository repository) {
      Keep keep = repository.keep();
      Map<String, Integer> counts =
          Map.of(
              "last", keep.last(),
              "hourly", keep.hourly(),
              "daily", keep.daily(),
              "weekly", keep.weekly(),
              "monthly", keep.monthly(),
              "yearly", keep.yearly());
      return new Repository(
          repository.address(),
          repository.filling(),
          repository.medium(),
          repository.place(),
          repository.plainness(),
          counts.entrySet().stream()
              .filter(count -> count.getValue() > 0)
              .collect(
                  Collectors.toMap(Map.Entry::getKey, count -> String.valueOf(count.getValue()))),
          String.join(", ", keep.tags()));
    }

    /// What is kept of a period; empty for none.
    public String kept(String period) {
      return keep.getOrDefault(period, "");
    }
  }

  /// A form that nobody has filled in.
  ///
  /// @param language of who fills it in
  public static PlanDraft empty(Language language) {
    return new PlanDraft(
        "",
        List.of(Source.empty()),
        List.of(Repository.empty(Filling.BACKUP)),
        "daily at 02:30",
        "",
        "30",
        "90",
        RestoreTrial.READ,
        "",
        "",
        "",
        When.FAILURES,
        language);
  }

  /// A plan, to be changed.
  ///
  /// @param language of who changes it, for a plan that sends no mail
  public static PlanDraft of(Plan plan, Language language) {
    return new PlanDraft(
        plan.name(),
        plan.sources().stream().map(Source::of).toList(),
        plan.repositories().stream().map(Repository::of).toList(),
        plan.schedule(),
        plan.zone().orElse(""),
        plan.readDays().map(String::valueOf).orElse(""),
        plan.testDays().map(String::valueOf).orElse(""),
        plan.trial(),
        plan.rate().map(PlanDraft::size).orElse(""),
        plan.notices().webhook().map(PlanNotices.Webhook::address).orElse(""),
        plan.notices().mail().map(mail -> String.join(", ", mail.to())).orElse(""),
        plan.notices().mail().map(PlanNotices.Mail::when).orElse(When.FAILURES),
        plan.notices().mail().map(PlanNotices.Mail::language).orElse(language));
  }

  /// Bytes with the largest unit that leaves none over.
  private static String size(long bytes) {
    String[] units = {"", "K", "M", "G", "T"};
    int unit = 0;
    long count = bytes;
    while (count > 0 && count % 1024 == 0 && unit < units.length - 1) {
      count /= 1024;
      unit++;
    }
    return count + units[unit];
  }

  /// With other addresses of repositories.
  PlanDraft withAddresses(UnaryOperator<String> other) {
    return with(
        sources,
        repositories.stream()
            .map(one ->
                new Repository(
                    other.apply(one.address()),
                    one.filling(),
                    one.medium(),
                    one.place(),
                    one.plainness(),
                    one.keep(),
                    one.tags()))
            .toList());
  }

  /// With another line for a source.
  public PlanDraft withSource() {
    List<Source> more = new ArrayList<>(sources);
    more.add(Source.empty());
    return with(more, repositories);
  }

  /// With another line for a repository.
  public PlanDraft withRepository(Filling filling) {
    List<Repository> more = new ArrayList<>(repositories);
    more.add(Repository.empty(filling));
    return with(sources, more);
  }

  /// Without a line.
  ///
  /// @param index of a source; what is none changes nothing
  public PlanDraft withoutSource(int index) {
    return with(without(sources, index), repositories);
  }

  /// Likewise of a repository.
  public PlanDraft withoutRepository(int index) {
    return with(sources, without(repositories, index));
  }

  private static <T> List<T> without(List<T> all, int index) {
    List<T> fewer = new ArrayList<>(all);
    if (index >= 0 && index < fewer.size()) {
      fewer.remove(index);
    }
    return fewer;
  }

  private PlanDraft with(List<Source> otherSources, List<Repository> otherRepositories) {
    return new PlanDraft(
        name,
        otherSources,
        otherRepositories,
        schedule,
        zone,
        readDays,
        testDays,
        trial,
        rate,
        webhook,
        mail,
        when,
        language);
  }
}
