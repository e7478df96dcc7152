/// LUKS volumes in disks, partitions and logical volumes: opened as disks, their passphrases
/// changed. [Luks] is the door.
///
/// Read: the LUKS1 On-Disk Format Specification 1.2.3, the LUKS2 On-Disk Format Specification
/// 1.1.1, and where they are silent what cryptsetup 2.6 does. Version 1 is io.calco.disk.luks's,
/// which has it as an image format; the ciphers are io.calco.disk.crypt's.
///
/// | version 2 | |
/// |---|---|
/// | primary and secondary header, the newest whole one | read and written |
/// | keyslots of the type `luks2`: PBKDF2, Argon2i, Argon2id; priorities | read and written |
/// | AES-128, -192, -256 in XTS or CBC; `plain`, `plain64`, `essiv:sha256`; sectors of 512 to 4096 | read and written |
/// | hashes SHA-1, -224, -256, -384, -512 | read and written |
/// | tokens | kept, not used |
/// | one segment; more while cryptsetup re-encrypts | the latter refused, by name |
/// | integrity protection, mandatory requirements, other ciphers, hashes, types | refused, by name |
/// | a header kept apart from its data | refused |
///
/// **Hostile headers.** A header is at most 4 MiB, and is believed when its checksum holds. Fields
/// are judged one by one where they are used ([JsonFields]). What a keyslot asks for is bounded:
/// 12,000,000 rounds of PBKDF2; for Argon2 4 GiB of memory and 4 lanes, which are cryptsetup's
/// bounds, and no more memory than Java's heap can have; about a minute for one slot, five for all.
/// A slot that asks for more, or for what we do not have, is no hindrance when another opens.
///
/// **Memory.** Argon2 is Bouncy Castle's; it and the JSON library are loaded when a version 2
/// volume is opened, not before.
///
/// **Write order.** In Luks2PassphraseSlots: at any time one header is whole, and names no slot
/// whose material is not there. Data are written in place, in whole sectors.
///
/// Bytes of keys are wiped where they are ours to wipe.
///
/// Thread rule: an open volume is a [io.calco.disk.Disk]; all else is for one thread at a time on a
/// disk.
///
/// Oracle: cryptsetup 2.6, qemu-img 7.2.
@NullMarked
package io.calco.volume.luks;

import org.jspecify.annotations.NullMarked;
