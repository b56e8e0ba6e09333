/// BanyanDB's write-ahead log as version 0.5.0 wrote it: [BanyanDbFormat]. Segments of batches of
/// entries, without checksums: `BatchLayout`.
@NullMarked
package dev.tidemark.formats.banyandb;

import org.jspecify.annotations.NullMarked;
