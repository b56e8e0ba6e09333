/// The names that users choose and that become folders on disk.
@NullMarked
package dev.tidemark.ingest.name;

import org.jspecify.annotations.NullMarked;
