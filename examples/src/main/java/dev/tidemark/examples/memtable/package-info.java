/// A table in memory that a log and a checkpoint bring back.
@NullMarked
package dev.tidemark.examples.memtable;

import org.jspecify.annotations.NullMarked;
