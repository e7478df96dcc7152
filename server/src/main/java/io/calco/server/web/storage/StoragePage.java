package io.calco.server.web.storage;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.ImageUsage;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageLimits;
import io.calco.engine.images.Images;
import io.calco.engine.store.StoreCare;
import io.calco.engine.store.StoreCare.Counted;
import io.calco.engine.store.StoreCare.Scope;
import io.calco.engine.store.StoreStatus;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// `/storage`: what the store holds, for administrators; for others, what their project's images
/// do.
public final class StoragePage implements Page {
  private static final int PAGE = 50;

  private final StoreCare care;
  private final Images images;

  /// Shows this store.
  ///
  /// @param images tell what a project has and may have
  public StoragePage(StoreCare care, Images images) {
    this.care = care;
    this.images = images;
  }

  /// What the page shows.
  ///
  /// @param counted what is known; empty while it is counted for the first time
  /// @param counting whether it is being counted
  /// @param scope of what
  /// @param quotas what the reader's project has, and may have
  /// @param from how many images come before those that are shown
  record Model(
      Optional<Counted> counted, boolean counting, Scope scope, List<Quota> quotas, int from) {
    Model {
      quotas = List.copyOf(quotas);
    }

    boolean whole() {
      return scope == Scope.STORE;
    }

    StoreStatus status() {
      return counted.orElseThrow().status();
    }

    long total() {
      return Math.max(1, status().census().size());
    }

    /// The parts that all content falls into: it is as it is seen, or saved in one of three ways.
    List<Part> parts() {
      StoreStatus status = status();
      long stored =
          Math.max(
              0,
              status.census().size()
                  - status.zeroBytes()
                  - status.deduplicatedBytes()
                  - status.compressedBytes());
      return List.of(
          new Part("stored", stored),
          new Part("compressed", status.compressedBytes()),
          new Part("deduplicated", status.deduplicatedBytes()),
          new Part("zero", status.zeroBytes()));
    }

    /// Where a part begins in a bar of 1,000.
    long before(int part) {
      return parts().subList(0, part).stream().mapToLong(each -> width(each)).sum();
    }

    long width(Part part) {
      return Math.round(1000.0 * part.bytes() / total());
    }

    List<StoreStatus.Content> rows() {
      List<StoreStatus.Content> all = status().contents();
      int begin = Math.min(from, all.size());
      return all.subList(begin, Math.min(begin + PAGE, all.size()));
    }

    Optional<Integer> next() {
      int next = from + PAGE;
      return next < status().contents().size() ? Optional.of(next) : Optional.empty();
    }

    long dearest() {
      return Math.max(1, status().contents().getFirst().cost().ownBytes());
    }
  }

  /// What a project has of something, and may have.
  ///
  /// @param name `images`, `size`, `staged` or `uploads`
  /// @param limit empty for any amount
  /// @param bytes whether that is what is counted
  record Quota(String name, long used, OptionalLong limit, boolean bytes) {
    static Quota of(String name, long used, long limit, boolean bytes) {
      return new Quota(
          name,
          used,
          limit == ImageLimits.UNLIMITED ? OptionalLong.empty() : OptionalLong.of(limit),
          bytes);
    }

    /// Whether little is left.
    boolean tight() {
      return limit.isPresent() && used >= limit.getAsLong() - limit.getAsLong() / 10;
    }
  }

  /// A part of all content.
  ///
  /// @param name `stored`, `compressed`, `deduplicated` or `zero`
  record Part(String name, long bytes) {}

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAll("/storage", "storage.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get(
            "/storage",
            visit -> View.page(visit.isForPart() ? "storage/count" : "storage/show", model(visit)))
        .post("/storage/refresh", this::refresh)
        .post("/storage/collect", visit -> job(care.collect(visit.admin())))
        .post("/storage/verify", visit -> job(care.verify(visit.admin())));
  }

  private static Scope scope(Caller caller) {
    return caller.isAdmin() ? Scope.STORE : Scope.PROJECT;
  }

  private Model model(Visit visit) throws IOException {
    Caller caller = visit.caller();
    Scope scope = scope(caller);
    StoreCare.Known known = care.known(caller, scope);
    return new Model(
        known.counted(),
        known.counting(),
        scope,
        caller.projectId().isPresent() ? quotas(caller) : List.of(),
        visit.from());
  }

  private List<Quota> quotas(Caller caller) throws IOException {
    ImageUsage usage = images.usage(caller);
    ImageLimits limits = images.limits(caller);
    return List.of(
        Quota.of("images", usage.images(), limits.projectImages(), false),
        Quota.of("size", usage.size(), limits.projectSize(), true),
        Quota.of("staged", usage.staged(), limits.projectStaged(), true),
        Quota.of("uploads", usage.uploading(), limits.projectUploads(), false));
  }

  private View refresh(Visit visit) {
    care.refresh(visit.caller(), scope(visit.caller()));
    return View.redirect("/storage");
  }

  private static View job(BackgroundJob job) {
    return View.redirect("/jobs/" + job.id());
  }
}
