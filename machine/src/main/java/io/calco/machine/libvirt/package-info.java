/// libvirt's own protocol, spoken to its daemon over the Unix socket that virsh and virt-manager
/// use: what one makes, the others see (docs/decisions/0019-libvirt.md).
///
/// [Connection] is the way in; [Domains] are machines, [StoragePools] their disks, [BlockJobs] work
/// on those while their machines run, [DomainBackups] backups of them meanwhile; [DomainEvents]
/// tell what happens to machines; [DomainXml] describes a machine, makes it another's twin, or
/// describes a new one.
///
/// Specification: libvirt's `src/rpc/virnetprotocol.x`, `src/remote/remote_protocol.x` (program
/// 0x20008086, version 1) and `src/rpc/virkeepaliveprotocol.x` (0x6b656570, version 1), XDR as RFC
/// 4506 has it. Procedures and structures only ever get company; tried with 9.0.
///
/// | | |
/// |---|---|
/// | spoken | questions, answers, streams, events of machines, keepalive; no authentication, or polkit's |
/// | other hosts | over SSH, whose server connects to the socket there |
/// | refused | SASL, file descriptors beside messages, TLS |
/// | not asked for | events of pools, networks and devices |
///
/// A daemon is hostile, too: a message, a string and a list are compared with the protocol's limits
/// before memory is set aside for them, an answer to what was not asked ends the connection, and so
/// does one that does not come. XML is read without document types and entities.
///
/// Thread rule: a connection and what it gives are safe; values are values.
@NullMarked
package io.calco.machine.libvirt;

import org.jspecify.annotations.NullMarked;
