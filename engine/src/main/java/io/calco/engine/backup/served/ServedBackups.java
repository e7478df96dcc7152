package io.calco.engine.backup.served;

import io.calco.backup.PackageList;
import io.calco.backup.RestorePoint;
import io.calco.disk.Closing;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.identity.Caller;
import io.calco.engine.repository.RepositoryOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The repositories that a server knows, and the points in them.
///
/// Thread rule: safe for several threads.
public final class ServedBackups implements AutoCloseable {
  private final BackupSettings settings;
  private final Map<String, OpenRepository> repositories = new LinkedHashMap<>();

  /// Those of the settings. None is opened yet.
  public ServedBackups(BackupSettings settings) {
    this(settings, RepositoryOptions.defaults());
  }

  ServedBackups(BackupSettings settings, RepositoryOptions options) {
    this.settings = settings;
    for (BackupSettings.Known known : settings.repositories()) {
      repositories.put(known.name(), new OpenRepository(known, options));
    }
  }

  /// A machine's points in a repository.
  ///
  /// @param name of the machine
  /// @param points oldest first, at least one
  public record Machine(String name, List<RestorePoint> points) {
    /// Copies the list.
    public Machine {
      points = List.copyOf(points);
    }

    /// The newest point.
    public RestorePoint last() {
      return points.getLast();
    }

    /// Bytes that were written for its points when they were made. What points share was written
    /// for the first of them.
    public long storedBytes() {
      return points.stream().mapToLong(point -> point.work().stored()).sum();
    }
  }

  /// What is seen of a repository.
  ///
  /// @param name as the settings call it
  /// @param place where it lies, without secrets
  /// @param machines by name
  /// @param unreadable a line for each thing that is called a point and is none
  /// @param problem why nothing could be read; empty otherwise
  /// @param asking it has not answered yet
  public record Board(
      String name,
      String place,
      List<Machine> machines,
      List<String> unreadable,
      String problem,
      boolean asking) {
    /// Copies the lists.
    public Board {
      machines = List.copyOf(machines);
      unreadable = List.copyOf(unreadable);
    }
  }

  /// A point, and where it lies.
  ///
  /// @param repository its name in the settings
  public record Found(String repository, RestorePoint point) {}

  static void requireAdmin(Caller caller) {
    if (!caller.isAdmin()) {
      throw new OperationException(Kind.DENIED, "Backups are for administrators.");
    }
  }

  /// What there is in all repositories; takes a few seconds at most.
  public List<Board> boards(Caller caller) {
    requireAdmin(caller);
    repositories.values().forEach(OpenRepository::begin); // at the same time, not one by one
    return repositories.values().stream().map(ServedBackups::board).toList();
  }

  /// What there is in one repository; takes a few seconds at most.
  ///
  /// @throws OperationException NOT_FOUND when there is none of that name
  public Board board(Caller caller, String repository) {
    requireAdmin(caller);
    return board(open(repository));
  }

  private static Board board(OpenRepository repository) {
    OpenRepository.Seen seen = repository.look();
    Map<String, List<RestorePoint>> machines = new TreeMap<>();
    List<String> unreadable = new ArrayList<>();
    seen.listing()
        .ifPresent(listing -> {
          unreadable.addAll(listing.unreadable());
          for (RestorePoint point : listing.points()) {
            machines.computeIfAbsent(point.machine(), _ -> new ArrayList<>()).add(point);
          }
        });
    return new Board(
        repository.known().name(),
        repository.known().place(),
        machines.entrySet().stream()
            .map(machine -> new Machine(machine.getKey(), machine.getValue()))
            .sorted(Comparator.comparing(Machine::name, String.CASE_INSENSITIVE_ORDER))
            .toList(),
        unreadable,
        seen.problem(),
        seen.asking());
  }

  /// The names of the repositories, in the settings' order.
  public List<String> names(Caller caller) {
    requireAdmin(caller);
    return List.copyOf(repositories.keySet());
  }

  /// A point.
  ///
  /// @param id all of it
  /// @throws OperationException NOT_FOUND when there is none
  public Found find(Caller caller, String repository, String id) throws IOException {
    requireAdmin(caller);
    return new Found(repository, open(repository).find(id));
  }

  /// The packages that were installed in a point's disk; empty when nothing is known of them.
  public Optional<PackageList> packages(Found found) throws IOException {
    return backups(found.repository()).packages(found.point());
  }

  /// The repository of a name, not asked anything yet.
  OpenRepository open(String name) {
    OpenRepository repository = repositories.get(name);
    if (repository == null) {
      throw new OperationException(Kind.NOT_FOUND, "There is no repository of that name.");
    }
    return repository;
  }

  BackupRepository get(String name) throws IOException {
    return open(name).get();
  }

  Backups backups(String name) throws IOException {
    return new Backups(get(name));
  }

  /// What the server may do.
  BackupSettings settings() {
    return settings;
  }

  /// Closes what was opened.
  @Override
  public void close() throws IOException {
    Closing.all(repositories.values());
  }
}
