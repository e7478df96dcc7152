@NullMarked
package io.calco.backup.clonezilla;

import org.jspecify.annotations.NullMarked;
