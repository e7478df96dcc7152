/// What a Windows guest is told: the answer file that its setup reads at the first boot after its
/// own sysprep generalised it.
///
/// Source: Microsoft's "Unattended Windows Setup Reference". Setup takes the first that it finds of
/// the file that its registry names, `Windows/Panther/Unattend/unattend.xml` and
/// `Windows/Panther/unattend.xml` of the system volume, then others; it takes the passwords out of
/// it once they are used.
@NullMarked
package io.calco.guest.windows;

import org.jspecify.annotations.NullMarked;
