// What the parts of the simulation share: the time, the agenda, the log and the verdict.
#pragma once

#include <string>

#include "agenda.h"

namespace auth::simulation {

/// The unusual things that may happen. Each schedule has some of these.
enum class Feature : uint8_t {
  Kills,
  Traps,
  Lies,
  LateTimers,
  Jumps,
  LatePorts,
  Revocations,
  NetworkErrors,
  Expiries,
  Switches,
  Departures,
  Hangs,
  Slowness,
  StrangeRequests,
  AskUnknownHosts,
  Version2,
  KeptState,
  Caches,
  Aborts,
  Redirects,
  Aliases,
  Logins,    ///< one user after another in all clients, with tokens that do not tell whose they are
  Policies,  ///< the worker's file has a policy that forbids hosts
};
inline constexpr std::string_view kFeatureNames =
    "kills,traps,lies,lateTimers,jumps,latePorts,revocations,networkErrors,expiries,switches,departures,"
    "hangs,slowness,strangeRequests,askUnknownHosts,version2,keptState,caches,aborts,redirects,aliases,logins,"
    "policies";
inline constexpr int kFeatureCount = 23;

class Stage {
 public:
  Agenda agenda;
  TimeMs now = 0;
  uint32_t features = 0;
  std::string* story = nullptr;  ///< null: nobody listens
  std::string wrong;             ///< the first thing that went wrong

  bool has(Feature feature) const { return (features >> static_cast<int>(feature) & 1) != 0; }

  /// Builds the text only if someone reads it.
  template <typename... Words>
  void tell(const Words&... words) {
    if (story == nullptr) return;
    std::string time = std::to_string(static_cast<long long>(now));
    *story += std::string(time.size() < 7 ? 7 - time.size() : 0, ' ') + time + "  ";
    ((*story += text(words)), ...);
    *story += '\n';
  }
  void fail(const std::string& what) {
    if (!wrong.empty()) return;
    wrong = what;
    tell("WRONG: ", what);
  }
  void fail(const std::string& what, int id) { fail(what + ' ' + std::to_string(id)); }

 private:
  static std::string text(std::string_view word) { return std::string(word); }
  static std::string text(const std::string& word) { return word; }
  static std::string text(const char* word) { return word; }
  static std::string text(int number) { return std::to_string(number); }
};

}  // namespace auth::simulation
