/// LevelDB's log, the write batches in it and the version edits of its manifest.
@NullMarked
package dev.tidemark.formats.leveldb;

import org.jspecify.annotations.NullMarked;
