package io.calco.engine.classroom;

import io.calco.engine.CloneReport;
import io.calco.engine.machine.CloneMachine;
import java.util.Optional;

/// A seat of a class as it is now.
///
/// @param number from 1
/// @param disk the clone that sits here; its name is the seat's
/// @param machine what runs it; empty when libvirt has none, or was not asked
/// @param overQuota its disk takes more of the host than the class allows
public record Seat(
    int number, CloneReport disk, Optional<CloneMachine> machine, boolean overQuota) {

  /// The clone's name.
  public String name() {
    return disk.facts().name();
  }

  /// True when its machine holds the disk.
  public boolean active() {
    return machine.isPresent() && machine.get().state().active();
  }

  /// True when what its guest writes lasts until the machine is off.
  public boolean frozen() {
    return machine.isPresent() && machine.get().frozen();
  }
}
