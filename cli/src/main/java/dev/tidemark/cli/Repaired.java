package dev.tidemark.cli;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a repair did.
///
/// @param path where the repaired log is
/// @param copy where the log as it was is, null if it is where it was
/// @param kept how many records it has
/// @param said what there is to say about it, in lines
record Repaired(Path path, @Nullable Path copy, long kept, List<String> said) {
  Repaired withCopy(Path place) {
    return new Repaired(path, place, kept, said);
  }
}
