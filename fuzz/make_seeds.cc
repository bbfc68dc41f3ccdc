// make_seeds DIRECTORY: the first inputs of each fuzzer, from the checked-in vectors, below
// DIRECTORY/<fuzzer>. Run in the root of the sources.
#include <filesystem>
#include <fstream>
#include <string>

#include "format/testing/codec_checks.h"
#include "format/testing/vector_bytes.h"

namespace pdr {
namespace {

namespace fs = std::filesystem;

void Put(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

// Every vector for every decoder that accepts it; of a decoder that accepts anything, some.
void CodecSeeds(const fs::path& directory) {
  constexpr size_t kMaxPerCodec = 40;
  const auto samples = VectorBytes("testdata", 4000);
  const auto codecs = CodecChecks();
  for (size_t c = 0; c < codecs.size(); ++c) {
    size_t accepted = 0;
    for (const std::string& sample : samples) {
      if (codecs[c].check(sample) != Outcome::kSurvived) continue;
      const std::string name = std::string(codecs[c].name) + "-" + std::to_string(accepted);
      Put(directory / name, static_cast<char>(c) + sample);
      if (++accepted == kMaxPerCodec) break;
    }
  }
}

void ConfigSeeds(const fs::path& directory) {
  Put(directory / "plain",
      "# a comment\npravegaservice.container.count=4\n"
      "pravegaservice.storage.layout = CHUNKED_STORAGE\nbookkeeper.zk.connect.uri: zk-0:2181\n");
  Put(directory / "continued",
      "bookkeeper.ledger.path=/a\\\n   /b\n! comment\nkey\\ x=\\u00e9\\t\n");
  Put(directory / "numbers",
      "bookkeeper.ensemble.size=3\nbookkeeper.write.quorum.size=3\nbookkeeper.ack.quorum.size=2\n"
      "bookkeeper.digest.type.name=MAC\nbookkeeper.zk.metadata.hierarchy.depth=2\n");
}

// Each tree whole, and with one edit of each kind in each of its first files.
void TreeSeeds(const fs::path& directory) {
  for (int tree = 0; tree < 3; ++tree) {
    Put(directory / fmt::format("whole-{}", tree), std::string(1, static_cast<char>(tree)));
    for (int kind = 0; kind < 10; ++kind) {
      for (int file = 0; file < 24; ++file) {
        std::string edit = {static_cast<char>(tree),
                            static_cast<char>(kind),
                            0,
                            static_cast<char>(file),
                            static_cast<char>(file % 2 == 0 ? 0 : 0x80),
                            static_cast<char>(file + 1),
                            4,
                            1,
                            2,
                            3,
                            4};
        Put(directory / fmt::format("edit-{}-{}-{}", tree, kind, file), edit);
      }
    }
  }
}

}  // namespace
}  // namespace pdr

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::filesystem::path directory = argv[1];
  pdr::CodecSeeds(directory / "codecs");
  pdr::ConfigSeeds(directory / "config");
  pdr::TreeSeeds(directory / "tree");
  return 0;
}
