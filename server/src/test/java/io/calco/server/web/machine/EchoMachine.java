package io.calco.server.web.machine;

import io.calco.testkit.LibvirtServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/// A machine of one sector: it repeats what its serial port hears, for ever. Its screen shows what
/// its firmware has said.
final class EchoMachine {
  /// `mov dx, 0x3fd; in al, dx; test al, 1; jz -8; mov dx, 0x3f8; in al, dx; out dx, al; jmp -15`
  private static final byte[] ECHO = HexFormat.of().parseHex("bafd03eca80174f8baf803eceeebf1");

  private static final int SECTOR = 512;

  private EchoMachine() {}

  /// Its disk.
  static Path disk(Path file) throws IOException {
    byte[] disk = new byte[1 << 20];
    System.arraycopy(ECHO, 0, disk, 0, ECHO.length);
    disk[SECTOR - 2] = 0x55;
    disk[SECTOR - 1] = (byte) 0xaa;
    return Files.write(file, disk);
  }

  /// Defines it.
  ///
  /// @param graphics elements of its description
  static void define(LibvirtServer server, String name, Path disk, String graphics)
      throws IOException {
    server.define(
        """
        <domain type='qemu'>
          <name>%s</name>
          <memory unit='MiB'>64</memory>
          <vcpu>1</vcpu>
          <os><type arch='x86_64' machine='q35'>hvm</type><boot dev='hd'/></os>
          <features><acpi/></features>
          <devices>
            <disk type='file' device='disk'>
              <driver name='qemu' type='raw'/>
              <source file='%s'/>
              <target dev='vda' bus='virtio'/>
            </disk>
            <serial type='pty'/>
            <console type='pty'><target type='serial'/></console>
            %s
            <video><model type='vga'/></video>
          </devices>
        </domain>
        """
            .formatted(name, disk, graphics));
  }
}
