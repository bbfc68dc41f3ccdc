// How long each codec takes: Google Benchmark over the samples.
#include <benchmark/benchmark.h>

#include "bench/codec_samples.h"

int main(int argc, char** argv) {
  for (const pdr::bench::CodecSample& sample : pdr::bench::CodecSamples()) {
    benchmark::RegisterBenchmark(sample.name.c_str(), [sample](benchmark::State& state) {
      for (auto _ : state) benchmark::DoNotOptimize(sample.once());
    });
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
