@NullMarked
package io.calco.disk.partclone;

import org.jspecify.annotations.NullMarked;
