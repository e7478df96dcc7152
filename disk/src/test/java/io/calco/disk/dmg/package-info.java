@NullMarked
package io.calco.disk.dmg;

import org.jspecify.annotations.NullMarked;
