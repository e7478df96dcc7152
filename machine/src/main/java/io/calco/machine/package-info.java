/// Machines of our own: QEMU, as long as it takes to see whether a disk boots, for as long as
/// somebody sits before it, or by itself ([PlainMachines]). Whether guests run on this host's
/// `/dev/kvm` is tried first ([Kvm]).
///
/// [MachineRun] runs one in the terminal. [BootTest] looks whether one comes up: it gives QEMU a
/// [io.calco.disk.Disk] over a Unix socket ([io.calco.nbd.NbdServer]) below a throw-away overlay,
/// and waits for what was agreed:
///
/// | [Expectation] | is met when |
/// |---|---|
/// | login | a console asks for a login |
/// | text | a console shows text that a regular expression fits |
/// | agent | the QEMU guest agent answers |
/// | port | the guest takes a TCP connection |
/// | picture | the screen shows what a picture shows |
///
/// Consoles are the first serial port, virtio's `hvc0`, on which systemd starts a login by itself,
/// and the screen while it is in text mode. What nobody would wait for is told at once: a kernel's
/// panic, a boot loader's rescue prompt, a firmware that finds nothing to boot, a machine that
/// stops.
///
/// # What a guest can do
///
/// It is hostile. In a test it reaches no network (`restrict=on`, unless one is asked for), no file
/// of the host and no other guest; it writes to an overlay that QEMU has already deleted; its
/// memory, processors and time are bounded, as is what is kept of its consoles. QEMU is killed at
/// the end whatever happens: by [BootTest] itself, and by the kernel when this process is killed
/// (`setpriv --pdeathsig`, where util-linux has it). One that runs in the terminal has a network
/// and the ports that its user opens to it, keeps what it writes if that is asked for, and is as
/// hostile to its disk's server ([io.calco.nbd]).
///
/// Read: QEMU's `qemu-options.hx`, `qapi/*.json`, 7.2; systemd's `getty-generator.c`.
///
/// Thread rule: values are values; all else is confined unless it says otherwise.
@NullMarked
package io.calco.machine;

import org.jspecify.annotations.NullMarked;
