package dev.tidemark.examples.memtable;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/// A key gets a value: what a record of the log says.
///
/// @param key the key
/// @param value its value from now on
record Change(String key, String value) {

  /// {@return the change as a record's payload}
  byte[] encode() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeUTF(key);
    out.writeUTF(value);
    return bytes.toByteArray();
  }

  /// Reads what [#encode()] wrote.
  static Change decode(byte[] payload) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(payload));
    return new Change(in.readUTF(), in.readUTF());
  }
}
