/// qcow images of version 1, read only: what QEMU wrote before 2009, and Eucalyptus and old
/// OpenStack hand out.
///
/// Read: what QEMU 7.2 does; no specification was ever published. All numbers are big-endian. A
/// table of L1 entries points at tables of L2 entries, an L2 entry at a cluster; its highest bit
/// marks a cluster packed with deflate, whose length in bytes stands below that bit.
///
/// | feature | |
/// |---|---|
/// | clusters of 512 B–64 KiB, L2 tables of 64–8192 entries | read, as QEMU |
/// | compressed clusters | read |
/// | backing image | named, never opened here; its format is not recorded |
/// | AES encryption | read; nothing tells a wrong passphrase from the right one |
/// | modification time in the header | ignored, as QEMU |
///
/// Oracle: qemu-img and qemu-io 7.2. Write order: none. Thread rule: safe for several threads.
@NullMarked
package io.calco.disk.qcow;

import org.jspecify.annotations.NullMarked;
