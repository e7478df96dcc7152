/// Encryption of disks by sectors, under every format that has it: LUKS volumes, qcow2, qcow.
///
/// A disk is encrypted in sectors of 512 bytes, or up to 4096, each by itself, so that any can be
/// read or written alone; what makes equal sectors different is their number. [SectorEncryption] is
/// a key with the scheme it is used by; [EncryptedFile] is a host file seen through it, which
/// formats hand out in place of their own file where the guest's bytes lie.
///
/// | scheme | |
/// |---|---|
/// | AES-128, -192 and -256 in XTS (IEEE 1619) and CBC | read and written |
/// | sector numbers `plain` (32 bits), `plain64` and `essiv` with SHA-256 | read and written |
/// | other ciphers and modes | refused where their name stands |
///
/// Both modes are composed of the JDK's AES on single blocks (ECB), called once for a batch of
/// sectors: the processor works on many blocks at once, which CBC's own writing direction would not
/// let it.
///
/// Key bytes are wiped when a [SectorEncryption] is closed; the copies inside the JDK's ciphers are
/// the garbage collector's.
///
/// Oracle: vectors of IEEE 1619-2007; qemu-img 7.2 and cryptsetup 2.6 through the formats.
@NullMarked
package io.calco.disk.crypt;

import org.jspecify.annotations.NullMarked;
