# How the samples were made: in a machine with the kernel's md (libguestfs's), on ten disks of 6 MiB;
# what it prints after SUM is in md.sha256.
exec 2>&1
for n in 0 1 2 3 4 5 6 7 8 9; do set -- /sys/bus/scsi/devices/*:0:$n:0/block/*; eval D$n=/dev/${1##*/}; done
echo $D0 $D1 $D2
exec 2>&1
set -x
modprobe -a raid1 raid0 linear md-mod
fill() { seq -f "$2-%0$((511-${#2}-1)).0f" 0 $(($3*2-1)) | dd of=$1 bs=1024 iflag=fullblock conv=notrunc,fsync status=none; }
mk() { m=$1; shift; mdadm --create /dev/$m --run --homehost=sample --name=$m "$@" </dev/null; }
mk md1 --assume-clean --metadata=1.2 --level=1 --raid-devices=2 $D0 $D1
mk md2 --assume-clean --metadata=0.90 --level=1 --raid-devices=2 $D2 $D3
mk md3 --assume-clean --metadata=1.0 --level=1 --raid-devices=2 $D4 $D5
mk md4 --metadata=1.1 --level=0 --chunk=16 --raid-devices=2 $D6 $D7
mk md5 --metadata=1.2 --level=linear --force --raid-devices=2 $D8 $D9
for n in 1 2 3 4 5; do fill /dev/md$n md$n 2048; blockdev --getsize64 /dev/md$n;  echo "SUM md$n $(sha256sum < /dev/md$n)"; mdadm --detail --export /dev/md$n; done
sync
cat /proc/mdstat
for n in 1 2 3 4 5; do mdadm --stop /dev/md$n; done
for d in $D0 $D1 $D2 $D3 $D4 $D5 $D6 $D7 $D8 $D9; do mdadm --examine $d; blkid -p $d; done
sync
