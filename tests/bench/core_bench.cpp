// Measures the core without JavaScript: its time, its allocations and the memory that it keeps.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include "core/core.h"

namespace {

// Counts every allocation of the process.
std::size_t allocations = 0;
std::size_t liveBytes = 0;

}  // namespace

void* operator new(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) std::abort();
  ++allocations;
  liveBytes += malloc_usable_size(memory);
  return memory;
}
void operator delete(void* memory) noexcept {
  liveBytes -= malloc_usable_size(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }

namespace {

constexpr uint32_t kImage = 8 << 8;
const auth::RequestInfo kInfo = auth::RequestInfo::fromBits(kImage);

// The same as in realms.mjs.
std::string realmURL(int i) { return "https://r" + std::to_string(i % 4) + ".ex/u" + std::to_string(i) + "/"; }
std::vector<std::string> urlsOf(const std::string& kind, std::size_t length, int realms) {
  std::vector<std::string> urls;
  for (int i = 0; i < 64; ++i) {
    const int realm = static_cast<int>(static_cast<int64_t>(i) * realms / 64);
    std::string url = kind == "hit"    ? realmURL(realm)
                      : kind == "miss" ? "https://r" + std::to_string(realm % 4) + ".ex/no" + std::to_string(i) + "/"
                                       : "https://cdn" + std::to_string(i) + ".ex/a/";
    while (url.size() < length) url += "images/";
    urls.push_back(url.substr(0, length - 4) + ".png");
  }
  return urls;
}
void setTokens(auth::Core& core, int realms, std::size_t tokenBytes) {
  for (int i = 0; i < realms; ++i) {
    std::string token = "token-" + std::to_string(i);
    if (token.size() < tokenBytes) token.resize(tokenBytes, 'x');
    core.message(1, 0, R"({"type":"set-realm-token","realmURL":")" + realmURL(i) + R"(","token":")" + token + "\"}", 0);
  }
}

void decide(benchmark::State& state, const std::string& kind, std::size_t length, int realms) {
  auth::Core core({});
  setTokens(core, realms, 0);
  const auto urls = urlsOf(kind, length, realms);
  const std::size_t before = allocations;
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(core.decide(urls[i++ & 63], kInfo, 1000));
  state.counters["allocations"] = static_cast<double>(allocations - before) / static_cast<double>(state.iterations());
}

/// A token of 300 bytes, as a JWT is, for each realm.
void realmMemory(benchmark::State& state, int realms) {
  for (auto _ : state) {
    const std::size_t before = liveBytes;
    auth::Core core({});
    setTokens(core, realms, 300);
    state.counters["bytesPerRealm"] = static_cast<double>(liveBytes - before) / realms;
  }
}

/// A million requests and 10,000 asks leave nothing behind.
void flatMemory(benchmark::State& state) {
  for (auto _ : state) {
    auth::Core core({});
    setTokens(core, 100, 300);
    const auto hits = urlsOf("hit", 80, 100), misses = urlsOf("miss", 80, 100);
    const auth::FoundClient tab = auth::FoundClient::fromBits(1, 15);
    double now = 0;
    int request = 0;
    const auto ask = [&] {
      now += 6000;  // by then a "no" is forgotten
      const auth::Step step = core.request(++request, 1, misses[static_cast<std::size_t>(request) & 63], kInfo, now);
      for (const auth::Order& order : step.orders) {
        if (order.kind != auth::OrderKind::FindClients) continue;
        core.clientsFound(order.a, {&tab, 1}, now + 1);
        core.reply(order.a, 1, "{}", now + 2);
      }
    };
    for (int i = 0; i < 100; ++i) ask();
    const std::size_t before = liveBytes;
    for (int i = 0; i < 10'000; ++i) ask();
    for (int i = 0; i < 1'000'000; ++i) core.request(++request, 1, hits[static_cast<std::size_t>(i) & 63], kInfo, now);
    state.counters["bytesKept"] = static_cast<double>(liveBytes) - static_cast<double>(before);
    state.counters["asks"] = core.stats().asked;
  }
}

/// Sends one more request while this many wait, each for an ask of its own.
void waiting(benchmark::State& state) {
  const auto waiters = static_cast<int>(state.range(0));
  auth::Options options;
  options.askUnknownHosts = true;
  auth::Core core(options);
  for (int i = 1; i <= waiters; ++i) core.request(i, 1, "https://h" + std::to_string(i) + ".ex/a.png", kInfo, 0);
  for (auto _ : state) benchmark::DoNotOptimize(core.tick(1));
}

}  // namespace

int main(int argc, char** argv) {
  for (const int realms : {1, 10, 100, 1'000, 10'000, 100'000}) {
    for (const std::string kind : {"hit", "miss", "stranger"}) {
      for (const std::size_t length : {40, 80, 400, 2'000}) {
        const std::string name = "decide/" + kind + "/" + std::to_string(length) + "/" + std::to_string(realms);
        benchmark::RegisterBenchmark(name.c_str(),
                                     [=](benchmark::State& state) { decide(state, kind, length, realms); });
      }
    }
    benchmark::RegisterBenchmark(("realmMemory/" + std::to_string(realms)).c_str(), [=](benchmark::State& state) {
      realmMemory(state, realms);
    })->Iterations(1);
  }
  benchmark::RegisterBenchmark("flatMemory", flatMemory)->Iterations(1);
  benchmark::RegisterBenchmark("waiting", waiting)->RangeMultiplier(10)->Range(1, 1'000)->Unit(benchmark::kMicrosecond);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
