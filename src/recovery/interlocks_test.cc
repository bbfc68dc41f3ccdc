#include "recovery/interlocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace pdr {
namespace {

Inventory With(std::vector<InventoryFile> files) {
  Inventory inventory;
  inventory.files = std::move(files);
  return inventory;
}

InventoryFile File(std::string_view path, uint64_t size = 1, uint32_t mode = 0644,
                   int64_t mtime_ns = 1000000) {
  return {path, size, mtime_ns, mode, FileClass::kChunk};
}

InventoryFile Own(std::string_view path) { return {path, 1, 1, 0644, FileClass::kOwn}; }

TEST(DescribeChangesTest, NamesWhatDiffersInTheOrderOfThePaths) {
  const Inventory before = With({File("a"), File("b"), File("c"), File("d"), File("e"), File("x")});
  const Inventory after = With({File("0"), File("b", 2), File("c", 1, 0444), File("d", 1, 0644, 2),
                                File("e"), File("y"), File("z")});
  EXPECT_EQ(DescribeChanges(before, after),
            "0 appeared\na vanished\nb changed\nc changed\nd changed\nx vanished\ny appeared\n"
            "z appeared\n");
  EXPECT_EQ(DescribeChanges(before, before), "");
}

TEST(DescribeChangesTest, LooksPastTheToolsOwnFiles) {
  const Inventory before = With({Own(".pravega-dr/1"), File("a")});
  const Inventory after = With({Own(".pravega-dr/2"), File("a")});
  EXPECT_EQ(DescribeChanges(before, after), "");
  EXPECT_EQ(Fingerprint(before), Fingerprint(after));
}

TEST(DescribeChangesTest, SaysHowManyMoreThereAre) {
  const std::vector<std::string> names = {"01", "02", "03", "04", "05", "06",
                                          "07", "08", "09", "10", "11", "12"};
  std::vector<InventoryFile> files;
  for (const std::string& name : names) files.push_back(File(name));
  EXPECT_THAT(DescribeChanges(With({}), With(files)),
              testing::EndsWith("\n10 appeared\nand 2 more\n"));
  EXPECT_THAT(DescribeChanges(With(files), With({})),
              testing::EndsWith("\n10 vanished\nand 2 more\n"));
}

TEST(FingerprintTest, IsOfPathSizeModeAndTime) {
  const std::string it = Fingerprint(With({File("a")}));
  // Recorded in workspaces: SHA-256 of "a\n1 644 1000000\n".
  EXPECT_EQ(it, "289b82d71022ffce0e7b6703695eedd0ae56a8a5ea3eda14b7794a87197d5797");
  EXPECT_NE(it, Fingerprint(With({File("b")})));
  EXPECT_NE(it, Fingerprint(With({File("a", 2)})));
  EXPECT_NE(it, Fingerprint(With({File("a", 1, 0600)})));
  EXPECT_NE(it, Fingerprint(With({File("a", 1, 0644, 2)})));
}

}  // namespace
}  // namespace pdr
