/// Arc's write-ahead log: `ARCW`, version 1.
@NullMarked
package dev.tidemark.formats.arc;

import org.jspecify.annotations.NullMarked;
