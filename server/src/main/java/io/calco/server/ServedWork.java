package io.calco.server;

import io.calco.engine.Calco;
import io.calco.engine.audit.Actor;
import io.calco.engine.backup.served.BackupOrders;
import io.calco.engine.backup.served.PointContents;
import io.calco.engine.backup.served.PointRestores;
import io.calco.engine.backup.served.ServedBackups;
import io.calco.engine.host.HostClasses;
import io.calco.engine.host.HostClones;
import io.calco.engine.host.HostMachines;
import io.calco.engine.host.HostWork;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ImageService;
import io.calco.engine.jobs.Jobs;
import io.calco.engine.plan.PlanEditor;
import io.calco.engine.plan.PlanJobs;
import io.calco.engine.plan.PlanScheduler;
import io.calco.engine.plan.PlanSettings;
import io.calco.engine.plan.Plans;
import io.calco.engine.store.StoreCare;
import io.calco.machine.libvirt.LibvirtUri;
import io.calco.server.web.Page;
import io.calco.server.web.account.OwnPage;
import io.calco.server.web.account.ProjectsPage;
import io.calco.server.web.account.UsersPage;
import io.calco.server.web.audit.AuditPage;
import io.calco.server.web.backup.BackupsPage;
import io.calco.server.web.backup.ComparePage;
import io.calco.server.web.backup.FilesPage;
import io.calco.server.web.backup.NewPointPage;
import io.calco.server.web.backup.PackagesPage;
import io.calco.server.web.backup.PointActions;
import io.calco.server.web.backup.PointPage;
import io.calco.server.web.backup.RestorePage;
import io.calco.server.web.clone.ClonesPage;
import io.calco.server.web.clone.NewClonesPage;
import io.calco.server.web.job.JobsPage;
import io.calco.server.web.machine.ClassesPage;
import io.calco.server.web.machine.ConsolePage;
import io.calco.server.web.machine.MachinePage;
import io.calco.server.web.machine.MachinesPage;
import io.calco.server.web.machine.NewMachinesPage;
import io.calco.server.web.plan.PlanFormPage;
import io.calco.server.web.plan.PlansPage;
import io.calco.server.web.storage.StoragePage;
import io.calco.server.web.template.NewTemplatePage;
import io.calco.server.web.template.TemplatesPage;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a server does besides answering: jobs, templates, clones and machines of its host, the
/// store's care, plans of backups, what they keep; and the pages of all that.
///
/// Thread rule: safe for several threads.
final class ServedWork implements AutoCloseable {
  private static final Duration PLANS_LOOKED_AT = Duration.ofSeconds(10);

  private final Calco calco;
  private final Jobs jobs;
  private final ImageService images;
  private final HostWork host;
  private final HostMachines machines;
  private final StoreCare care;
  private final Plans plans;
  private final PlanEditor editor;
  private @Nullable PlanScheduler scheduler;
  private final ServedBackups backups;

  private ServedWork(
      Calco calco,
      Jobs jobs,
      ImageService images,
      HostWork host,
      StoreCare care,
      ServedBackups backups,
      ServerSettings settings) {
    this.images = images;
    this.calco = calco;
    this.jobs = jobs;
    this.host = host;
    this.machines =
        new HostMachines(calco, jobs, images.templates(calco), host::allows, settings.libvirt());
    this.care = care;
    this.plans =
        new Plans(calco, Actor.server(), PlanSettings.defaults().withMail(settings.mail()));
    this.editor =
        new PlanEditor(
            plans,
            settings.backups(),
            settings.images().addresses(),
            settings.libvirt().map(LibvirtUri::text));
    this.backups = backups;
  }

  /// Begins to take jobs.
  ///
  /// @param images what there is in the catalogue
  /// @param settings who may work with templates and clones, and which repositories there are; the
  ///   store's secret stays the caller's to close, after this
  static ServedWork open(Calco calco, ImageService images, ServerSettings settings)
      throws IOException {
    Jobs jobs = Jobs.open(calco.catalog(), calco.audit());
    return new ServedWork(
        calco,
        jobs,
        images,
        new HostWork(calco, jobs, images.templates(calco), settings.hostWork()),
        new StoreCare(calco, settings.store().secret(), jobs),
        new ServedBackups(settings.backups()),
        settings);
  }

  /// Begins to run plans when they are due.
  void begin() throws IOException {
    scheduler =
        PlanScheduler.start(
            plans, InstantSource.system(), calco.catalog().dataSource(), PLANS_LOOKED_AT);
  }

  /// Templates and clones.
  HostWork host() {
    return host;
  }

  /// Its pages.
  ///
  /// @param identity the embedded one; empty when people are a Keystone's
  List<Page> pages(Optional<Identity> identity) {
    List<Page> pages = new ArrayList<>();
    HostClones clones = new HostClones(calco, jobs, machines);
    pages.add(new NewTemplatePage(host)); // before the template that is called new
    pages.add(new TemplatesPage(host, clones));
    pages.add(new NewClonesPage(host));
    pages.add(new ClonesPage(host, clones));
    pages.add(new NewMachinesPage(machines, host)); // before the machine that is called new
    pages.add(new MachinesPage(machines));
    pages.add(new MachinePage(machines, host));
    pages.add(new ConsolePage(machines));
    pages.add(new ClassesPage(new HostClasses(calco, jobs, machines)));
    PointContents contents = new PointContents(backups, calco.audit());
    BackupOrders orders = new BackupOrders(backups, contents, images, jobs, calco.audit());
    pages.add(new BackupsPage(backups));
    pages.add(new NewPointPage(backups, orders, host));
    pages.add(new PointActions(backups, orders));
    pages.add(new RestorePage(backups, contents, new PointRestores(backups, jobs, calco.audit())));
    pages.add(new PointPage(backups, contents));
    pages.add(new PackagesPage(backups));
    pages.add(new FilesPage(backups, contents));
    pages.add(new ComparePage(backups, contents));
    pages.add(new PlanFormPage(editor)); // before the plan that is called new
    pages.add(new PlansPage(plans, new PlanJobs(plans, jobs)));
    pages.add(new JobsPage(jobs, images.imports()));
    pages.add(new StoragePage(care, images.images()));
    identity.ifPresent(ours -> {
      pages.add(new UsersPage(ours));
      pages.add(new ProjectsPage(ours));
      pages.add(new OwnPage(ours));
    });
    pages.add(new AuditPage(calco.audit()));
    return pages;
  }

  /// Takes no more jobs, and waits for those that run.
  @Override
  public void close() throws IOException {
    try (backups;
        care;
        machines;
        PlanScheduler _ = scheduler) {
      jobs.close();
    }
  }
}
