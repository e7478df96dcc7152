package io.calco.backup;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/// The machine of libvirt's that a point's disk is of, as it was.
///
/// @param name its name
/// @param uuid its UUID
/// @param target the disk's place in it: `vda`
/// @param set which points were made of one instant: the same in all of them
/// @param targets all disks of that set, in the machine's order
/// @param checkpoint the checkpoint that libvirt made at that instant, from which the next backup
///   may go on; empty when there is none for this disk
/// @param xml its description, as it would have started next, without secrets; empty when it is too
///   long to be kept
public record DomainDisk(
    String name,
    UUID uuid,
    String target,
    UUID set,
    List<String> targets,
    Optional<String> checkpoint,
    Optional<String> xml) {
  /// Checks that it is whole, copies the list.
  public DomainDisk {
    Objects.requireNonNull(name);
    Objects.requireNonNull(uuid);
    Objects.requireNonNull(target);
    Objects.requireNonNull(set);
    targets = List.copyOf(targets);
  }
}
