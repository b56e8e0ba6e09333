package dev.tidemark.formats;

import dev.tidemark.formats.arc.ArcFuzz;
import dev.tidemark.formats.banyandb.BanyanDbFuzz;
import dev.tidemark.formats.leveldb.LevelDbFuzz;
import dev.tidemark.formats.loki.LokiFuzz;
import dev.tidemark.formats.prometheus.PrometheusFuzz;
import dev.tidemark.formats.rocksdb.RocksDbFuzz;
import java.io.IOException;

/// What a fuzzer is let loose on, one for each format: it makes of an input a file, mostly with its
/// checksums made right, and has it read, decoded and described. Nothing may be thrown but
/// [IOException], and memory is held to the size of the input.
public enum FuzzTarget {
  /// Logs, write batches and manifests.
  LEVELDB {
    @Override
    void attempt(byte[] input) throws IOException {
      LevelDbFuzz.run(input);
    }
  },

  /// Logs of Arc's and the payloads in them.
  ARC {
    @Override
    void attempt(byte[] input) throws IOException {
      ArcFuzz.run(input);
    }
  },

  /// Segments of BanyanDB's and their entries.
  BANYANDB {
    @Override
    void attempt(byte[] input) throws IOException {
      BanyanDbFuzz.run(input);
    }
  },

  /// Records of Loki's, and the chunks in them.
  LOKI {
    @Override
    void attempt(byte[] input) throws IOException {
      LokiFuzz.run(input);
    }
  },

  /// RocksDB's logs and the write batches in them.
  ROCKSDB {
    @Override
    void attempt(byte[] input) throws IOException {
      RocksDbFuzz.run(input);
    }
  },

  /// Segments of Prometheus's and their records.
  PROMETHEUS {
    @Override
    void attempt(byte[] input) throws IOException {
      PrometheusFuzz.run(input);
    }
  };

  /// Fails if something is answered as it must not be.
  abstract void attempt(byte[] input) throws IOException;

  void run(byte[] input) {
    try {
      attempt(input);
    } catch (IOException allowed) {
      // A typed refusal, which is what is wanted.
    }
  }
}
