package io.calco.guest;

import io.calco.disk.JobContext;
import io.calco.fs.FileSystem;
import io.calco.guest.GuestTree.Place;
import java.io.IOException;
import java.util.Collection;

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
      case Change.CreateLink(_, String target, var attributes, var label) -> {
        files.createLink(place.path(), target, attributes);
        SelinuxLabels.set(place, label);
      }
    }
  }
}
