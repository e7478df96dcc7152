@NullMarked
package io.calco.disk.crypt;

import org.jspecify.annotations.NullMarked;
