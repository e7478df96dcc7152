@NullMarked
package io.calco.disk.ami;

import org.jspecify.annotations.NullMarked;
