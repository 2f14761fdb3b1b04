// The fuzzer, not a seed, chooses plans of the simulation. Every guarantee must hold.
#include "fuzz.h"
#include "simulation/simulation.h"

using namespace auth::fuzz;
using namespace auth::simulation;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  static Simulation simulation;
  Bytes bytes(data, size);
  Plan plan;
  plan.seed = bytes.next4();
  plan.features = bytes.next4();
  plan.clients = 1 + bytes.below(4);
  auth::TimeMs time = 0;
  while (!bytes.isEmpty() && plan.actions.size() < 60) {
    constexpr int kGaps[] = {0, 0, 1, 2, 10, 49, 50, 51, 149, 199, 200, 201, 1'000, 2'999, 3'000, 10'000};
    time += kGaps[bytes.below(16)];
    const auto kind = static_cast<Action::Kind>(bytes.below(static_cast<int>(Action::Kind::Tick) + 1));
    plan.actions.push_back({time, kind, bytes.next4()});
  }
  if (simulation.run(plan).empty()) return 0;
  std::string story;
  simulation.run(plan, &story);
  std::fputs(story.c_str(), stderr);
  std::abort();
}
