// Finds the shortest plan that still fails.
#pragma once

#include "simulation.h"

namespace auth::simulation {

/// Leaves out actions, features and clients while the plan still fails. The failure itself may change on the way.
inline Plan shrink(Simulation& simulation, Plan plan) {
  const auto stillFails = [&](const Plan& smaller) { return !simulation.run(smaller).empty(); };
  bool isSmaller = true;
  while (isSmaller) {
    isSmaller = false;
    const auto accept = [&](const Plan& smaller) {
      if (!stillFails(smaller)) return false;
      plan = smaller;
      return isSmaller = true;
    };
    for (std::size_t chunk = plan.actions.size(); chunk > 0; chunk /= 2) {
      for (std::size_t at = 0; at + chunk <= plan.actions.size();) {
        Plan smaller = plan;
        const auto first = smaller.actions.begin() + static_cast<std::ptrdiff_t>(at);
        smaller.actions.erase(first, first + static_cast<std::ptrdiff_t>(chunk));
        if (!accept(smaller)) at += chunk;
      }
    }
    for (int feature = 0; feature < kFeatureCount; ++feature) {
      if ((plan.features >> feature & 1) == 0) continue;
      Plan smaller = plan;
      smaller.features &= ~(1u << feature);
      accept(smaller);
    }
    while (plan.clients > 1) {
      Plan smaller = plan;
      --smaller.clients;
      if (!accept(smaller)) break;
    }
  }
  return plan;
}

}  // namespace auth::simulation
