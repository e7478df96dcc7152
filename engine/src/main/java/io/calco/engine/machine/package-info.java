/// Machines that libvirt has, seen together with the catalogue: which run a template's disk or a
/// clone's, and what may be deleted with one.
///
/// [Machines] is the way in. What it makes is libvirt's own: virsh and virt-manager see it, and it
/// sees what they make; nothing is recorded here that libvirt knows better.
///
/// On hosts without libvirt [PlainHost] keeps machines in the home and has QEMU run them;
/// [MachineHost] is what front ends need of either. [BootTrial] boots any disk to see whether it
/// does, [MachineRuns] runs one in a terminal; [MachineSource] is what a user names for either.
///
/// Thread rule: [Machines] is safe for several threads; values are values.
@NullMarked
package io.calco.engine.machine;

import org.jspecify.annotations.NullMarked;
