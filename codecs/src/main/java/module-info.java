/// Snappy, LZ4 and Zstandard for the log. Nothing to call: [java.util.ServiceLoader] finds them.
module dev.tidemark.codecs {
  requires aircompressor.v3;
  requires dev.tidemark.core;

  provides dev.tidemark.wal.Compression with
      dev.tidemark.codecs.SnappyCompression,
      dev.tidemark.codecs.Lz4Compression,
      dev.tidemark.codecs.ZstdCompression;
}
