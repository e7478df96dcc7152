package io.calco.guest.operation;

import java.util.List;
import java.util.Optional;

/// All operations, in the order in which they run.
public final class Operations {
  private static final List<Operation> ALL =
      List.of(
          // virt-sysprep's
          new AbrtData(),
          new BackupFiles(),
          new BashHistory(),
          new BlkidTab(),
          new CaCertificates(),
          new CrashData(),
          new CronSpool(),
          new DhcpClientState(),
          new DhcpServerState(),
          new DovecotData(),
          new FirewallRules(),
          new FlagReconfiguration(),
          new FsUuids(),
          new IpaClient(),
          new KerberosData(),
          new KerberosHostkeytab(),
          new Logfiles(),
          new LvmSystemDevices(),
          new LvmUuids(),
          new MailSpool(),
          new NetHostname(),
          new NetHwaddr(),
          new NetNmconn(),
          new PacctLog(),
          new PackageManagerCache(),
          new PamData(),
          new PasswdBackups(),
          new PuppetDataLog(),
          new RhSubscriptionManager(),
          new RhnSystemid(),
          new RpmDb(),
          new SambaDbLog(),
          new Script(),
          new SmoltUuid(),
          new SshHostkeys(),
          new SshUserdir(),
          new SssdDbLog(),
          new TmpFiles(),
          new UdevPersistentNet(),
          new UserAccount(),
          new Utmp(),
          new YumUuid(),
          new ZshHistory(),
          // what it leaves behind
          new ChefClient(),
          new CloudInit(),
          new ContainerHost(),
          new CoreDumps(),
          new DesktopSession(),
          new DhcpIdentity(),
          new IscsiInitiator(),
          new KubernetesNode(),
          new LuksUuids(),
          new LvmBackups(),
          new MeshNetwork(),
          new NetworkManagerState(),
          new NvmeHost(),
          new OtherLogs(),
          new PackageIndexes(),
          new SaltMinion(),
          new ShellHistory(),
          new SystemdState(),
          new UbuntuServices(),
          new UuidClock(),
          new ClearRandomSeed(),
          // last: nothing may write after them what they took away
          new ClearHostname(),
          new Customize(),
          new SshFirstBoot(),
          new ClearMachineId());

  private Operations() {}

  /// All of them.
  public static List<Operation> all() {
    return ALL;
  }

  /// The one with this name.
  public static Optional<Operation> find(String name) {
    return ALL.stream().filter(operation -> operation.name().equals(name)).findFirst();
  }
}
