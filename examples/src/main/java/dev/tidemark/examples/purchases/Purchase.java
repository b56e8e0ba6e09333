package dev.tidemark.examples.purchases;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/// What somebody bought.
///
/// @param customer who, a number
/// @param item what, its name
/// @param quantity how many
/// @param cents what one of them costs
record Purchase(long customer, String item, int quantity, long cents) {
  private static final int FIXED_BYTES = Long.BYTES + Integer.BYTES + Long.BYTES;

  /// {@return the purchase as a record's payload}
  byte[] encode() {
    byte[] name = item.getBytes(UTF_8);
    return ByteBuffer.allocate(FIXED_BYTES + name.length)
        .putLong(customer)
        .putInt(quantity)
        .putLong(cents)
        .put(name)
        .array();
  }

  /// Reads what [#encode()] wrote.
  static Purchase decode(byte[] payload) {
    ByteBuffer in = ByteBuffer.wrap(payload);
    long customer = in.getLong();
    int quantity = in.getInt();
    long cents = in.getLong();
    return new Purchase(customer, UTF_8.decode(in).toString(), quantity, cents);
  }
}
