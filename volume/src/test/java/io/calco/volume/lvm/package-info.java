/// Tests of LVM2.
@org.jspecify.annotations.NullMarked
package io.calco.volume.lvm;
