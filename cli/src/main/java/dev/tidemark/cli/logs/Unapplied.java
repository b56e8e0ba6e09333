package dev.tidemark.cli.logs;

import dev.tidemark.formats.Damage;
import dev.tidemark.formats.LogFormat;
import dev.tidemark.formats.LogFormat.Reach;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Which files of a log its system leaves out because of damage in files before them. For one
/// thread, for one walk over the files in their order.
final class Unapplied {
  private final LogFormat format;
  private Reach reach = Reach.FILE;
  private @Nullable Path because;

  Unapplied(LogFormat format) {
    this.format = format;
  }

  /// Takes note of damage.
  ///
  /// @param file in which it is
  /// @param damage as the system sees it
  void found(Path file, Damage damage) {
    Reach one = format.reach(file, damage);
    if (one.compareTo(reach) > 0) {
      reach = one;
      because = file;
    }
  }

  /// {@return the damaged file because of which the system does not apply one, null if it does}
  ///
  /// @param file the next file of the log
  @Nullable Path reason(Path file) {
    Path damaged = because;
    if (reach == Reach.DIRECTORY
        && damaged != null
        && !Objects.equals(damaged.getParent(), file.getParent())) {
      reach = Reach.FILE;
      because = null;
    }
    return because;
  }
}
