/// The log engine: append, make durable, read, recover. At run time it needs the JDK alone.
module dev.tidemark.core {
  requires jdk.jfr;
  requires static transitive org.jspecify;

  exports dev.tidemark.wal;
  exports dev.tidemark.wal.storage;

  uses dev.tidemark.wal.Compression;
}
