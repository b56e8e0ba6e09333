/// A key-value store in LevelDB's own files.
@NullMarked
package dev.tidemark.leveldb;

import org.jspecify.annotations.NullMarked;
