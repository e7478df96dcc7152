/// LUKS volumes: disks encrypted under a random key, which lies in the volume's header, encrypted
/// under passphrases.
///
/// Read: the LUKS1 On-Disk Format Specification 1.2.3, and where it is silent what QEMU 7.2 and
/// cryptsetup 2.6 do.
///
/// | feature | |
/// |---|---|
/// | version 1 | read, written, created as QEMU creates it |
/// | version 2 | refused, by name; io.calco.volume.luks has it |
/// | AES-128, -192, -256 in XTS or CBC; `plain`, `plain64`, `essiv:sha256` | read and written |
/// | hashes SHA-1, -224, -256, -384, -512 | read and written |
/// | key slots | all eight are tried; a new volume has one |
/// | more than 12,000,000 rounds of PBKDF2, stripes other than 4000 | refused, by number |
/// | slots that overlap each other, the header or the data; a header kept apart | refused |
///
/// ## From the passphrase to the key
///
/// PBKDF2 makes a key of the passphrase and the slot's salt; it decrypts the slot's key material,
/// 4000 stripes, of which every bit is needed to have the key back ([AntiForensic]): what is erased
/// but for one sector is erased. PBKDF2 of the key itself tells whether it is the right one.
///
/// Bytes of keys are wiped where they are ours to wipe.
///
/// Write order: the header and one key slot are written once, when a volume is made; guest sectors
/// are written in place. There is nothing that a crash could leave half done.
///
/// [LuksVolume] is the door for everyone who meets a volume: this package's own format `luks`, a
/// file with a volume in it; the crypto header of qcow2; a partition. [LuksOptions] says what a new
/// one is like. [CipherSpec], [LuksHash], [Pbkdf2] and [AntiForensic] are what version 2 is made of
/// too.
///
/// Oracle: qemu-img and qemu-io 7.2, cryptsetup 2.6.
@NullMarked
package io.calco.disk.luks;

import org.jspecify.annotations.NullMarked;
