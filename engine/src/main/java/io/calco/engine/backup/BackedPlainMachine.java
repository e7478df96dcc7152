package io.calco.engine.backup;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.ProcessLock;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.machine.GuestAgent;
import io.calco.machine.PlainBackup;
import io.calco.machine.PlainMachine;
import io.calco.machine.PlainMachines;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.PullBackup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A machine that QEMU alone runs and that is to be backed up. A checkpoint is a bitmap of its
/// disk. Confined.
final class BackedPlainMachine implements BackedMachine {
  /// Ours: how long a guest may take to write what it has.
  private static final Duration FREEZING = Duration.ofSeconds(60);

  private final PlainMachines machines;
  private final PlainMachine machine;
  private final PlainBackup backup;
  private final boolean running;

  BackedPlainMachine(PlainMachines machines, PlainMachine machine) throws IOException {
    this.machines = machines;
    this.machine = machine;
    this.backup = new PlainBackup(machines, machine);
    this.running = machines.status(machine.name()).isPresent();
  }

  @Override
  public String name() {
    return machine.name();
  }

  @Override
  public UUID uuid() {
    return machine.uuid();
  }

  @Override
  public boolean running() {
    return running;
  }

  @Override
  public List<DomainXml.Disk> disks() {
    return List.of(
        new DomainXml.Disk(
            machine.target(),
            machine.settings().bus().name(),
            DomainXml.Disk.Kind.DISK,
            Optional.of(machine.disk()),
            Optional.of(machine.format()),
            false,
            false));
  }

  @Override
  public String description() {
    return machine.toString();
  }

  @Override
  public List<String> checkpoints() throws IOException {
    return backup.bitmaps();
  }

  @Override
  public LiveJob begin(String checkpoint, List<PullBackup.Disk> wanted, Quiesce quiesce)
      throws IOException {
    Path socket = machines.backupSocket(machine.name());
    ProcessLock lock =
        ProcessLock.tryTake(socket.resolveSibling("backup.lock"))
            .orElseThrow(() ->
                new OperationException(
                    Kind.BUSY,
                    "machine %s is being backed up already".formatted(machine.name()),
                    "wait for that to end"));
    Job job = new Job(checkpoint, lock);
    try {
      backup.end(); // of a Calco that was killed
      Optional<String> refused = job.begin(wanted, quiesce);
      if (refused.isPresent()) {
        throw new IOException("machine %s: %s".formatted(machine.name(), refused.get()));
      }
      return job;
    } catch (IOException | RuntimeException e) {
      try (lock;
          var _ = job.agent) {
        throw e;
      }
    }
  }

  @Override
  public void forget(String checkpoint) throws IOException {
    backup.remove(checkpoint);
  }

  /// Its backup. Confined.
  private final class Job extends LiveJob {
    private final String checkpoint;
    private final ProcessLock lock;
    private @Nullable GuestAgent agent;

    Job(String checkpoint, ProcessLock lock) {
      this.checkpoint = checkpoint;
      this.lock = lock;
    }

    @Override
    Optional<String> attempt(List<PullBackup.Disk> wanted) {
      PullBackup.Disk disk = wanted.getFirst();
      try {
        backup.begin(
            disk.scratch(),
            disk.since(),
            disk.tracked() ? Optional.of(checkpoint) : Optional.empty());
        return Optional.empty();
      } catch (IOException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }

    @Override
    Path socket() {
      return machines.backupSocket(machine.name());
    }

    @Override
    String machine() {
      return machine.name();
    }

    @Override
    Freeze freeze() {
      try {
        agent = machines.agent(machine.name()).orElse(null);
        return agent == null
            ? Freeze.refused(false, "no agent listens in the guest")
            : Freeze.of(agent.freeze(FREEZING));
      } catch (IOException e) {
        return Freeze.refused(agent != null, String.valueOf(e.getMessage()));
      }
    }

    @Override
    void thaw() throws IOException {
      Objects.requireNonNull(agent).thaw(FREEZING);
    }

    @Override
    String thawing() {
      return "in the guest, fsfreeze --unfreeze for each; or stop it, and start it again";
    }

    @Override
    void end() throws IOException {
      backup.end();
    }

    @Override
    public void close() throws IOException {
      try (lock;
          var _ = agent) {
        end();
      }
    }
  }
}
