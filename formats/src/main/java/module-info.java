/// Readers of the logs that other systems leave, and writers where somebody needs one. Each system
/// has one package; what they have in common is in [dev.tidemark.formats].
module dev.tidemark.formats {
  requires aircompressor.v3;
  requires msgpack.core;
  requires static transitive org.jspecify;

  exports dev.tidemark.formats;
  exports dev.tidemark.formats.arc;
  exports dev.tidemark.formats.banyandb;
  exports dev.tidemark.formats.leveldb;
  exports dev.tidemark.formats.loki;
  exports dev.tidemark.formats.prometheus;
  exports dev.tidemark.formats.rocksdb;
}
