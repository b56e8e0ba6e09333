/// A key-value store in LevelDB's own files: it opens what LevelDB left, even after a crash, and
/// leaves what LevelDB opens.
module dev.tidemark.leveldb {
  requires aircompressor.v3;
  requires transitive dev.tidemark.core;
  requires dev.tidemark.formats;
  requires static transitive org.jspecify;

  exports dev.tidemark.leveldb;
}
