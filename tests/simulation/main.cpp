// simulation [--seeds N] [--from N] | --story N: runs the schedules of N seeds, or prints the schedule of one seed,
// event by event.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "shrink.h"

using namespace auth::simulation;

namespace {

int usage() {
  std::fputs("usage: simulation [--seeds N] [--from N] | --story N\n", stderr);
  return 2;
}

int tell(Simulation& simulation, const Plan& plan) {
  std::string story;
  const std::string wrong = simulation.run(plan, &story);
  std::printf("%s%s\n", story.c_str(), wrong.empty() ? "All is well." : wrong.c_str());
  return wrong.empty() ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  unsigned long long seeds = 1'000'000, from = 1;
  bool isStory = false;
  for (int i = 1; i < count; i += 2) {
    if (i + 1 == count) return usage();
    char* end = nullptr;
    const unsigned long long number = std::strtoull(arguments[i + 1], &end, 10);
    if (*end != '\0') return usage();
    if (std::strcmp(arguments[i], "--seeds") == 0) seeds = number;
    else if (std::strcmp(arguments[i], "--from") == 0) from = number;
    else if (std::strcmp(arguments[i], "--story") == 0) from = number, isStory = true;
    else return usage();
  }
  Simulation simulation;
  if (isStory) return tell(simulation, planOf(from));
  const auto start = std::chrono::steady_clock::now();
  for (unsigned long long seed = from; seed < from + seeds; ++seed) {
    const Plan plan = planOf(seed);
    if (simulation.run(plan).empty()) continue;
    std::printf("Seed %llu fails. The shortest schedule that still fails:\n", seed);
    return tell(simulation, shrink(simulation, plan));
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::printf("%llu schedules from seed %llu hold, %ld events, %.1f s\n", seeds, from, simulation.events(), seconds);
  return 0;
}
