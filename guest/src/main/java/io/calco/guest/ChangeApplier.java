package io.calco.guest;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.fs.FileSystem;
import io.calco.guest.GuestTree.Place;
import io.calco.volume.Volume;
import io.calco.volume.luks.Luks;
import io.calco.volume.lvm.GroupWriter;
import io.calco.volume.lvm.LvmUuid;
import io.calco.volume.lvm.VolumeGroup;
import java.io.IOException;
import java.util.Collection;
import java.util.Iterator;
import java.util.Optional;
import java.util.UUID;

/// Makes changes that were planned on a [GuestTree]. Nothing else in this module writes to a guest.
public final class ChangeApplier {
  private final GuestTree tree;
  private final JobContext job;

  /// An applier for a tree whose file systems are open for writing.
  public ChangeApplier(GuestTree tree, JobContext job) {
    this.tree = tree;
    this.job = job;
  }

  /// Makes the changes in their order, then has them durable. After a failure or a cancellation
  /// some are made and the rest not; every file system is whole.
  ///
  /// @param changes of a [Draft] of the same tree that nothing has changed since
  public void apply(Collection<? extends Change> changes) throws IOException {
    tree.forget();
    long done = 0;
    try {
      for (Change change : changes) {
        job.checkCancelled();
        make(change);
        job.progress("change files", ++done, changes.size());
      }
    } finally {
      tree.forget();
    }
    for (var volume : tree.mounts().values()) {
      if (volume.fileSystem().writable()) {
        volume.fileSystem().sync();
      }
    }
  }

  private void make(Change change) throws IOException {
    Place place = tree.place(change.path());
    FileSystem files = place.fileSystem();
    switch (change) {
      case Change.Remove _ -> files.delete(place.path());
      case Change.Empty _ -> files.truncate(place.path(), 0);
      case Change.Replace(_, Content content, var attributes, _) ->
          files.write(place.path(), content.bytes(), attributes);
      case Change.Create(_, Content content, var attributes, var label) -> {
        files.write(place.path(), content.bytes(), attributes);
        SelinuxLabels.set(place, label);
      }
      case Change.CreateDirectory(_, var attributes, var label) -> {
        files.createDirectory(place.path(), attributes);
        SelinuxLabels.set(place, label);
      }
      case Change.SetUuid(_, UUID uuid, _) -> files.setUuid(uuid);
      case Change.SetGroupUuids renewal -> renew(renewal);
      case Change.SetLuksUuid(_, String old, UUID uuid) -> Luks.setUuid(luks(old), uuid);
      case Change.CreateLink(_, String target, var attributes, var label) -> {
        files.createLink(place.path(), target, attributes);
        SelinuxLabels.set(place, label);
      }
    }
  }

  private Disk luks(String uuid) {
    return tree.encrypted().stream()
        .filter(volume -> volume.uuid().equals(Optional.of(uuid)))
        .findFirst()
        .flatMap(Volume::disk)
        .orElseThrow(() -> new IllegalStateException("no such LUKS volume: " + uuid));
  }

  private void renew(Change.SetGroupUuids renewal) throws IOException {
    VolumeGroup group =
        tree.volumeGroups().stream()
            .filter(found -> renewal.path().equals("/dev/" + found.name()))
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("no such group: " + renewal.path()));
    Iterator<LvmUuid> physical = renewal.physical().iterator();
    GroupWriter writer = GroupWriter.of(group);
    if (renewal.group().isPresent()) {
      writer.changeUuids(renewal.group().get(), physical::next);
    } else {
      writer.changePhysicalUuids(physical::next);
    }
  }
}
