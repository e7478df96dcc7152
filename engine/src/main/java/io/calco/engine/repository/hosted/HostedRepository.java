package io.calco.engine.repository.hosted;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.identity.Caller;
import io.calco.store.AppendOnly;
import io.calco.store.AppendOnly.Latitude;
import io.calco.store.backend.Backend;
import io.calco.store.backend.IncomingObject;
import io.calco.store.backend.ObjectNames;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// A repository, as one caller may use it.
///
/// Thread rule: safe for several threads.
public final class HostedRepository {
  /// Ours: a store's packs have 64 MiB at most.
  public static final long OBJECT_MAX = 1L << 30;

  /// A store's, where its content is.
  private static final String PACKS = "packs/";

  /// Most objects of one page of a listing.
  public static final int PAGE_MAX = 1000;

  private final HostedPlace place;
  private final Caller caller;
  private final Target target;
  private final HostedRepositories all;

  HostedRepository(HostedPlace place, Caller caller, Target target, HostedRepositories all) {
    this.place = place;
    this.caller = caller;
    this.target = target;
    this.all = all;
  }

  /// Whether it only grows, for this caller.
  public boolean onlyGrows() throws IOException {
    return isMarked() || !all.mayDelete(caller);
  }

  private boolean isMarked() throws IOException {
    return AppendOnly.is(place.objects());
  }

  private static String named(String name) {
    if (!ObjectNames.isName(name)) {
      throw new OperationException(Kind.USAGE, "No object is called so.");
    }
    return name;
  }

  private Deed deed(Action action) {
    return new Deed(caller.actor(), action, target);
  }

  /// Puts an object: on the medium, and seen by all, when it returns. The same bytes put again are
  /// no change.
  ///
  /// @param length of the content, 0 to [#OBJECT_MAX]
  /// @throws OperationException DENIED when the caller may not, or another object is there and the
  ///   repository only grows; LIMIT when it is too long, no room is left, or the project has its
  ///   quota
  /// @throws java.io.EOFException when fewer bytes come; nothing is put then
  public void put(String name, InputStream content, long length) throws IOException {
    HostedRepositories.requireMember(caller);
    named(name);
    if (length > OBJECT_MAX) {
      throw new OperationException(
          Kind.LIMIT, "An object has at most %d bytes.".formatted(OBJECT_MAX));
    }
    all.requireRoom(length);
    all.audit().doneOften(deed(Action.REPOSITORY_WRITE));
    try (ProjectQuota.Claim claim = place.quota().claim(length, reach(name));
        IncomingObject fresh = place.receive(name, content, length)) {
      claim.publish(place.file(name), () -> publish(name, fresh));
    }
  }

  /// @return the bytes of what it has kept of what was there
  private long publish(String name, IncomingObject fresh) throws IOException {
    Latitude latitude = onlyGrows() ? AppendOnly.latitude(name) : Latitude.ANY;
    switch (latitude) {
      case ANY -> fresh.publishReplacing();
      case REPLACED -> {
        return place.publishKeeping(name, fresh);
      }
      case NONE -> {
        if (!fresh.publishNew()) {
          throw refused(name, "replaced");
        }
      }
    }
    return 0;
  }

  /// A project that has its quota must be able to take something away, which needs sessions and an
  /// index, and to move what remains of packs, which is for administrators.
  private ProjectQuota.Reach reach(String name) {
    if (caller.isAdmin()) {
      return ProjectQuota.Reach.ANYWHERE;
    }
    return name.startsWith(PACKS) ? ProjectQuota.Reach.WITHIN : ProjectQuota.Reach.SLIGHTLY_OVER;
  }

  /// What the project's repositories may hold together, and hold; empty where they may hold
  /// anything.
  public Optional<Backend.Quota> quota() throws IOException {
    return place.quota().isLimited() ? Optional.of(place.quota().use()) : Optional.empty();
  }

  private OperationException refused(String name, String what) throws IOException {
    OperationException refusal =
        new OperationException(
            Kind.DENIED,
            "The repository is append-only: %s is not %s%s."
                .formatted(name, what, isMarked() ? "" : " but by administrators"));
    all.audit().refused(deed(Action.REPOSITORY_DISCARD).with(String.valueOf(refusal.getMessage())));
    return refusal;
  }

  /// Opens an object to read; the caller closes it.
  ///
  /// @throws OperationException NOT_FOUND when there is none
  public HostedObject open(String name) throws IOException {
    named(name);
    all.audit().doneOften(deed(Action.REPOSITORY_READ));
    try {
      return HostedObject.owning(place.open(name));
    } catch (NoSuchFileException none) {
      if (name.equals(AppendOnly.OBJECT) && onlyGrows()) {
        return HostedObject.empty(); // so that clients know it, and do not try
      }
      throw new OperationException(Kind.NOT_FOUND, "There is no object %s.".formatted(name));
    }
  }

  /// A part of a listing.
  ///
  /// @param objects in the order of the names' parts
  /// @param next what to go on after; empty when nothing comes after these
  public record Page(List<StoredObject> objects, Optional<String> next) {}

  /// Some of the objects whose names begin with a prefix.
  ///
  /// @param prefix empty, or parts of a name with a `/` at the end
  /// @param after the name before the first that is told; empty for the first of all
  /// @param most 1 to [#PAGE_MAX]
  public Page page(String prefix, String after, int most) throws IOException {
    int limit = Math.clamp(most, 1, PAGE_MAX);
    List<StoredObject> objects;
    try {
      objects = place.objects().page(prefix, after, limit);
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, "No objects begin, or are called, so.");
    }
    return new Page(
        objects, objects.size() < limit ? Optional.empty() : Optional.of(objects.getLast().name()));
  }

  /// Deletes objects; those that are not there are passed over.
  ///
  /// @throws OperationException DENIED when the caller may not delete one of them; none is deleted
  ///   then
  public void delete(Collection<String> names) throws IOException {
    HostedRepositories.requireMember(caller);
    names.forEach(HostedRepository::named);
    boolean lifts = names.contains(AppendOnly.OBJECT);
    if (lifts && names.size() == 1 && caller.isAdmin()) {
      all.audit()
          .make(
              deed(Action.REPOSITORY_CHANGE).with("append-only no more"),
              () -> place.delete(names));
      return;
    }
    if (lifts || onlyGrows()) {
      for (String name : names) {
        if (AppendOnly.latitude(name) != Latitude.ANY) {
          throw refused(name, "deleted");
        }
      }
    }
    place.delete(names);
    long told = names.stream().filter(name -> AppendOnly.latitude(name) != Latitude.ANY).count();
    if (told > 0) {
      all.audit().done(deed(Action.REPOSITORY_DISCARD).with("objects: " + told));
    }
  }
}
