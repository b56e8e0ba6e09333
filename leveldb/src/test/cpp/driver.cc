// Does to a directory, with LevelDB itself, what it is told on its command line and on standard input.
//
//   driver dump DIR [option...]                 all live keys: key in hex, length and hash of the value
//   driver run DIR [option...]                  commands from standard input, "ok" or "error ..." for each
//   driver bench DIR THREADS OPERATIONS SYNC    writes keys of 16 and values of 100 bytes; operations per second
//
// Options: paranoid reuse plain (no compression) nocreate buffer=BYTES.
// Commands: put KEY VALUE SYNC, delete KEY SYNC (hex, "-" for nothing), batch SYNC OP... (pKEY:VALUE, dKEY),
// get KEY (says only whether it succeeds), compact, close, die (ends the process at once, as a kill would).
#include <leveldb/db.h>
#include <leveldb/write_batch.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

static std::string Unhex(const std::string& hex) {
  std::string bytes;
  if (hex == "-") return bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

static void PrintHex(const leveldb::Slice& bytes) {
  for (size_t i = 0; i < bytes.size(); i++) std::printf("%02x", static_cast<unsigned char>(bytes[i]));
}

static uint64_t Hash(const leveldb::Slice& bytes) {
  uint64_t hash = 1469598103934665603ull;
  for (size_t i = 0; i < bytes.size(); i++) {
    hash = (hash ^ static_cast<unsigned char>(bytes[i])) * 1099511628211ull;
  }
  return hash;
}

static leveldb::DB* Open(int argc, char** argv) {
  leveldb::Options options;
  options.create_if_missing = true;
  for (int i = 3; i < argc; i++) {
    std::string option = argv[i];
    if (option == "paranoid") options.paranoid_checks = true;
    if (option == "reuse") options.reuse_logs = true;
    if (option == "plain") options.compression = leveldb::kNoCompression;
    if (option == "nocreate") options.create_if_missing = false;
    if (option.rfind("buffer=", 0) == 0) options.write_buffer_size = std::stoul(option.substr(7));
  }
  leveldb::DB* db = nullptr;
  leveldb::Status status = leveldb::DB::Open(options, argv[2], &db);
  if (!status.ok()) {
    std::printf("error %s\n", status.ToString().c_str());
    std::fflush(stdout);
    _exit(1);
  }
  return db;
}

static int Dump(leveldb::DB* db) {
  leveldb::ReadOptions options;
  options.verify_checksums = true;
  leveldb::Iterator* keys = db->NewIterator(options);
  for (keys->SeekToFirst(); keys->Valid(); keys->Next()) {
    PrintHex(keys->key());
    std::printf(" %zu %016llx\n", keys->value().size(),
                static_cast<unsigned long long>(Hash(keys->value())));
  }
  leveldb::Status status = keys->status();
  delete keys;
  delete db;
  if (!status.ok()) std::printf("error %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}

static int Run(leveldb::DB* db) {
  std::printf("open\n");
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string command, a, b;
    words >> command;
    leveldb::WriteOptions write;
    leveldb::Status status;
    if (command == "put") {
      words >> a >> b >> write.sync;
      status = db->Put(write, Unhex(a), Unhex(b));
    } else if (command == "delete") {
      words >> a >> write.sync;
      status = db->Delete(write, Unhex(a));
    } else if (command == "batch") {
      words >> write.sync;
      leveldb::WriteBatch batch;
      while (words >> a) {
        size_t colon = a.find(':');
        if (a[0] == 'p') {
          batch.Put(Unhex(a.substr(1, colon - 1)), Unhex(a.substr(colon + 1)));
        } else {
          batch.Delete(Unhex(a.substr(1)));
        }
      }
      status = db->Write(write, &batch);
    } else if (command == "get") {
      words >> a;
      std::string value;
      status = db->Get(leveldb::ReadOptions(), Unhex(a), &value);
    } else if (command == "compact") {
      db->CompactRange(nullptr, nullptr);
    } else if (command == "close") {
      delete db;
      std::printf("ok\n");
      return 0;
    } else if (command == "die") {
      _exit(9);
    } else {
      std::printf("error unknown command\n");
      return 2;
    }
    std::printf(status.ok() ? "ok\n" : "error %s\n", status.ToString().c_str());
    std::fflush(stdout);
  }
  _exit(9);
}

static uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

static int Bench(leveldb::DB* db, int threads, long operations, bool sync) {
  std::string value(100, 'v');
  for (size_t i = 0; i < value.size(); i++) value[i] = static_cast<char>(Mix(i));
  auto begin = std::chrono::steady_clock::now();
  std::vector<std::thread> all;
  for (int t = 0; t < threads; t++) {
    all.emplace_back([&, t] {
      leveldb::WriteOptions write;
      write.sync = sync;
      char key[17];
      for (long i = t; i < operations; i += threads) {
        std::snprintf(key, sizeof key, "%016llx", static_cast<unsigned long long>(Mix(i)));
        leveldb::Status status = db->Put(write, leveldb::Slice(key, 16), value);
        if (!status.ok()) {
          std::printf("error %s\n", status.ToString().c_str());
          _exit(1);
        }
      }
    });
  }
  for (auto& thread : all) thread.join();
  std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  std::printf("%.0f\n", operations / seconds.count());
  std::fflush(stdout);
  delete db;
  return 0;
}

int main(int argc, char** argv) {
  if (argc < 3) return 64;
  std::string mode = argv[1];
  if (mode == "dump") return Dump(Open(argc, argv));
  if (mode == "run") return Run(Open(argc, argv));
  if (mode == "bench" && argc >= 6) {
    long operations = std::atol(argv[4]);
    int threads = std::atoi(argv[3]);
    bool sync = std::atoi(argv[5]) != 0;
    int plain = 3;
    return Bench(Open(plain, argv), threads, operations, sync);
  }
  return 64;
}
