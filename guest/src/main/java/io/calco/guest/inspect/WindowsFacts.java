package io.calco.guest.inspect;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A Windows, as its registry tells. What the registry does not say is empty.
///
/// @param product `Windows 11 Pro`, `Windows Server 2022 Standard`; a Windows 11 that calls itself
///   10 is named right
/// @param edition `Professional`, `ServerStandard` …
/// @param version `10.0`, `6.1` …
/// @param build with the update's number when there is one: `20348.2031`
/// @param displayVersion `24H2`, `1809` …
/// @param architecture as `uname -m` would call it: `x86_64`, `i686`, `aarch64`
/// @param computerName its NetBIOS name
/// @param machineSid `S-1-5-21-…`, which every clone must have its own of
/// @param timeZone Windows' name of it
/// @param lastShutdown when it was last shut down in order
/// @param sysprep whether it was generalised
/// @param cloudbaseInit the service is installed
/// @param drivers paravirtual drivers that are installed
/// @param staticAddresses IPv4 addresses that interfaces do not get by DHCP
/// @param users accounts of its own
public record WindowsFacts(
    Optional<String> product,
    Optional<String> edition,
    Optional<String> version,
    Optional<String> build,
    Optional<String> displayVersion,
    Optional<String> architecture,
    Optional<String> computerName,
    Optional<String> machineSid,
    Optional<String> timeZone,
    Optional<Instant> lastShutdown,
    SysprepState sysprep,
    boolean cloudbaseInit,
    List<Driver> drivers,
    List<String> staticAddresses,
    List<String> users) {

  /// Copies the lists.
  public WindowsFacts {
    drivers = List.copyOf(drivers);
    staticAddresses = List.copyOf(staticAddresses);
    users = List.copyOf(users);
  }

  /// A driver for a hypervisor's device.
  ///
  /// @param service `viostor`, `vioscsi`, `netkvm`, …
  /// @param start when Windows loads it
  public record Driver(String service, Start start) {}

  /// When Windows loads a driver.
  public enum Start {
    BOOT,
    SYSTEM,
    AUTOMATIC,
    ON_DEMAND,
    DISABLED,
    UNKNOWN
  }

  /// How far setting up went.
  ///
  /// @param imageState `IMAGE_STATE_COMPLETE`, `IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE` …; Windows'
  ///   own word for it
  /// @param generalizationState of `SysprepStatus`
  /// @param setupInProgress the next boot goes on with setting up
  /// @param cloneTag when sysprep last ran
  public record SysprepState(
      Optional<String> imageState,
      Optional<Integer> generalizationState,
      boolean setupInProgress,
      Optional<String> cloneTag) {

    /// True when Windows' own sysprep generalised it and it has not started since: the next boot
    /// gives it a new identity.
    public boolean generalised() {
      return imageState.isPresent()
          && imageState.get().startsWith("IMAGE_STATE_GENERALIZE_RESEAL_TO_");
    }
  }
}
