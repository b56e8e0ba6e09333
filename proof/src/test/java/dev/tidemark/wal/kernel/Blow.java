package dev.tidemark.wal.kernel;

import dev.tidemark.wal.internal.Child;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;

/// What ends programs at any moment, and what their files look like afterwards.
interface Blow {
  /// {@return the directory in which the logs are}
  Path root();

  /// Strikes.
  ///
  /// @param child the program that is to feel it
  void strike(Child child, Random random) throws IOException;

  /// {@return whether it can strike a log that this very process has open}
  boolean strikesHere();

  /// Strikes what this process has open.
  void strikeHere(Random random) throws IOException;

  /// Makes the files accessible again. Whoever was struck has ended.
  void recover() throws IOException;

  /// {@return what may be lost under a policy}
  Ledger.Loss loss(String policy);

  /// {@return as what it is counted}
  String counted();

  /// SIGKILL.
  ///
  /// @param root the directory in which the logs are
  record Kill(Path root) implements Blow {
    @Override
    public void strike(Child child, Random random) {
      child.kill();
    }

    @Override
    public boolean strikesHere() {
      return false;
    }

    @Override
    public void strikeHere(Random random) {
      throw new UnsupportedOperationException("it would hit the test");
    }

    @Override
    public void recover() {}

    @Override
    public Ledger.Loss loss(String policy) {
      return policy.equals("async") ? Ledger.Loss.NOT_WAITED_FOR : Ledger.Loss.NOTHING;
    }

    @Override
    public String counted() {
      return "kills";
    }
  }

  /// The power goes.
  ///
  /// @param disk where
  /// @param kind what disk that is
  record PowerCut(RealDisk disk, RealDisk.Kind kind) implements Blow {
    @Override
    public Path root() {
      return disk.root();
    }

    @Override
    public void strike(Child child, Random random) throws IOException {
      strikeHere(random);
    }

    @Override
    public boolean strikesHere() {
      return true;
    }

    @Override
    public void strikeHere(Random random) throws IOException {
      if (random.nextBoolean()) {
        disk.writeSomeBack(random);
      }
      if (kind.cached && random.nextBoolean()) {
        disk.cutBelow();
      } else {
        disk.cut(random.nextInt(4) == 0);
      }
    }

    @Override
    public void recover() throws IOException {
      disk.mountAgain();
    }

    @Override
    public Ledger.Loss loss(String policy) {
      return policy.equals("async") ? Ledger.Loss.ONE_SPAN : Ledger.Loss.NOTHING;
    }

    @Override
    public String counted() {
      return "power cuts";
    }
  }
}
