package io.calco.engine.host;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.Clone;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Actor;
import io.calco.engine.host.MachineOrder.Base;
import io.calco.engine.host.MachineOrder.Then;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageTemplates;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import io.calco.engine.machine.CloneMachine;
import io.calco.engine.machine.CloneMachines;
import io.calco.engine.machine.MachineDeletion;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.MachineRequest;
import io.calco.engine.machine.Machines;
import io.calco.engine.machine.PacedStart;
import io.calco.machine.libvirt.DomainConsoles;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.LibvirtUri;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Machines of this host's libvirt, for callers of a server. A libvirt that is not there, or does
/// not answer, is told within seconds and keeps nobody.
///
/// Thread rule: safe for several threads.
public final class HostMachines implements AutoCloseable {
  /// Ours: for what libvirt answers at once.
  static final Duration LOOK = Duration.ofSeconds(10);

  /// Ours: for starting and defining, which a loaded host takes its time for.
  static final Duration ACT = Duration.ofSeconds(60);

  private static final Duration PICTURE_FRESH = Duration.ofSeconds(4);
  private static final int PICTURES_MAX = 200;
  private static final int PICTURES_AT_ONCE = 2;

  private final Calco calco;
  private final Jobs jobs;
  private final ImageTemplates images;
  private final Predicate<Caller> allowed;
  private final @Nullable LibvirtLink link;
  private final HostEvents events = new HostEvents();
  private final @Nullable Looks looks;
  private final HostConsoles consoles;
  private final Semaphore drawing = new Semaphore(PICTURES_AT_ONCE, true);
  private final Map<String, Seen<byte[]>> pictures =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen<byte[]>> eldest) {
          return size() > PICTURES_MAX;
        }
      };

  /// What was looked at last.
  private record Looks(
      Looked<List<MachineReport>> all,
      Looked<Known> one,
      Looked<Map<String, CloneMachine>> ofClones) {
    static Looks by(LibvirtLink link, HostEvents events) {
      return new Looks(
          new Looked<>(link, events, all -> all.stream().anyMatch(MachineReport::awaitsAddress)),
          new Looked<>(link, events, one -> one.report().awaitsAddress()),
          new Looked<>(link, events, _ -> false));
    }
  }

  /// A picture that was looked at.
  ///
  /// @param at when, in nanoseconds of the clock
  private record Seen<T>(T what, long at) {
    boolean within(Duration age) {
      return System.nanoTime() - at < age.toNanos();
    }
  }

  /// Machines of this host.
  ///
  /// @param images what machines are made of besides templates
  /// @param allowed who may look at and work with machines
  /// @param uri which libvirt; empty for none
  public HostMachines(
      Calco calco,
      Jobs jobs,
      ImageTemplates images,
      Predicate<Caller> allowed,
      Optional<LibvirtUri> uri) {
    this.calco = calco;
    this.jobs = jobs;
    this.images = images;
    this.allowed = allowed;
    this.link = uri.map(address -> new LibvirtLink(calco, address, events)).orElse(null);
    this.looks = link == null ? null : Looks.by(link, events);
    this.consoles = new HostConsoles(calco.audit());
  }

  /// True when the caller may.
  public boolean allows(Caller caller) {
    return allowed.test(caller);
  }

  LibvirtLink link(Caller caller) {
    actor(caller);
    if (link == null) {
      throw none();
    }
    return link;
  }

  private Looks looks(Caller caller) {
    actor(caller);
    if (looks == null) {
      throw none();
    }
    return looks;
  }

  private static OperationException none() {
    return new OperationException(
        Kind.UNSUPPORTED,
        "this server is set to show no machines of libvirt",
        "calco serve --connect qemu:///system");
  }

  /// A connection of the caller's own; none where no libvirt listens that this server may ask.
  Optional<Machines> find(Caller caller) throws IOException {
    actor(caller);
    return link != null && link.listens()
        ? Optional.of(link.open(ACT, machines -> machines))
        : Optional.empty();
  }

  Actor actor(Caller caller) {
    if (!allows(caller)) {
      throw new OperationException(
          Kind.DENIED, "You are not authorized to work with machines of this host.");
    }
    return caller.actor();
  }

  /// All machines, by name, as they were when something was last heard of one.
  public List<MachineReport> list(Caller caller) throws IOException {
    return looks(caller).all().at("", Machines::list);
  }

  /// The machines of clones, by the clones' names.
  Map<String, CloneMachine> ofClones(Caller caller) throws IOException {
    return looks(caller).ofClones().at("", Machines::ofClones);
  }

  /// What was seen is not so any more.
  void changed() {
    events.changed();
  }

  /// A machine, with its description.
  ///
  /// @param xml without its secrets
  /// @param consoles how it can be talked to; of one that is off, how it could be
  public record Known(MachineReport report, DomainXml xml, DomainConsoles consoles) {}

  /// One machine, as it was when something was last heard of one.
  ///
  /// @throws OperationException NOT_FOUND when there is none of that name
  public Known show(Caller caller, String name) throws IOException {
    return looks(caller).one().at(name, known(name));
  }

  private static LibvirtLink.Question<Known> known(String name) {
    return machines -> {
      DomainXml xml = machines.live(name);
      return new Known(machines.show(name), xml, DomainConsoles.of(xml));
    };
  }

  /// Starts a machine.
  ///
  /// @throws OperationException REFUSED when it runs, or runs a template's sealed disk
  public void start(Caller caller, String name) throws IOException {
    act(caller, machines -> machines.start(name));
  }

  /// Stops a machine, or asks it to stop.
  public void stop(Caller caller, String name, Machines.Stop how) throws IOException {
    act(caller, machines -> machines.stop(name, how));
  }

  /// What goes when a machine is deleted.
  ///
  /// @throws OperationException REFUSED when it runs, or others need what would go
  public MachineDeletion deletion(Caller caller, String name, MachineDeletion.Disks disks)
      throws IOException {
    return link(caller).ask(ACT, machines -> machines.deletion(name, disks));
  }

  /// Deletes a machine.
  public void delete(Caller caller, String name, MachineDeletion.Disks disks) throws IOException {
    act(caller, machines -> machines.delete(machines.deletion(name, disks)));
  }

  /// What is done to machines.
  @FunctionalInterface
  private interface Deed {
    void to(Machines machines) throws IOException;
  }

  private void act(Caller caller, Deed deed) throws IOException {
    Actor actor = actor(caller);
    try {
      link(caller)
          .ask(
              ACT,
              machines -> {
                deed.to(machines.as(actor));
                return true;
              });
    } finally {
      changed();
    }
  }

  /// What a running machine's screen showed within the last moments, as a PNG file has it.
  public byte[] picture(Caller caller, String name) throws IOException {
    LibvirtLink asked = link(caller);
    Optional<byte[]> known = knownPicture(name);
    if (known.isPresent()) {
      return known.get();
    }
    drawing.acquireUninterruptibly();
    try {
      Optional<byte[]> meanwhile = knownPicture(name);
      if (meanwhile.isPresent()) {
        return meanwhile.get();
      }
      byte[] png = asked.ask(LOOK, machines -> machines.screenshot(name)).png();
      synchronized (pictures) {
        pictures.put(name, new Seen<>(png, System.nanoTime()));
      }
      return png;
    } finally {
      drawing.release();
    }
  }

  private Optional<byte[]> knownPicture(String name) {
    synchronized (pictures) {
      return Optional.ofNullable(pictures.get(name))
          .filter(picture -> picture.within(PICTURE_FRESH))
          .map(Seen::what);
    }
  }

  /// Begins to make machines with disks of their own: all of them, or none.
  ///
  /// @throws OperationException USAGE when the order cannot be understood
  public BackgroundJob create(Caller caller, MachineOrder order) throws IOException {
    LibvirtLink asked = link(caller);
    MachineRequest request = order.machine();
    List<String> names =
        order.base() instanceof Base.OfClone(String clone)
            ? List.of(calco.clones(actor(caller)).show(clone).facts().name())
            : CloneOrder.expand(order.names());
    if (order.base() instanceof Base.OfTemplate(String template)) {
      calco.templates(actor(caller)).show(template, Optional.empty()); // or it is told at once
    } else if (order.base() instanceof Base.OfImage(String image)) {
      images.nameOf(caller, image);
    }
    return jobs.start(
        caller,
        JobKind.MACHINE_CREATE,
        CloneOrder.named(names),
        job -> {
          try (Machines line = asked.open(ACT, machines -> machines)) {
            Machines machines = line.as(actor(caller));
            make(caller, machines, order, request, job);
            if (order.then() == Then.STARTED) {
              new PacedStart(machines, Duration.ZERO).start(names, job);
            }
          } finally {
            changed();
          }
          return names.size() == 1
              ? Map.of("machines", "1", "machine", names.getFirst())
              : Map.of("machines", String.valueOf(names.size()));
        });
  }

  private void make(
      Caller caller, Machines machines, MachineOrder order, MachineRequest request, JobContext job)
      throws IOException {
    switch (order.base()) {
      case Base.OfTemplate(String name) ->
          make(caller, machines, order.clones(name, Optional.empty()), request, job);
      case Base.OfImage(String id) -> {
        ImageTemplates.Base base = images.base(caller, id, job);
        CloneOrder clones = order.clones(base.template(), Optional.of(base.version()));
        make(caller, machines, clones, request, job);
      }
      case Base.OfClone(String name) -> {
        Clone clone = calco.clones(actor(caller)).show(name).facts();
        machines.define(clone.name(), clone.disk(), Optional.of(clone.format()), request, job);
      }
    }
  }

  private void make(
      Caller caller, Machines machines, CloneOrder order, MachineRequest request, JobContext job)
      throws IOException {
    CloneMachines wanted = machines.forClones(order.template(), order.expanded(), request);
    List<CloneReport> made = calco.clones(actor(caller)).create(order.request(), job);
    wanted.define(made, job);
  }

  /// Makes sure that a console could be opened now.
  ///
  /// @throws OperationException REFUSED when the machine is off; UNSUPPORTED when it has none such
  public void requireConsole(Caller caller, String name, ConsoleKind kind) throws IOException {
    Known machine = link(caller).ask(LOOK, known(name));
    if (!machine.report().state().active()) {
      throw new OperationException(Kind.REFUSED, "machine %s is off".formatted(name));
    }
    kind.require(name, machine.consoles());
    consoles.requireRoom(caller);
  }

  /// Opens a running machine's console, which is the caller's to close.
  ///
  /// @throws OperationException REFUSED when the machine is off, or somebody else has its serial
  ///   console; UNSUPPORTED when it has none such; LIMIT when too many are open
  public OpenConsole console(Caller caller, String name, ConsoleKind kind, ConsoleKind.Claim claim)
      throws IOException {
    LibvirtLink asked = link(caller);
    DomainConsoles found = asked.ask(LOOK, known(name)).consoles();
    kind.require(name, found);
    return consoles.open(
        caller,
        name,
        kind,
        () ->
            switch (kind) {
              case SERIAL -> SerialChannel.open(asked, LOOK, name, claim);
              case SCREEN -> ScreenChannel.open(found.screen().orElseThrow());
            });
  }

  /// Ends all consoles that are open.
  @Override
  public void close() {
    consoles.close();
    if (link != null) {
      link.close();
    }
  }
}
