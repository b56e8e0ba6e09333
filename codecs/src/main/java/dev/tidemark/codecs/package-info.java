/// Compression codecs: Snappy, LZ4 and Zstandard.
@NullMarked
package dev.tidemark.codecs;

import org.jspecify.annotations.NullMarked;
