package io.calco.volume.luks;

import io.calco.disk.Disk;
import io.calco.disk.DiskFile;
import io.calco.disk.FormatVersionException;
import io.calco.disk.JobContext;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.bytes.BigEndian;
import io.calco.disk.crypt.SectorEncryption;
import io.calco.disk.luks.KeyChange;
import io.calco.disk.luks.LuksVolume;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/// LUKS volumes in disks: found, opened, their passphrases changed.
public final class Luks {
  private static final int PREFIX = 8;
  private static final String NAME = "LUKS volume";

  private Luks() {}

  /// True when the disk begins with the mark of a volume, of version 1 or 2. A version 2 volume
  /// whose beginning was overwritten is not one: a file system may lie there now.
  public static boolean isIn(Disk disk) throws IOException {
    int version = version(disk);
    return version == 1 || version == 2;
  }

  /// 0 when there is no mark.
  private static int version(Disk disk) throws IOException {
    if (disk.size() < PREFIX) {
      return 0;
    }
    byte[] prefix = disk.readBytes(0, PREFIX);
    byte[] magic = Luks2Layout.PRIMARY_MAGIC;
    return Arrays.equals(prefix, 0, magic.length, magic, 0, magic.length)
        ? BigEndian.u16(prefix, Luks2Layout.VERSION)
        : 0;
  }

  /// What the header says.
  ///
  /// @throws io.calco.disk.DiskException when it cannot be used
  public static LuksFacts inspect(Disk disk) throws IOException {
    return isVersion2(disk)
        ? LuksFacts.of(Luks2Volume.read(file(disk)))
        : LuksFacts.of(LuksVolume.read(file(disk), 0, disk.size()));
  }

  /// The volume's name for itself: what `UUID=` in crypttab and `rd.luks.uuid=` mean.
  ///
  /// @throws io.calco.disk.DiskException when the header cannot be used
  public static String uuid(Disk disk) throws IOException {
    return isVersion2(disk) ? Luks2Header.read(file(disk)).uuid() : inspect(disk).uuid();
  }

  /// The volume's bytes in the clear, read and, where `disk` can be, written.
  ///
  /// Takes as long as the makers of its key slots wanted, seconds often, and for Argon2 as much
  /// memory.
  ///
  /// @param disk left open when the volume is closed; outlives it
  /// @param passphrase one, or the bytes of a key file
  /// @throws PassphraseException when it does not open the volume
  /// @throws io.calco.disk.DiskException when the volume cannot be opened
  public static Disk open(Disk disk, Passphrase passphrase) throws IOException {
    if (isVersion2(disk)) {
      Luks2Volume volume = Luks2Volume.read(file(disk));
      try (MasterKey key = volume.unlock(passphrase)) {
        return Disk.owning(
            new LuksDisk(NAME, disk, volume.payload(), volume.encryption(key.bytes())));
      }
    }
    LuksVolume volume = LuksVolume.read(file(disk), 0, disk.size());
    return Disk.owning(
        new LuksDisk(NAME, disk, payload(volume, disk.size()), volume.unlock(passphrase)));
  }

  private static Payload payload(LuksVolume volume, long size) {
    long length = size - volume.payloadOffset();
    int sector = SectorEncryption.SECTOR;
    return new Payload(volume.payloadOffset(), length - length % sector, 0, sector);
  }

  /// Gives a volume that nobody has open another master key: whatever was known of the old one, and
  /// every passphrase but those given, opens nothing of it any more. The cipher stays, and what a
  /// try of a passphrase costs.
  ///
  /// All that the disk holds of the payload is encrypted anew, in place. **After a failure, a
  /// cancellation or a crash the volume is lost**: this is for a copy that can be made again.
  ///
  /// @param disk writable
  /// @param kept passphrases whose slots stay; those that open none are left out of account
  /// @throws PassphraseException when none opens the volume; nothing was written then
  /// @throws io.calco.disk.DiskException when the header cannot be used
  public static Reencryption reencrypt(Disk disk, List<Passphrase> kept, JobContext job)
      throws IOException {
    if (isVersion2(disk)) {
      Luks2Volume volume = Luks2Volume.read(file(disk));
      try (KeyChange change = Luks2KeyChange.of(volume, kept)) {
        return Reencryption.run(disk, volume.payload(), change, job);
      }
    }
    LuksVolume volume = LuksVolume.read(file(disk), 0, disk.size());
    try (KeyChange change = volume.changeKey(kept)) {
      return Reencryption.run(disk, payload(volume, disk.size()), change, job);
    }
  }

  /// Gives a volume another name for itself; what names the old one is the caller's to mend. An
  /// open volume stays so. On the medium when this returns; a crash leaves the old name or the new.
  ///
  /// @throws io.calco.disk.DiskException when the header cannot be used
  public static void setUuid(Disk disk, UUID uuid) throws IOException {
    if (isVersion2(disk)) {
      Luks2Header header = Luks2Header.read(file(disk));
      header.setUuid(uuid);
      header.write();
    } else {
      LuksVolume.read(file(disk), 0, disk.size()).setUuid(uuid);
    }
  }

  /// The passphrases, to be changed where the disk can be written.
  ///
  /// @throws io.calco.disk.DiskException when the header cannot be used
  public static PassphraseSlots passphraseSlots(Disk disk) throws IOException {
    return isVersion2(disk)
        ? new Luks2PassphraseSlots(Luks2Volume.read(file(disk)))
        : LuksVolume.read(file(disk), 0, disk.size()).passphraseSlots();
  }

  /// Without a mark it is version 2 or nothing: that one has a second header.
  private static boolean isVersion2(Disk disk) throws IOException {
    int version = version(disk);
    if (version > 2) {
      throw new FormatVersionException(
          "%s: version %d; known are 1 and 2".formatted(NAME, version));
    }
    return version != 1;
  }

  private static DiskFile file(Disk disk) {
    return new DiskFile(NAME, disk);
  }
}
