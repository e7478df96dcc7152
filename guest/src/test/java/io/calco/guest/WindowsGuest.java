package io.calco.guest;

import io.calco.guest.registry.FileTime;
import io.calco.guest.registry.Hive;
import io.calco.guest.registry.RegistryData;
import io.calco.guest.registry.RegistryData.Binary;
import io.calco.guest.registry.RegistryData.Dword;
import io.calco.guest.registry.RegistryData.Text;
import io.calco.guest.registry.RegistryData.TextList;
import io.calco.guest.registry.RegistryKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;

/// A Windows of three hives, as far as inspection looks at one; made here, not taken from a real
/// one.
public final class WindowsGuest {
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09Z");

  private WindowsGuest() {}

  /// One in this state, such as `IMAGE_STATE_COMPLETE`.
  public static MemoryFileSystem make(String imageState) throws IOException {
    return new MemoryFileSystem()
        .bytes("/WINDOWS/system32/Config/software", software(imageState))
        .bytes("/WINDOWS/system32/Config/SYSTEM", system())
        .bytes("/WINDOWS/system32/Config/SAM", sam());
  }

  private static byte[] software(String imageState) throws IOException {
    Hive hive = Hive.create("ROOT", NOW);
    RegistryKey version = hive.root().create("Microsoft\\Windows NT\\CurrentVersion");
    version.setValue("ProductName", new Text("Windows 10 Pro"));
    version.setValue("EditionID", new Text("Professional"));
    version.setValue("CurrentBuild", new Text("26100"));
    version.setValue("UBR", new Dword(1742));
    version.setValue("CurrentMajorVersionNumber", new Dword(10));
    version.setValue("CurrentMinorVersionNumber", new Dword(0));
    version.setValue("DisplayVersion", new Text("24H2"));
    hive.root()
        .create("Microsoft\\Windows\\CurrentVersion\\Setup\\State")
        .setValue("ImageState", new Text(imageState));
    return hive.bytes();
  }

  private static byte[] system() throws IOException {
    Hive hive = Hive.create("ROOT", NOW);
    RegistryKey root = hive.root();
    root.create("Select").setValue("Current", new Dword(2));
    set(root, "Setup", "SystemSetupInProgress", new Dword(0));
    set(root, "Setup", "CloneTag", new TextList(List.of("Wed May 06 07:00:00 2026")));
    set(root, "Setup\\Status\\SysprepStatus", "GeneralizationState", new Dword(7));
    RegistryKey control = root.create("ControlSet002\\Control");
    set(control, "ComputerName\\ComputerName", "ComputerName", new Text("AULA-07"));
    set(control, "TimeZoneInformation", "TimeZoneKeyName", new Text("Romance Standard Time"));
    set(control, "Session Manager\\Environment", "PROCESSOR_ARCHITECTURE", new Text("AMD64"));
    byte[] time =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(FileTime.of(NOW)).array();
    set(control, "Windows", "ShutdownTime", new Binary(Content.of(time)));
    RegistryKey services = root.create("ControlSet002\\Services");
    set(services, "viostor", "Start", new Dword(0));
    set(services, "NetKVM", "Start", new Dword(3));
    services.create("cloudbase-init");
    String card = "Tcpip\\Parameters\\Interfaces\\{0af2}";
    set(services, card, "EnableDHCP", new Dword(0));
    set(services, card, "IPAddress", new TextList(List.of("192.0.2.7")));
    return hive.bytes();
  }

  private static byte[] sam() throws IOException {
    Hive hive = Hive.create("ROOT", NOW);
    byte[] domain = new byte[40];
    ByteBuffer.wrap(domain)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(28, 111)
        .putInt(32, 222)
        .putInt(36, -1);
    RegistryKey account = hive.root().create("SAM\\Domains\\Account");
    account.setValue("V", new Binary(Content.of(domain)));
    account.create("Users\\Names\\Administrator");
    account.create("Users\\Names\\ana");
    return hive.bytes();
  }

  private static void set(RegistryKey below, String path, String name, RegistryData data)
      throws IOException {
    below.create(path).setValue(name, data);
  }
}
