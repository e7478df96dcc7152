package io.calco.guest.personalise;

import io.calco.fs.FileAttributes;
import io.calco.guest.Content;
import io.calco.guest.Draft;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.account.AccountEditor;
import io.calco.guest.account.User;
import io.calco.guest.identity.HostnameFiles;
import io.calco.guest.identity.MachineId;
import io.calco.guest.identity.RandomSeed;
import io.calco.guest.network.NetworkFiles;
import io.calco.guest.sshkey.SshHostKey;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Plans what makes a clone a machine of its own. Reads only, but for making keys.
public final class Personaliser {
  private static final String CLOUD_INIT = "/etc/cloud/cloud.cfg.d/99-calco.cfg";

  private final Draft draft;
  private final Personalisation clone;

  private Personaliser(GuestTree tree, Personalisation clone) {
    this.draft = new Draft(tree, List.of(), clone.now());
    this.clone = clone;
  }

  /// What personalising will do to the guest.
  ///
  /// @throws GuestRequestException when the guest lacks what was asked for
  public static PersonalisationPlan plan(GuestTree tree, Personalisation clone) throws IOException {
    if (tree.isWindows()) {
      return WindowsPersonaliser.plan(tree, clone);
    }
    if (!clone.windows().equals(WindowsSetup.NONE)) {
      throw new GuestRequestException(
          "this is no Windows: it takes neither a product key nor a Windows password");
    }
    return new Personaliser(tree, clone).plan();
  }

  private PersonalisationPlan plan() throws IOException {
    HostnameFiles.set(draft, clone.hostname());
    Optional<String> machineId = machineId();
    RandomSeed.set(draft, freshSeed());
    List<SshHostKey> keys = new HostKeys(draft).install(clone);
    holdCloudInitBack();
    for (CloneUser user : clone.users()) {
      addUser(user);
    }
    for (AuthorizedKey key : clone.authorizedKeys()) {
      authorize(key);
    }
    NetworkFiles.set(draft, clone.network());
    RegionalFiles.set(draft, clone.regional());
    HostFiles files = new HostFiles(draft);
    for (CopyIn copy : clone.copies()) {
      files.copy(copy);
    }
    if (!clone.firstBoot().isEmpty()) {
      FirstBoot.install(draft, clone.firstBoot());
    }
    Draft.Section section = draft.takeSection();
    CloneIdentity identity = CloneIdentity.of(clone.hostname().value(), machineId, keys);
    return new PersonalisationPlan(identity, section.changes(), section.notes());
  }

  private Optional<String> machineId() throws IOException {
    Optional<String> id =
        switch (clone.machineId()) {
          case MachineIdSource.FirstBoot _ -> Optional.empty();
          case MachineIdSource.FromSeed _ -> Optional.of(clone.seed().machineId());
          case MachineIdSource.Given(String given) -> Optional.of(given);
        };
    if (id.isPresent()) {
      MachineId.set(draft, id.get());
    } else {
      MachineId.clear(draft);
    }
    return id;
  }

  /// Never derived: two starts of one clone's files must not share it.
  private static byte[] freshSeed() {
    byte[] seed = new byte[RandomSeed.SIZE];
    new SecureRandom().nextBytes(seed);
    return seed;
  }

  /// On what it takes for a new machine, cloud-init would delete the keys and change the name.
  private void holdCloudInitBack() throws IOException {
    if (draft.isDirectory("/etc/cloud/cloud.cfg.d")) {
      draft.putText(
          CLOUD_INIT,
          """
          # This clone has its own name and SSH host keys already.
          preserve_hostname: true
          ssh_deletekeys: false
          """,
          0644);
    }
  }

  private User addUser(CloneUser wanted) throws IOException {
    AccountEditor accounts = new AccountEditor(draft);
    long days = Duration.between(Instant.EPOCH, clone.now()).toDays();
    User user = accounts.getOrCreate(wanted.name(), days);
    if (wanted.privilege() == CloneUser.Privilege.ADMINISTRATOR) {
      if (!draft.isDirectory("/etc/sudoers.d")) {
        throw new GuestRequestException(
            "the guest has no sudo: user '%s' cannot be its administrator".formatted(user.name()));
      }
      if (!accounts.join(user, "sudo")) {
        accounts.join(user, "wheel");
      }
      draft.put(
          "/etc/sudoers.d/90-calco-" + user.name(),
          Content.of(user.name() + " ALL=(ALL:ALL) NOPASSWD:ALL\n"),
          FileAttributes.root(0440, Instant.EPOCH));
    }
    return user;
  }

  private void authorize(AuthorizedKey key) throws IOException {
    User user =
        new AccountEditor(draft)
            .find(key.user())
            .orElseThrow(() ->
                new GuestRequestException(
                    "the guest has no user '%s' to give an SSH key to".formatted(key.user())));
    if (!draft.isDirectory(user.home())) {
      draft.directory(user.home(), AccountEditor.owned(user, 0700));
    }
    draft.directory(user.home() + "/.ssh", AccountEditor.owned(user, 0700));
    String path = user.home() + "/.ssh/authorized_keys";
    String text = draft.text(path).orElse("");
    if (text.lines().noneMatch(line -> line.strip().equals(key.line()))) {
      String start = text.isEmpty() || text.endsWith("\n") ? text : text + "\n";
      draft.put(path, Content.of(start + key.line() + "\n"), AccountEditor.owned(user, 0600));
    }
  }
}
