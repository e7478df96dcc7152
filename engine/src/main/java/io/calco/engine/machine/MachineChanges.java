package io.calco.engine.machine;

import io.calco.machine.libvirt.DomainEvent;
import io.calco.machine.libvirt.DomainEvent.What;
import io.calco.machine.libvirt.DomainState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What must have happened to machines between two looks at them, for those whom nobody told. What
/// began and ended in between is not seen.
final class MachineChanges {
  private static final String NOT_TOLD = "";

  private MachineChanges() {}

  /// In the words of events, without their details.
  static List<DomainEvent> between(List<MachineReport> before, List<MachineReport> now) {
    Map<UUID, MachineReport> gone = new LinkedHashMap<>();
    before.forEach(machine -> gone.put(machine.uuid(), machine));
    List<DomainEvent> events = new ArrayList<>();
    for (MachineReport machine : now) {
      @Nullable MachineReport earlier = gone.remove(machine.uuid());
      DomainState was = earlier == null ? DomainState.SHUT_OFF : earlier.state();
      if (earlier == null || !earlier.name().equals(machine.name())) {
        events.add(event(machine, What.DEFINED));
      }
      passage(was, machine.state()).forEach(what -> events.add(event(machine, what)));
    }
    List<DomainEvent> ended = new ArrayList<>();
    for (MachineReport machine : gone.values()) {
      if (machine.state().active()) {
        ended.add(event(machine, What.STOPPED));
      }
      ended.add(event(machine, What.UNDEFINED));
    }
    ended.addAll(events); // a name that is there again was free before
    return ended;
  }

  private static List<What> passage(DomainState was, DomainState is) {
    if (was == is) {
      return List.of();
    }
    List<What> passage = new ArrayList<>();
    if (!was.active() && is.active()) {
      passage.add(What.STARTED);
    }
    switch (is) {
      case PAUSED -> passage.add(What.SUSPENDED);
      case SUSPENDED -> passage.add(What.PM_SUSPENDED);
      case CRASHED -> passage.add(What.CRASHED);
      case RUNNING, BLOCKED -> {
        if (was == DomainState.PAUSED || was == DomainState.SUSPENDED) {
          passage.add(What.RESUMED);
        }
      }
      case SHUT_OFF -> {
        if (was.active()) {
          passage.add(What.STOPPED);
        }
      }
      case SHUTTING_DOWN, UNKNOWN -> {} // on the way
    }
    return passage;
  }

  private static DomainEvent event(MachineReport machine, What what) {
    return new DomainEvent(machine.name(), machine.uuid(), what, NOT_TOLD);
  }
}
