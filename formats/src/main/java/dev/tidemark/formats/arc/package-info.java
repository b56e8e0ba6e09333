/// Arc's write-ahead log: `ARCW`, version 1, as Arc wrote it in Python and writes it in Go.
/// - **record**: what Arc calls an entry
/// - **row form**: a payload that is an array of maps, one for each row
/// - **columnar form**: a payload that is one map, of a measurement's name and a map of columns
/// - **envelope**: what stands before a payload in columnar form to name its database
@NullMarked
package dev.tidemark.formats.arc;

import org.jspecify.annotations.NullMarked;
