@NullMarked
package io.calco.disk.vdi;

import org.jspecify.annotations.NullMarked;
