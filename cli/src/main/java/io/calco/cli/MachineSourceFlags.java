package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Value;
import io.calco.disk.Disk;
import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.Backups;
import io.calco.engine.identity.HostCaller;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.ImageTemplates;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineSource;
import io.calco.engine.machine.Machines;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.util.Optional;

/// The disk that a machine starts from, however it is named.
final class MachineSourceFlags {
  private final DiskCommand.Source source;
  private final RepositoryFlags repository;
  private final HomeCommand.At home;
  private final MachineCommand.Connect connect;
  private final Value<String> what;

  MachineSourceFlags(Syntax words) {
    source = new DiskCommand.Source(words);
    repository = new RepositoryFlags(words, "--repo");
    home = new HomeCommand.At(words);
    connect = new MachineCommand.Connect(words);
    what =
        words.parameter(
            "SOURCE",
            String.class,
            "An image file or an nbd:// address, a template or a clone, an image of the catalogue"
                + " (image:NAME), a machine of libvirt that is off, or with --repo a restore"
                + " point.");
  }

  /// The home that is named.
  Home home() {
    return home.get();
  }

  /// The host that is named.
  MachineHost host(Calco calco) throws IOException {
    return connect.openHost(calco);
  }

  /// What is done with the disk.
  interface Use {
    int with(MachineSource source) throws IOException;
  }

  /// Opens it.
  int use(Use use) throws IOException {
    if (repository.given()) {
      try (StoreSecret secret = repository.secret();
          BackupRepository opened =
              BackupRepository.open(repository.address(), repository.options(), secret)) {
        RestorePoint point = opened.find(what.get());
        String name = BackupRepository.shortId(point);
        Disk disk = new Backups(opened).open(point);
        return use(new MachineSource(name, disk, Optional.empty()), use);
      }
    }
    Optional<MachineSource> file = MachineSource.findFile(what.get(), source.options());
    if (file.isPresent()) {
      return use(file.get(), use);
    }
    try (Calco calco = Calco.open(home.get())) {
      if (what.get().startsWith(ImageTemplates.PREFIX)) {
        return useImage(calco, what.get().substring(ImageTemplates.PREFIX.length()), use);
      }
      Optional<MachineSource> known = MachineSource.findInCatalogue(calco, what.get());
      return known.isPresent() ? use(known.get(), use) : useMachine(calco, use);
    }
  }

  private static int use(MachineSource opened, Use use) throws IOException {
    try (opened) {
      return use.with(opened);
    }
  }

  private int useImage(Calco calco, String image, Use use) throws IOException {
    try (ImageService images = ImagesCommand.open(calco)) {
      return use(
          MachineSource.owning(
              what.get(),
              images
                  .templates(calco)
                  .open(HostCaller.of(new Identity(calco.catalog()), Optional.empty()), image)),
          use);
    }
  }

  /// The last that it can be; where no libvirt is asked for and none is there, it is nothing.
  private int useMachine(Calco calco, Use use) throws IOException {
    try (Machines machines = connect.open(calco)) {
      return use(MachineSource.ofMachine(calco, machines, what.get()), use);
    } catch (IOException | OperationException e) {
      boolean unknown =
          e instanceof OperationException told ? told.kind() == Kind.NOT_FOUND : !connect.given();
      if (!unknown) {
        throw e;
      }
      OperationException none =
          new OperationException(
              Kind.NOT_FOUND,
              what.get() + ": is neither a file nor a template, a clone or a machine",
              "see: calco tree, calco machine list; a restore point needs --repo, an image of the"
                  + " catalogue image:");
      none.addSuppressed(e);
      throw none;
    }
  }
}
