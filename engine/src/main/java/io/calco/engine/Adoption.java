package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.Clone;
import io.calco.catalog.NewVersion;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BackingReference;
import io.calco.disk.BesideFile;
import io.calco.disk.CreateOptions;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageLock;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.ImageOptions.Locking;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.inspect.Inspector;
import io.calco.guest.inspect.UniqueFact;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Disks that others made enter the catalogue where they are, while their machines run or not: an
/// overlay becomes a linked clone, what it rests on a template where it is none yet, a disk that
/// rests on nothing a clone of no template. Confined.
///
/// A template that is made so is sealed and not generalised: other disks rest on every byte of it.
/// An adopted clone's first state is an empty overlay, as `virsh vol-create-as` and `qemu-img
/// create -b` made it.
public final class Adoption {
  private static final int KEY_MAX = 16 << 10; // ours

  private final Calco calco;
  private final Actor actor;

  Adoption(Calco calco, Actor actor) {
    this.calco = calco;
    this.actor = actor;
  }

  /// What is adopted.
  ///
  /// @param name that the clone gets
  /// @param disk where it lies
  /// @param format of its file; found out unless stated
  /// @param template that an image gets which is to become one; its file's name if empty
  /// @param policy which files the disk may rest on, besides those of the catalogue
  public record Request(
      String name,
      Path disk,
      Optional<String> format,
      Optional<String> template,
      OpenPolicy policy) {}

  /// What came of it.
  ///
  /// @param report the clone as it is recorded
  /// @param sealed the template that was made for it
  public record Adopted(CloneReport report, Optional<String> sealed) {}

  /// Records a disk.
  ///
  /// @throws OperationException when the name is taken, the disk is recorded, or what it rests on
  ///   can be no template
  public Adopted adopt(Request request, JobContext job) throws IOException {
    String name = request.name();
    Calco.hostnameOf(name);
    if (calco.catalog().findClone(name).isPresent()) {
      throw refused("there is a clone %s already".formatted(name), "take another with --name");
    }
    Path disk = request.disk().toRealPath();
    if (calco.catalog().knowsDisk(disk)) {
      throw refused(disk + ": is in the catalogue already", "see: calco tree");
    }
    ImageOptions reading =
        ImageOptions.reading().with(calco.widened(request.policy())).with(Locking.WRITTEN);
    ImageOptions opening = request.format().map(reading::withFormat).orElse(reading);
    List<DiskImages.Report> chain = DiskImages.chainInfo(disk, opening);
    Identity identity = identity(disk, opening, name);
    if (chain.size() == 1) {
      Clone clone = clone(name, disk, chain.getFirst(), Optional.empty(), identity);
      calco.record(
          actor,
          Action.CLONE_CREATE,
          name,
          "adopted",
          () -> calco.catalog().addClones(List.of(clone)));
      return new Adopted(CloneReport.of(clone), Optional.empty());
    }
    Optional<Origin> known = known(chain);
    Origin origin = known.isPresent() ? known.get() : seal(chain, request, reading, job);
    Clone clone = clone(name, disk, chain.getFirst(), Optional.of(origin), identity);
    recordLinked(clone, chain, origin);
    return new Adopted(
        CloneReport.of(clone), known.isPresent() ? Optional.empty() : Optional.of(origin.name()));
  }

  private static OperationException refused(String why, String hint) {
    return new OperationException(Kind.REFUSED, why, hint);
  }

  /// The template that a disk rests on.
  private record Origin(String name, TemplateVersion version) {}

  private Optional<Origin> known(List<DiskImages.Report> chain) throws IOException {
    Path below = chain.get(1).file().toRealPath();
    for (Template template : calco.catalog().templates()) {
      for (TemplateVersion version : calco.catalog().versions(template)) {
        if (version.disk().equals(below)) {
          return Optional.of(new Origin(template.name(), version));
        }
      }
    }
    return Optional.empty();
  }

  /// Makes a template of what a disk rests on.
  private Origin seal(
      List<DiskImages.Report> chain, Request request, ImageOptions reading, JobContext job)
      throws IOException {
    DiskImages.Report base = chain.get(1);
    Path file = base.file().toRealPath();
    if (calco.catalog().knowsDisk(file)) {
      throw refused(
          "%s: rests on %s, which is a clone's disk".formatted(request.disk(), file),
          "write it into that one first: calco disk commit " + request.disk());
    }
    if (chain.size() > 2) {
      DiskImages.Report lowest = chain.getLast();
      throw refused(
          "%s: rests on %s, which rests on another, and a template stands alone"
              .formatted(request.disk(), file),
          "leave out what is between: calco disk rebase -b %s -F %s %s"
              .formatted(lowest.file(), lowest.format(), request.disk()));
    }
    String name = request.template().orElseGet(() -> nameOf(file));
    Calco.requireTemplateName(name);
    if (calco.catalog().findTemplate(name).isPresent()) {
      throw refused(
          "%s rests on %s, which becomes a template, and there is a template %s already"
              .formatted(request.disk(), file, name),
          "name it with --template");
    }
    ImageLock.requireUnused(file);
    String os = system(file, reading.withFormat(base.format()));
    NewVersion made = Templates.sealed(1, file, base, file.toString(), os, job);
    List<TemplateVersion> recorded = new ArrayList<>();
    calco.record(
        actor,
        Action.TEMPLATE_CREATE,
        name,
        "adopted with " + request.name(),
        () -> recorded.add(calco.catalog().addVersion(name, made)));
    return new Origin(name, recorded.getFirst());
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString().replaceFirst("\\.[A-Za-z0-9]+$", "");
  }

  private static Clone clone(
      String name, Path disk, DiskImages.Report image, Optional<Origin> origin, Identity identity) {
    return new Clone(
        Catalog.newId(),
        name,
        origin.map(Origin::name).orElse(""),
        origin.map(of -> of.version().version()).orElse(0),
        origin.map(of -> of.version().id()),
        origin.isPresent() ? Clone.Kind.LINKED : Clone.Kind.FULL,
        disk,
        image.format(),
        image.virtualSize(),
        identity.hostname(),
        identity.machineId(),
        identity.hostKeys(),
        Instant.now());
  }

  private void recordLinked(Clone clone, List<DiskImages.Report> chain, Origin origin)
      throws IOException {
    BackingReference below = chain.getFirst().info().backing().orElseThrow();
    BackingReference stated =
        new BackingReference(below.name(), Optional.of(origin.version().format()));
    Path first = calco.firstOf(clone.name());
    try (Making making = Making.begin(calco, "adopt " + clone.name(), List.of(first));
        BesideFile part = BesideFile.of(first)) {
      Image.create(
          part.path(),
          clone.format(),
          new CreateOptions(clone.virtualSize(), Optional.of(stated), Map.of()));
      PrivateFile.restrict(part.path());
      part.publish();
      calco.record(
          actor,
          Action.CLONE_CREATE,
          clone.name(),
          "adopted, of %s version %d".formatted(origin.name(), origin.version().version()),
          () -> calco.catalog().addClones(List.of(clone)));
      making.done();
    }
  }

  /// Who a machine is, as far as its disk tells.
  private record Identity(
      String hostname, Optional<String> machineId, List<Clone.HostKey> hostKeys) {}

  /// A disk that cannot be looked into, as it is encrypted or empty, belongs to somebody all the
  /// same.
  private static Identity identity(Path disk, ImageOptions opening, String name)
      throws IOException {
    List<UniqueFact> facts = List.of();
    List<Clone.HostKey> keys = new ArrayList<>();
    try (Image image = Image.open(disk, opening.with(Access.READ));
        GuestDisk guest = GuestDisk.openReadOnly(image.disk(), VolumeKeys.none())) {
      facts = Inspector.uniques(guest, image.disk().size());
      if (guest.tree().isPresent()) {
        for (UniqueFact fact : facts) {
          if (fact.kind().equals("ssh-host-key") && fact.value().isPresent()) {
            hostKey(fact, guest.tree().get()).ifPresent(keys::add);
          }
        }
      }
    } catch (DiskException | GuestRequestException unreadable) {
      // Its machine's name is all that is known then.
    }
    return new Identity(value("hostname", facts).orElse(name), value("machine-id", facts), keys);
  }

  private static Optional<String> value(String kind, List<UniqueFact> facts) {
    return facts.stream()
        .filter(fact -> fact.kind().equals(kind))
        .flatMap(fact -> fact.value().stream())
        .findFirst();
  }

  /// @param fact whose value is the key's type and fingerprint
  private static Optional<Clone.HostKey> hostKey(UniqueFact fact, GuestTree tree)
      throws IOException {
    String[] told = fact.value().orElseThrow().split(" ", 2);
    Optional<byte[]> file = tree.readStart(fact.path() + ".pub", KEY_MAX);
    if (file.isEmpty() || told.length < 2) {
      return Optional.empty();
    }
    String[] words = new String(file.get(), StandardCharsets.UTF_8).strip().split("\\s+");
    return words.length < 2
        ? Optional.empty()
        : Optional.of(new Clone.HostKey(told[0], told[1], words[0] + " " + words[1]));
  }

  private static String system(Path disk, ImageOptions opening) throws IOException {
    try (Image image = Image.open(disk, opening.with(Access.READ));
        GuestDisk guest = GuestDisk.openReadOnly(image.disk(), VolumeKeys.none())) {
      return guest.tree().isPresent() ? Generalisation.name(guest.tree().get()) : "";
    } catch (DiskException | GuestRequestException unreadable) {
      return "";
    }
  }
}
