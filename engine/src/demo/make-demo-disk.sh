#!/usr/bin/env bash
# make-demo-disk.sh OUT.qcow2: the small disk that `calco demo` carries: GPT, a BIOS boot partition, an ESP, and an ext4 root
# with the files of a Debian that has lived a little. It has no kernel and does not boot. Needs sgdisk, mke2fs, ssh-keygen, qemu-img.
set -euo pipefail
out=${1:?usage: make-demo-disk.sh OUT.qcow2}
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
r=$t/root
mkdir -p "$r"/{bin,boot/grub,dev,etc/{ssh,udev/rules.d,network,systemd/system/multi-user.target.wants,cron.d},home/ana/.ssh,proc,root/.ssh,run,sys,tmp,usr/{bin,sbin,lib},var/{cache/apt/archives,lib/{dhcp,dpkg,systemd,dbus},log/journal/5f2c9f0f4c8b4c0e9d8a7b6c5d4e3f21,mail,spool/cron/crontabs,tmp}}
chmod 1777 "$r/tmp" "$r/var/tmp"; chmod 700 "$r/root" "$r/root/.ssh" "$r/home/ana/.ssh"
cat >"$r/etc/os-release" <<'F'
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
F
echo 12.11 >"$r/etc/debian_version"
echo maqueta >"$r/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 maqueta\n' >"$r/etc/hosts"
echo 5f2c9f0f4c8b4c0e9d8a7b6c5d4e3f21 >"$r/etc/machine-id"
ln -s /etc/machine-id "$r/var/lib/dbus/machine-id"
uuid=6b1f1c1e-54b0-4d51-9b51-0c9d0c0ffee1
echo "UUID=$uuid / ext4 defaults 0 1" >"$r/etc/fstab"
printf 'root:x:0:0:root:/root:/bin/bash\nsshd:x:100:65534::/run/sshd:/usr/sbin/nologin\nana:x:1000:1000:Ana:/home/ana:/bin/bash\n' >"$r/etc/passwd"
printf 'root:*:19700:0:99999:7:::\nsshd:!:19700::::::\nana:!:19700:0:99999:7:::\n' >"$r/etc/shadow"; chmod 640 "$r/etc/shadow"
printf 'root:x:0:\nsudo:x:27:ana\nssh:x:101:\nana:x:1000:\n' >"$r/etc/group"
printf 'root:*::\nsudo:*::ana\nssh:!::\nana:!::\n' >"$r/etc/gshadow"; chmod 640 "$r/etc/gshadow"
cp "$r/etc/passwd" "$r/etc/passwd-"
for k in ed25519 ecdsa rsa; do ssh-keygen -q -t $k -N '' -C root@maqueta -f "$r/etc/ssh/ssh_host_${k}_key"; done
printf 'Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n' >"$r/etc/ssh/sshd_config"
printf '#!/bin/sh\n' | tee "$r/usr/sbin/sshd" >"$r/usr/bin/ssh-keygen"; chmod 755 "$r/usr/sbin/sshd" "$r/usr/bin/ssh-keygen"
mkdir -p "$r/usr/lib/systemd"; ln -s usr/sbin "$r/sbin"; ln -s /lib/systemd/systemd "$r/usr/sbin/init"
for p in usr/lib/systemd/systemd usr/bin/bash usr/bin/sh usr/sbin/ifup; do # the header of an ELF program for x86-64, and nothing else
  { printf '\177ELF\2\1\1\0\0\0\0\0\0\0\0\0\2\0\76\0\1\0\0\0'; head -c 40 /dev/zero; } >"$r/$p"; chmod 755 "$r/$p"
done
printf kernel >"$r/boot/vmlinuz-6.1.0-37-amd64"; printf 'menuentry Debian {}\n' >"$r/boot/grub/grub.cfg"
printf 'source /etc/network/interfaces.d/*\nauto lo\niface lo inet loopback\niface ens3 inet dhcp\n' >"$r/etc/network/interfaces"
for p in base-files bash openssh-server systemd udev; do printf 'Package: %s\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n' $p; done >"$r/var/lib/dpkg/status"
echo 'mysql -psecreto' >"$r/root/.bash_history"; echo 'ssh root@servidor' >"$r/home/ana/.bash_history"
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDEMODEMODEMODEMODEMODEMODEMODEMODEMODEMODEMO ana@maqueta' | tee "$r/home/ana/.ssh/authorized_keys" >"$r/root/.ssh/authorized_keys"
echo 'lease { fixed-address 192.0.2.7; }' >"$r/var/lib/dhcp/dhclient.ens3.leases"
echo 'From x' >"$r/var/mail/ana"; echo '@daily true' >"$r/var/spool/cron/crontabs/ana"
echo 'a line of a log' >"$r/var/log/syslog"; echo journal >"$r/var/log/journal/5f2c9f0f4c8b4c0e9d8a7b6c5d4e3f21/system.journal"
head -c 512 /dev/zero | tr '\0' 'x' >"$r/var/lib/systemd/random-seed"
echo 'SUBSYSTEM=="net", ATTR{address}=="52:54:00:12:34:56", NAME="eth0"' >"$r/etc/udev/rules.d/70-persistent-net.rules"
head -c 20000 /dev/zero | tr '\0' 'd' >"$r/var/cache/apt/archives/old_1.0_amd64.deb"; echo left >"$r/tmp/leftover"
ln -s usr/lib "$r/lib"
chown -R 1000:1000 "$r/home/ana"

truncate -s 128M "$t/disk.raw"
sgdisk -n1:2048:+1M -t1:ef02 -n2:0:+16M -t2:ef00 -n3:0:0 -t3:8300 "$t/disk.raw" >/dev/null
read -r start size < <(partx -go START,SECTORS -n 3 "$t/disk.raw")
mke2fs -q -t ext4 -L root -U "$uuid" -d "$r" -E offset=$((start * 512)) "$t/disk.raw" $((size / 2))k
qemu-img convert -c -f raw -O qcow2 -o compression_type=zstd "$t/disk.raw" "$out"
