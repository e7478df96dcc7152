package io.calco.backup;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// What is known of a restore point. A value; its bytes come from [RestorePoints#open].
///
/// @param id its own
/// @param created when it was begun
/// @param machine whose disk it is: 1 to 200 letters of any kind but `/`, `@` and control
///   characters
/// @param remarks what people say of it
/// @param origin where its bytes came from
/// @param disk the disk
/// @param system what is installed in it, when that was looked for and found
/// @param keys what is needed to read it: `repository` for the repository's passphrase, `luks/UUID`
///   for an encrypted volume in it
/// @param work what making it took
/// @param warnings what could not be done as it was meant, one sentence each
/// @param checks the last of each kind
/// @param unread what of the disk could not be read, and is zeroes
/// @param hardware the machine that the disk was in, when it was a whole disk of one
/// @param domain the machine of libvirt's whose disk it is, when it was taken as such
public record RestorePoint(
    UUID id,
    Instant created,
    String machine,
    Remarks remarks,
    Origin origin,
    DiskFacts disk,
    Optional<InstalledSystem> system,
    List<String> keys,
    BackupWork work,
    List<String> warnings,
    List<PointCheck> checks,
    Optional<Unread> unread,
    Optional<Hardware> hardware,
    Optional<DomainDisk> domain) {
  private static final int MACHINE_MAX = 200;

  /// Checks the name, copies.
  public RestorePoint {
    if (!isMachine(machine)) {
      throw new IllegalArgumentException(
          "a machine's name is 1 to 200 letters of any kind but /, @ and control characters");
    }
    keys = List.copyOf(keys);
    warnings = List.copyOf(warnings);
    checks = List.copyOf(checks);
  }

  /// True when a machine can be called so.
  public static boolean isMachine(String name) {
    return !name.isEmpty()
        && name.length() <= MACHINE_MAX
        && name.codePoints().noneMatch(c -> c == '/' || c == '@' || Character.isISOControl(c));
  }

  /// The name of its root in the store.
  public String rootName() {
    return RestorePoints.PREFIX + machine + "/" + id;
  }

  /// The same with other remarks.
  public RestorePoint with(Remarks other) {
    return new RestorePoint(
        id, created, machine, other, origin, disk, system, keys, work, warnings, checks, unread,
        hardware, domain);
  }

  /// The same with what a check found, in place of the last one of its kind.
  public RestorePoint with(PointCheck check) {
    List<PointCheck> now = new ArrayList<>(checks);
    now.removeIf(one -> one.kind() == check.kind());
    now.add(check);
    return new RestorePoint(
        id, created, machine, remarks, origin, disk, system, keys, work, warnings, now, unread,
        hardware, domain);
  }
}
