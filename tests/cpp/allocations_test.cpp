// A decision allocates nothing: it happens for every request of the page.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "core/core.h"

namespace {
std::size_t allocations = 0;
}

// Counts the allocations of the whole test program. Only this file reads the count.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace auth {
namespace {

TEST(Allocations, ADecisionMakesNone) {
  Core core({});
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    core.message(0, 1,
                 R"({"type":"set-realm-token","realmURL":"https://h)" + std::to_string(i % 7) + ".example/realm-" + n +
                     R"(/","token":"token-)" + n + "\"}",
                 0);
  }
  RequestInfo image;
  image.destination = Destination::Image;
  const std::string hit = "https://h6.example/realm-13/" + std::string(400, 'a') + ".png?x#y";
  const std::string miss = "https://h6.example/no-realm/" + std::string(400, 'a') + ".png";
  const std::string stranger = "https://cdn.example/" + std::string(400, 'a') + ".png";
  const std::size_t before = allocations;
  EXPECT_GT(core.decide(hit, image, 1000), 0);
  EXPECT_EQ(core.decide(miss, image, 1000), Core::kMiss);
  EXPECT_EQ(core.decide(stranger, image, 1000), Core::kLeaveAlone);
  EXPECT_EQ(allocations, before);
  const std::string counted(100, 'x');
  EXPECT_EQ(allocations, before + 1);
}

}  // namespace
}  // namespace auth
