# How the samples were made: in a machine with the kernel's device-mapper (libguestfs's), on three
# disks of 24 MiB; what it prints after SUM is in sample-vg.sha256.
exec 2>&1
for n in 0 1 2 3 4 5 6 7 8 9; do set -- /sys/bus/scsi/devices/*:0:$n:0/block/*; eval D$n=/dev/${1##*/}; done
echo $D0 $D1 $D2
exec 2>&1
set -x
modprobe -a dm-mod dm-thin-pool dm-snapshot dm-raid dm-mirror dm-log raid1 raid0
C='global{thin_check_executable="" thin_dump_executable=""} activation{udev_sync=0 udev_rules=0 verify_udev_operations=1 monitoring=0} devices{use_devicesfile=0}'
L() { c=$1; shift; lvm "$c" --config "$C" "$@" || echo "FAILED: $c $*"; }
fill() { seq -f "$2-%0$((511-${#2}-1)).0f" $4 $(($4+$3*2-1)) | dd of=/dev/sample-vg/$1 bs=1024 seek=${5:-0} iflag=fullblock conv=notrunc,fsync status=none; }
L pvcreate -ff -y $D0
L pvcreate -ff -y --pvmetadatacopies 2 $D1
L pvcreate -ff -y $D2
L vgcreate -s 128k sample-vg $D0 $D1 $D2
L lvcreate -y -Wn -Zn -n root -l 8 sample-vg $D0
L lvcreate -y -Wn -Zn -n home-dirs -l 2 sample-vg $D0
L lvextend -l +8 sample-vg/root $D0
L lvextend -l +4 sample-vg/root $D1
L lvcreate -y -Wn -Zn -n striped -i 3 -I 16k -l 24 sample-vg
L lvcreate -y -Wn -Zn -n raid1 --type raid1 -m 1 -l 8 sample-vg
L lvcreate -y -Wn -Zn -n mirror --type mirror -m 1 --mirrorlog core -l 8 sample-vg
L lvcreate -y -Wn -Zn -n mirlog --type mirror -m 1 --mirrorlog disk -l 8 sample-vg
L lvcreate -y -Wn -Zn -n raid0 --type raid0 -i 2 -I 8k -l 8 sample-vg
L lvcreate -y -Wn -Zn -n raid5 --type raid5 -i 2 -I 8k -l 8 sample-vg
L lvcreate -y -Wn -Zn -n data -l 16 sample-vg
L lvcreate -y --type thin-pool -l 40 --poolmetadatasize 2M -c 64k -n pool sample-vg
L lvcreate -y --type thin -V 16M --thinpool pool -n thin1 sample-vg
fill root root 2560 0
fill home-dirs home 256 0
fill striped striped 3072 0
fill raid1 raid1 1024 0
fill mirror mirror 1024 0
fill mirlog mirlog 1024 0
fill raid0 raid0 1024 0
fill raid5 raid5 1024 0
fill data data 2048 0
fill thin1 thin1 512 0 0
fill thin1 thin1 256 1000 10240
fill thin1 thin1 64 3000 16000
L lvcreate -y -s -n thin1snap sample-vg/thin1
L lvchange -ay -K sample-vg/thin1snap
fill thin1 later 128 5000 256
fill thin1 later 16 6000 4096
fill thin1snap snap 64 7000 12288
L lvcreate -y -s -l 8 -c 4k -n datasnap sample-vg/data
fill data later 100 8000 300
fill datasnap snap 64 9000 1000
L lvchange -an sample-vg/home-dirs
L lvchange -pr sample-vg/home-dirs
L lvcreate -y -s --thinpool pool -n thinext sample-vg/home-dirs; L lvchange -ay -K sample-vg/home-dirs
L lvchange -ay -K sample-vg/thinext
fill thinext ext 10 11000 70
L lvs -a -o+devices,seg_type
sync
for d in root home-dirs striped raid1 mirror mirlog raid0 raid5 data datasnap thin1 thin1snap thinext; do echo "SUM $d $(sha256sum < /dev/sample-vg/$d)"; done
dmsetup table; dmsetup status
L vgchange -an sample-vg
sync
