package dev.tidemark.wal.internal;

import dev.tidemark.wal.Compression;
import java.io.IOException;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The codecs this program can read: those on its path, and the one a log was opened with.
final class Codecs {
  private final Map<Integer, Compression> byId = new ConcurrentHashMap<>();
  private boolean loaded; // guarded by this

  Codecs(@Nullable Compression configured) {
    if (configured != null) {
      byId.put(configured.id(), configured);
    }
  }

  /// {@return the codec of a number found on disk}
  ///
  /// @throws IOException if there is none on the path
  Compression of(int id) throws IOException {
    Compression codec = byId.get(id);
    if (codec == null) {
      load();
      codec = byId.get(id);
    }
    if (codec == null) {
      throw new IOException(
          "a frame is compressed with codec "
              + id
              + ", which is not on the path (1 Snappy, 2 LZ4, 3 Zstandard come with tidemark-codecs)");
    }
    return codec;
  }

  private synchronized void load() {
    if (!loaded) {
      loaded = true;
      for (Compression codec : ServiceLoader.load(Compression.class)) {
        byId.putIfAbsent(codec.id(), codec);
      }
    }
  }
}
