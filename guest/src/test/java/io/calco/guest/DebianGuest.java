package io.calco.guest;

import io.calco.fs.FileType;

/// A used Debian machine as a [MemoryFileSystem]: the files of `make-guest.sh`, with what else a
/// machine gathers.
public final class DebianGuest {
  private DebianGuest() {}

  /// A fresh one.
  public static MemoryFileSystem make() {
    MemoryFileSystem fs = new MemoryFileSystem("11111111-2222-3333-4444-555555555555");
    system(fs);
    for (String type : new String[] {"rsa", "ecdsa", "ed25519"}) {
      fs.file("/etc/ssh/ssh_host_" + type + "_key", "secret", 0600, 0);
      fs.file("/etc/ssh/ssh_host_" + type + "_key.pub", "ssh-" + type + " AAAA root@original\n");
    }
    fs.file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n", 0444, 0)
        .symlink("/var/lib/dbus/machine-id", "/etc/machine-id")
        .file("/root/.bash_history", "mysql -psecreto\n", 0600, 0)
        .file("/home/ana/.bash_history", "history\n", 0600, 1000)
        .file("/home/ana/.python_history", "import os\n", 0600, 1000)
        .file("/home/ana/.local/share/fish/fish_history", "- cmd\n", 0600, 1000)
        .file("/home/ana/.ssh/authorized_keys", "ssh-ed25519 AAAA ana\n", 0600, 1000)
        .own("/home/ana", 1000)
        .file("/home/ana/notes.txt", "keep me\n", 0644, 1000)
        .file("/root/.ssh/authorized_keys", "ssh-ed25519 AAAA ana\n", 0600, 0)
        .file("/var/lib/dhcp/dhclient.ens3.leases", "lease\n")
        .file("/var/spool/mail-of-nobody", "x")
        .file("/var/mail/ana", "From x\n", 0660, 1000)
        .file("/var/spool/cron/crontabs/ana", "@daily true\n", 0600, 1000)
        .file("/var/spool/cron/atjobs/.SEQ", "0000f\n")
        .file("/var/lib/systemd/random-seed", "r".repeat(512), 0600, 0)
        .file("/var/lib/systemd/credential.secret", "s", 0400, 0)
        .file("/var/lib/systemd/timers/stamp-apt-daily.timer", "")
        .file("/var/lib/systemd/catalog/database", "c")
        .file("/var/log/syslog", "secret log line\n", 0640, 0)
        .file("/var/log/wtmp", "login", 0664, 0)
        .file("/var/log/postgresql/main", "query\n", 0640, 100)
        .file("/var/log/postgresql/main.1.gz", "old", 0640, 100)
        .file("/var/log/journal/0123456789abcdef0123456789abcdef/system.journal", "j")
        .file("/etc/udev/rules.d/70-persistent-net.rules", "rule\n")
        .file("/var/cache/apt/archives/old_1.0_amd64.deb", "d".repeat(300))
        .dir("/var/cache/apt/archives/partial")
        .file("/tmp/leftover", "tmp\n")
        .file("/tmp/.hidden/x", "tmp\n")
        .file("/etc/passwd-", "bak\n")
        .file("/etc/iscsi/initiatorname.iscsi", "InitiatorName=iqn.1993-08.org.debian:01:abc\n")
        .file("/srv/site/page.html~", "old\n")
        .special("/var/lib/fifo~", FileType.FIFO);
    return fs;
  }

  private static void system(MemoryFileSystem fs) {
    fs.file("/usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n")
        .symlink("/etc/os-release", "../usr/lib/os-release")
        .symlink("/bin", "usr/bin")
        .symlink("/sbin", "usr/sbin")
        .symlink("/lib", "usr/lib")
        .file("/usr/lib/systemd/systemd", "ELF")
        .symlink("/usr/sbin/init", "/lib/systemd/systemd")
        .file("/usr/bin/bash", "\u007fELF")
        .symlink("/usr/bin/sh", "bash")
        .file("/usr/sbin/sshd", "ELF")
        .file("/usr/bin/ssh-keygen", "ELF")
        .file("/etc/ssh/sshd_config", "#HostKey /etc/ssh/ssh_host_rsa_key\nUsePAM yes\n")
        .dir("/etc/systemd/system/multi-user.target.wants")
        .file("/etc/hostname", "original\n")
        .file("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 original\n192.0.2.1 other # original\n")
        .file("/etc/fstab", "UUID=11111111-2222-3333-4444-555555555555 / ext4 defaults 0 1\n")
        .file(
            "/etc/passwd",
            """
            root:x:0:0:root:/root:/bin/bash
            daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
            nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
            ana:x:1000:1000::/home/ana:/bin/bash
            """)
        .file("/etc/shadow", "root:$y$secret:19000:0:99999:7:::\nana:!:19000::::::\n", 0640, 0)
        .file("/etc/group", "root:x:0:\nsudo:x:27:ana\nana:x:1000:\n")
        .file("/etc/gshadow", "root:*::\nsudo:*::ana\nana:!::\n", 0640, 0)
        .file("/etc/subuid", "ana:100000:65536\n")
        .file("/etc/subgid", "ana:100000:65536\n")
        .file("/etc/skel/.bashrc", "# bash\n")
        .file("/etc/skel/.config/x", "x\n")
        .dir("/etc/sudoers.d")
        .symlink("/var/run", "/run")
        .dir("/run")
        .dir("/var/tmp")
        .file(
            "/var/lib/dpkg/status",
            "Package: a\nStatus: install ok installed\n\nPackage: b\n"
                + "Status: deinstall ok config-files\n\nPackage: c\nStatus: install ok installed\n");
  }
}
