package io.calco.engine.backup.served;

import io.calco.backup.Restore;
import io.calco.catalog.BackgroundJob;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.backup.RestoreRequest;
import io.calco.engine.backup.Restores;
import io.calco.engine.backup.UnusedDisk;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.engine.identity.Caller;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Restores that administrators of a server ask for: to files in directories, and to disks of the
/// host, that its settings allow. What was written is read again and compared.
///
/// Thread rule: safe for several threads.
public final class PointRestores {
  private final ServedBackups backups;
  private final Jobs jobs;
  private final AuditLog audit;

  /// Of the points in these repositories.
  public PointRestores(ServedBackups backups, Jobs jobs, AuditLog audit) {
    this.backups = backups;
    this.jobs = jobs;
    this.audit = audit;
  }

  /// The directories in which restores may write files.
  public List<Path> directories(Caller caller) {
    ServedBackups.requireAdmin(caller);
    return backups.settings().directories();
  }

  /// Whether the settings allow restores to disks of the host.
  public boolean devicesAllowed() {
    return backups.settings().devices() == BackupSettings.Devices.UNUSED;
  }

  /// The disks that restores may write to; none where the settings say so.
  public List<UnusedDisk> devices(Caller caller) throws IOException {
    ServedBackups.requireAdmin(caller);
    return devicesAllowed() ? UnusedDisk.unused() : List.of();
  }

  /// What a restore would do; writes nothing.
  ///
  /// @throws OperationException DENIED when nothing may be written there; as [Restores#plan]
  public Restores.Plan plan(Caller caller, Found found, RestoreOrder order) throws IOException {
    RestoreRequest request = request(caller, order);
    return new Restores(backups.get(found.repository())).plan(found.point(), request);
  }

  private RestoreRequest request(Caller caller, RestoreOrder order) throws IOException {
    Path target;
    Optional<String> format = Optional.of("raw");
    OptionalLong size = OptionalLong.empty();
    switch (order.place()) {
      case RestoreOrder.Place.InFile file -> {
        target = file(caller, file);
        format = file.format().or(() -> Optional.of("raw"));
        size = Files.exists(target) ? OptionalLong.empty() : file.size();
      }
      case RestoreOrder.Place.OnDevice(Path path) -> target = device(caller, path);
    }
    if (!Set.of("as-saved", "grow-last", "proportional").contains(order.layout())) {
      throw new OperationException(
          Kind.USAGE, "The layout is as-saved, grow-last or proportional.");
    }
    return new RestoreRequest(
        target,
        format,
        size,
        RestoreRequest.layout(order.layout()),
        order.partitions(),
        order.delta() ? RestoreRequest.Writing.DIFFERENCES : RestoreRequest.Writing.ALL,
        Restore.Proof.READ_AGAIN);
  }

  private Path file(Caller caller, RestoreOrder.Place.InFile file) {
    if (!directories(caller).contains(file.directory())) {
      throw new OperationException(
          Kind.DENIED, "Restores may not write there: the setting restore-directories says where.");
    }
    if (!file.name().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,199}")) {
      throw new OperationException(
          Kind.USAGE,
          "The file's name has 1 to 200 letters, digits, '.', '_' and '-', and begins with a letter"
              + " or digit.");
    }
    Path path = file.directory().resolve(file.name());
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new OperationException(
          Kind.REFUSED, path + ": is no plain file, and is not written to");
    }
    return path;
  }

  private Path device(Caller caller, Path path) throws IOException {
    return devices(caller).stream()
        .map(UnusedDisk::path)
        .filter(path::equals)
        .findFirst()
        .orElseThrow(() ->
            new OperationException(
                Kind.REFUSED,
                path + ": is no disk that restores may write to, or somebody uses it"));
  }

  /// Begins to restore, and compares what was written.
  ///
  /// @param word what the caller typed: [Restores.Plan#word] of what is overwritten
  /// @throws OperationException REFUSED when it is another one; as [#plan]
  public BackgroundJob restore(Caller caller, Found found, RestoreOrder order, String word)
      throws IOException {
    Deed deed = BackupOrders.deed(caller, Action.BACKUP_RESTORE, found);
    Restores.Plan agreed = plan(caller, found, order);
    if (!agreed.word().equals(word)) {
      throw new OperationException(
          Kind.REFUSED, "What was typed is not what the target is called: nothing was written.");
    }
    return jobs.start(
        caller,
        JobKind.BACKUP_RESTORE,
        "%s → %s".formatted(found.point().machine(), agreed.target()),
        job -> {
          Restores.Outcome outcome =
              audit.make(
                  deed.with("%s → %s".formatted(found.repository(), agreed.target())),
                  () -> restore(caller, found, order, agreed, job),
                  _ -> BackupOrders.target(found.point()));
          return Map.of(
              "repository", found.repository(),
              "point", found.point().id().toString(),
              "target", agreed.target().toString(),
              "bytes", String.valueOf(outcome.written()),
              "left", String.join("\n", outcome.left()));
        });
  }

  private Restores.Outcome restore(
      Caller caller, Found found, RestoreOrder order, Restores.Plan agreed, JobContext job)
      throws IOException {
    RestoreRequest request = request(caller, order);
    Restores restores = new Restores(backups.get(found.repository()));
    Restores.Plan now = restores.plan(found.point(), request);
    if (now.fresh() != agreed.fresh()
        || !now.word().equals(agreed.word())
        || now.size() != agreed.size()) {
      throw new OperationException(
          Kind.REFUSED,
          agreed.target() + ": is another one now than when you agreed: nothing was written");
    }
    try {
      return restores.restore(found.point(), request, job);
    } finally {
      backups.open(found.repository()).changed();
    }
  }
}
