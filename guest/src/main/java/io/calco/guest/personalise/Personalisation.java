package io.calco.guest.personalise;

import io.calco.guest.identity.Hostname;
import io.calco.guest.network.InterfaceSettings;
import io.calco.guest.sshkey.HostKeyType;
import io.calco.guest.sshkey.IdentitySeed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What a clone gets of its own.
///
/// @param hostname its name
/// @param seed what its keys are derived from
/// @param machineId where that comes from
/// @param extraHostKeys kinds of host keys beyond Ed25519, ECDSA and what its sshd_config names
/// @param users accounts that it has
/// @param authorizedKeys who may log in; accounts that are not in `users` must be the template's
/// @param firstBoot in the order in which they run
/// @param copies in the order in which they are made
/// @param network interfaces that are set; others stay as the template has them
/// @param regional language, time zone and keyboard
/// @param windows what only a Windows is given
/// @param now modification time of what changes
public record Personalisation(
    Hostname hostname,
    IdentitySeed seed,
    MachineIdSource machineId,
    Set<HostKeyType> extraHostKeys,
    List<CloneUser> users,
    List<AuthorizedKey> authorizedKeys,
    List<FirstBootScript> firstBoot,
    List<CopyIn> copies,
    List<InterfaceSettings> network,
    Regional regional,
    WindowsSetup windows,
    Instant now) {

  /// Copies the collections.
  public Personalisation {
    extraHostKeys = Set.copyOf(extraHostKeys);
    users = List.copyOf(users);
    authorizedKeys = List.copyOf(authorizedKeys);
    firstBoot = List.copyOf(firstBoot);
    copies = List.copyOf(copies);
    network = List.copyOf(network);
  }

  /// The same, and a program that runs before the others.
  public Personalisation first(FirstBootScript script) {
    List<FirstBootScript> scripts = new ArrayList<>(List.of(script));
    scripts.addAll(firstBoot);
    return new Personalisation(
        hostname,
        seed,
        machineId,
        extraHostKeys,
        users,
        authorizedKeys,
        scripts,
        copies,
        network,
        regional,
        windows,
        now);
  }

  /// Begins one: fresh keys, a machine-id made at first boot, nothing else.
  public static Builder builder(Hostname hostname) {
    return new Builder(hostname);
  }

  /// Collects what a clone gets.
  public static final class Builder {
    private final Hostname hostname;
    private IdentitySeed seed = IdentitySeed.fresh();
    private MachineIdSource machineId = new MachineIdSource.FirstBoot();
    private final Set<HostKeyType> extraHostKeys = EnumSet.noneOf(HostKeyType.class);
    private final List<CloneUser> users = new ArrayList<>();
    private final List<AuthorizedKey> authorizedKeys = new ArrayList<>();
    private final List<FirstBootScript> firstBoot = new ArrayList<>();
    private final List<CopyIn> copies = new ArrayList<>();
    private final List<InterfaceSettings> network = new ArrayList<>();
    private Regional regional = Regional.UNCHANGED;
    private WindowsSetup windows = WindowsSetup.NONE;
    private Instant now = Instant.now();

    private Builder(Hostname hostname) {
      this.hostname = hostname;
    }

    /// Derives the keys from this seed instead of a fresh one.
    public Builder seed(IdentitySeed chosen) {
      seed = chosen;
      return this;
    }

    /// Says where the machine-id comes from.
    public Builder machineId(MachineIdSource source) {
      machineId = source;
      return this;
    }

    /// Adds a kind of host key.
    public Builder hostKey(HostKeyType type) {
      extraHostKeys.add(type);
      return this;
    }

    /// Adds an account.
    public Builder user(CloneUser user) {
      users.add(user);
      return this;
    }

    /// Lets a key log in.
    public Builder authorizedKey(AuthorizedKey key) {
      authorizedKeys.add(key);
      return this;
    }

    /// Adds a program to run once.
    public Builder firstBoot(FirstBootScript script) {
      firstBoot.add(script);
      return this;
    }

    /// Adds files.
    public Builder copyIn(CopyIn copy) {
      copies.add(copy);
      return this;
    }

    /// Sets an interface.
    public Builder network(InterfaceSettings settings) {
      network.add(settings);
      return this;
    }

    /// Sets language, time zone and keyboard.
    public Builder regional(Regional settings) {
      regional = settings;
      return this;
    }

    /// Gives what only a Windows is given.
    public Builder windows(WindowsSetup setup) {
      windows = setup;
      return this;
    }

    /// Says what time it is.
    public Builder now(Instant instant) {
      now = instant;
      return this;
    }

    /// What was collected.
    public Personalisation build() {
      return new Personalisation(
          hostname,
          seed,
          machineId,
          extraHostKeys,
          users,
          authorizedKeys,
          firstBoot,
          copies,
          network,
          regional,
          windows,
          now);
    }
  }
}
