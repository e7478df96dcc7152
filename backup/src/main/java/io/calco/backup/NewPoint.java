package io.calco.backup;

import java.util.List;
import java.util.Optional;

/// What a point is to be made with.
///
/// @param machine whose disk it is, as [RestorePoint#isMachine] has it
/// @param remarks what is said of it
/// @param origin where the bytes come from
/// @param system what is installed in it
/// @param keys what else is needed to read it, as [RestorePoint] has them
/// @param warnings what is known to be amiss, besides what the division tells
/// @param unread what of the disk is not there
/// @param hardware the machine that it was in
/// @param domain the machine of libvirt's whose disk it is
/// @param packages what is installed in it, for its own part
public record NewPoint(
    String machine,
    Remarks remarks,
    Origin origin,
    Optional<InstalledSystem> system,
    List<String> keys,
    List<String> warnings,
    Optional<Unread> unread,
    Optional<Hardware> hardware,
    Optional<DomainDisk> domain,
    Optional<PackageList> packages) {

  /// Copies the lists.
  public NewPoint {
    keys = List.copyOf(keys);
    warnings = List.copyOf(warnings);
  }

  /// With nothing more to say.
  public static NewPoint of(String machine, Origin origin) {
    return new NewPoint(
        machine,
        Remarks.none(),
        origin,
        Optional.empty(),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
