package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.Clone;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.CreateOptions;
import io.calco.disk.FileCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.disk.MapEntry;
import io.calco.disk.OpenPolicy;
import io.calco.disk.ZeroMode;
import io.calco.engine.CloneRequest.BackingPath;
import io.calco.engine.Clones.ClonePlan;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.guest.personalise.CloneIdentity;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.personalise.PersonalisationPlan;
import io.calco.guest.personalise.Personaliser;
import io.calco.guest.seed.Seed;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Clones in the making: written beside their places, which they take together.
///
/// Every clone begins as an overlay that holds what makes it a machine of its own: its first state.
/// A linked clone is that overlay; a full one is a copy of the template with the overlay's runs
/// laid over it.
final class CloneBatch implements AutoCloseable {
  private static final int PIECE = 1 << 20;

  private final Home home;
  private final OpenPolicy policy;
  private final List<BesideFile> parts = new ArrayList<>();

  CloneBatch(Home home, OpenPolicy policy) {
    this.home = home;
    this.policy = policy;
  }

  /// Writes a clone's files; they have no names yet.
  Clone make(
      ClonePlan plan,
      Template template,
      TemplateVersion version,
      long size,
      CloneRequest request,
      JobContext job)
      throws IOException {
    Files.createDirectories(plan.disk().resolveSibling(""));
    BesideFile overlay = BesideFile.of(plan.disk());
    parts.add(overlay);
    Image.create(
        overlay.path(),
        "qcow2",
        new CreateOptions(size, Optional.of(reference(plan, version, request)), Map.of()));
    PrivateFile.restrict(overlay.path());
    Personal personal = personalise(overlay.path(), plan, version, size, request, job);
    CloneIdentity identity = personal.identity();
    String id = Catalog.newId();
    if (request.seed().isPresent()) {
      writeSeed(plan, Seed.image(request.seed().get(), id, personal.given(), identity));
    }
    BesideFile first = BesideFile.of(home.firstOf(plan.name()));
    parts.add(first);
    FileCopy.copy(overlay.path(), first.path(), job);
    PrivateFile.restrict(first.path());
    if (request.kind() == Clone.Kind.FULL) {
      BesideFile whole = BesideFile.of(plan.disk());
      parts.set(parts.indexOf(overlay), whole);
      try (overlay) {
        copyWhole(overlay.path(), version, whole.path(), policy, job);
      }
    }
    return new Clone(
        id,
        plan.name(),
        template.name(),
        version.version(),
        Optional.of(version.id()),
        request.kind(),
        plan.disk(),
        request.kind() == Clone.Kind.LINKED ? "qcow2" : version.format(),
        size,
        identity.hostname(),
        identity.machineId(),
        identity.sshHostKeys().stream()
            .map(key -> new Clone.HostKey(key.type(), key.fingerprint(), key.publicKey()))
            .toList(),
        Instant.now());
  }

  private static BackingReference reference(
      ClonePlan plan, TemplateVersion version, CloneRequest request) {
    Path base = version.disk();
    Path name =
        request.backingPath() == BackingPath.ABSOLUTE
            ? base
            : plan.disk().resolveSibling("").relativize(base);
    return new BackingReference(name.toString(), Optional.of(version.format()));
  }

  /// Nobody else reads it at any time: it holds what the first-boot scripts hold.
  private void writeSeed(ClonePlan plan, byte[] image) throws IOException {
    BesideFile seed = BesideFile.of(CloneSeed.beside(plan.disk(), plan.name()));
    parts.add(seed);
    Files.createFile(seed.path());
    PrivateFile.restrict(seed.path());
    Files.write(seed.path(), image);
  }

  /// What a clone was given, and who it has become.
  private record Personal(Personalisation given, CloneIdentity identity) {}

  private Personal personalise(
      Path overlay,
      ClonePlan plan,
      TemplateVersion version,
      long size,
      CloneRequest request,
      JobContext job)
      throws IOException {
    ImageOptions options =
        ImageOptions.reading().withFormat("qcow2").with(policy).with(Access.WRITE);
    Optional<String> growing = Optional.empty();
    if (size > version.virtualSize()) {
      try (Image image = Image.open(overlay, options)) {
        growing = DiskGrowth.growToEnd(image.disk(), plan.name());
      }
    }
    VolumeKeys keys = request.keys().template();
    Personal identity;
    try (WritableGuest guest = WritableGuest.open(overlay, new GuestOptions(options, keys))) {
      Personalisation wanted = request.personalisation().apply(plan.hostname());
      if (growing.isPresent()) {
        wanted = wanted.first(DiskGrowth.atFirstBoot(guest.tree(), growing.get(), plan.name()));
      }
      PersonalisationPlan personal = Personaliser.plan(guest.tree(), wanted);
      personal.apply(guest.tree(), job);
      identity = new Personal(wanted, personal.identity());
    }
    encrypt(overlay, options, request.keys(), job);
    return identity;
  }

  /// Last: nothing needs the template's passphrase after this.
  private static void encrypt(
      Path overlay, ImageOptions options, CloneRequest.Keys keys, JobContext job)
      throws IOException {
    if (keys.master() == MasterKeys.KEPT && keys.passphrase().isEmpty()) {
      return;
    }
    try (Image image = Image.open(overlay, options)) {
      if (keys.master() == MasterKeys.RENEWED) {
        EncryptedVolume.reencrypt(image.disk(), keys.template(), job);
      }
      if (keys.passphrase().isPresent()) {
        EncryptedVolume.changePassphrase(image.disk(), keys.template(), keys.passphrase().get());
      }
      image.disk().sync();
    }
  }

  /// Makes an independent disk of the template's format that reads as the overlay does.
  static void copyWhole(
      Path overlay, TemplateVersion version, Path target, OpenPolicy policy, JobContext job)
      throws IOException {
    FileCopy.copy(version.disk(), target, job);
    PrivateFile.restrict(target);
    ImageOptions options = ImageOptions.reading().with(policy);
    try (Image from = Image.open(overlay, options.withFormat("qcow2"));
        Image to = Image.open(target, options.withFormat(version.format()).with(Access.WRITE))) {
      if (from.disk().size() > to.disk().size()) {
        to.disk().resize(from.disk().size());
      }
      MemorySegment buffer = MemorySegment.ofArray(new byte[PIECE]);
      MapEntry.walk(
          from,
          run -> {
            job.checkCancelled();
            if (run.depth() == 0) {
              layOver(run, from, to, buffer);
            }
          });
    }
  }

  private static void layOver(MapEntry run, Image from, Image to, MemorySegment buffer)
      throws IOException {
    if (run.zero()) {
      to.disk().writeZeroes(run.start(), run.length(), ZeroMode.MAY_UNMAP);
      return;
    }
    for (long done = 0; done < run.length(); ) {
      MemorySegment piece = buffer.asSlice(0, Math.min(PIECE, run.length() - done));
      from.disk().read(run.start() + done, piece);
      to.disk().write(run.start() + done, piece);
      done += piece.byteSize();
    }
  }

  /// Gives all files their names, once all are on the medium.
  void publish() throws IOException {
    BesideFile.publishAll(parts);
  }

  /// Deletes what was not published.
  @Override
  public void close() throws IOException {
    for (BesideFile part : parts) {
      part.close();
    }
  }
}
