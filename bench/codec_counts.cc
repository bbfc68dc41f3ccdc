// codec_counts: names the samples. codec_counts NAME TIMES: does one that often, to be counted by
// callgrind (bench/codec_counts.py).
#include <cstdio>
#include <cstdlib>
#include <string>

#include "bench/codec_samples.h"

int main(int argc, char** argv) {
  size_t sum = 0;
  for (const pdr::bench::CodecSample& sample : pdr::bench::CodecSamples()) {
    if (argc < 3) std::puts(sample.name.c_str());
    if (argc < 3 || sample.name != argv[1]) continue;
    const int times = std::atoi(argv[2]);
    for (int i = 0; i < times; ++i) sum += sample.once();
    std::printf("%zu\n", sum);
  }
  return 0;
}
