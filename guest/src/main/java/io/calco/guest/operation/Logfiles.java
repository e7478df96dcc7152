package io.calco.guest.operation;

import io.calco.guest.Draft;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/// Removes logs, journals and caches that tell of one machine. The records of logins are emptied
/// instead: nothing but the files' being there makes programs keep them.
final class Logfiles extends Operation {
  private static final Set<String> LOGINS =
      Set.of(
          "/var/log/wtmp",
          "/var/log/btmp",
          "/var/log/lastlog",
          "/var/log/faillog",
          "/var/log/tallylog");

  private static final List<String> PATTERNS =
      List.of(
          // system logs
          "/var/log/*.log*",
          "/var/log/audit/*",
          "/var/log/btmp*",
          "/var/log/cron*",
          "/var/log/debug*",
          "/var/log/dmesg*",
          "/var/log/faillog*",
          "/var/log/firewalld*",
          "/var/log/grubby*",
          "/var/log/journal/*",
          "/var/log/lastlog*",
          "/var/log/mail/*",
          "/var/log/maillog*",
          "/var/log/messages*",
          "/var/log/sa/*",
          "/var/log/secure*",
          "/var/log/spooler*",
          "/var/log/syslog*",
          "/var/log/tallylog*",
          "/var/log/wtmp*",
          "/var/log/xferlog*",
          // services' logs
          "/var/log/BackupPC/LOG",
          "/var/log/ConsoleKit/*",
          "/var/log/apache2/*_log",
          "/var/log/apache2/*_log-*",
          "/var/log/ceph/*.log",
          "/var/log/chrony/*.log",
          "/var/log/cups/*_log*",
          "/var/log/exim4/*",
          "/var/log/gdm/*",
          "/var/log/glusterfs/*glusterd.vol.log",
          "/var/log/glusterfs/glusterfs.log",
          "/var/log/httpd/*log",
          "/var/log/jetty/jetty-console.log",
          "/var/log/libvirt/libvirtd.log",
          "/var/log/libvirt/libxl/*.log",
          "/var/log/libvirt/lxc/*.log",
          "/var/log/libvirt/qemu/*.log",
          "/var/log/libvirt/uml/*.log",
          "/var/log/lightdm/*",
          "/var/log/ntp",
          "/var/log/ntpstats/*",
          "/var/log/ppp/connect-errors",
          "/var/log/rhsm/*",
          "/var/log/setroubleshoot/*.log",
          "/var/log/squid/*.log",
          "/var/log/tuned/tuned.log",
          "/var/named/data/named.run",
          "/var/lib/logrotate.status",
          "/var/lib/logrotate/status",
          // what installers and package managers wrote
          "/root/anaconda-ks.cfg",
          "/root/anaconda-post.log",
          "/root/initial-setup-ks.cfg",
          "/root/install.log",
          "/root/install.log.syslog",
          "/root/original-ks.cfg",
          "/var/log/anaconda.syslog",
          "/var/log/anaconda/*",
          "/var/log/apt/*",
          "/var/log/aptitude*",
          "/var/log/installer/*",
          // sessions, fingerprints, caches
          "/var/cache/fontconfig/*",
          "/var/cache/gdm/*",
          "/var/cache/man/*",
          "/var/lib/AccountService/users/*",
          "/var/lib/AccountsService/users/*",
          "/var/lib/fprint/*",
          // certificates of Pegasus
          "/etc/Pegasus/*.cnf",
          "/etc/Pegasus/*.crt",
          "/etc/Pegasus/*.csr",
          "/etc/Pegasus/*.pem",
          "/etc/Pegasus/*.srl");

  Logfiles() {
    super("logfiles", Default.ON, "Remove logs, journals and caches; empty the records of logins");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    for (String pattern : PATTERNS) {
      for (String path : draft.glob(pattern)) {
        if (LOGINS.contains(path)) {
          draft.empty(path);
        } else {
          draft.remove(path);
        }
      }
    }
  }
}
