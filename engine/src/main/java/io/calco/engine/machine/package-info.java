/// Machines that libvirt has, seen together with the catalogue: which run a template's disk or a
/// clone's, and what may be deleted with one.
///
/// [Machines] is the way in. What it makes is libvirt's own: virsh and virt-manager see it, and it
/// sees what they make; nothing is recorded here that libvirt knows better.
///
/// Thread rule: [Machines] is safe for several threads; values are values.
@NullMarked
package io.calco.engine.machine;

import org.jspecify.annotations.NullMarked;
