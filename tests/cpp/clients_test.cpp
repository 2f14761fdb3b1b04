#include "core/clients.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "story.h"

namespace auth {
namespace {

using namespace story;
using State = Clients::State;
using Ids = std::vector<ClientId>;

TEST(Clients, AreUnheardUntilTheySpeak) {
  Clients clients;
  clients.note(kTab);
  EXPECT_EQ(clients.stateOf(kTab), State::Unheard);
  EXPECT_EQ(clients.stateOf(kOtherTab), State::Unheard);
  EXPECT_FALSE(clients.anySpoken(true));
  clients.spoke(kTab);
  EXPECT_EQ(clients.stateOf(kTab), State::Spoken);
  EXPECT_TRUE(clients.anySpoken(true));
  EXPECT_EQ(clients.size(), 1u);
}

TEST(Clients, StaySilentUntilTheySpeak) {
  Clients clients;
  clients.spoke(kTab);
  clients.fellSilent(kTab);
  EXPECT_EQ(clients.stateOf(kTab), State::Silent);
  EXPECT_FALSE(clients.anySpoken(true));
  clients.note(kTab);
  clients.found(std::vector{window(kTab)}, 0);
  EXPECT_EQ(clients.stateOf(kTab), State::Silent) << "to be seen is not to speak";
  clients.spoke(kTab);
  EXPECT_EQ(clients.stateOf(kTab), State::Spoken);
}

TEST(Clients, ZeroIsNobody) {
  Clients clients;
  EXPECT_EQ(clients.note(0), 0);
  EXPECT_EQ(clients.spoke(0), 0);
  clients.fellSilent(0);
  clients.forget(0);
  EXPECT_EQ(clients.size(), 0u);
  EXPECT_FALSE(clients.anySpoken(true));
}

TEST(Clients, LookUpForgetsWhomItDoesNotShow) {
  Clients clients;
  clients.spoke(kTab);
  clients.spoke(kOtherTab);
  EXPECT_EQ(clients.found(std::vector{window(kOtherTab), worker(kWorker)}, 0), (Ids{kTab}));
  EXPECT_EQ(clients.stateOf(kTab), State::Unheard);
  EXPECT_EQ(clients.stateOf(kOtherTab), State::Spoken);
  EXPECT_EQ(clients.size(), 2u);
  EXPECT_EQ(clients.found({}, 0), (Ids{kOtherTab, kWorker}));
}

TEST(Clients, AtMost256TheLeastRecentlyHeardOfForgottenFirst) {
  Clients clients;
  for (ClientId client = 1; client <= 256; ++client) EXPECT_EQ(clients.note(client), 0);
  clients.note(1);
  EXPECT_EQ(clients.spoke(257), 2);
  EXPECT_EQ(clients.note(258), 3);
  EXPECT_EQ(clients.size(), 256u);
  EXPECT_EQ(clients.stateOf(257), State::Spoken);
}

TEST(Clients, WindowsAreForgottenLast) {
  Clients clients;
  clients.found(std::vector{window(kTab)}, 0);
  clients.spoke(kOtherTab);
  for (ClientId client = 1'000; client < 1'300; ++client) EXPECT_NE(clients.note(client), kTab);
  EXPECT_EQ(clients.stateOf(kOtherTab), State::Spoken) << "who has spoken, before who never did";
  std::vector<FoundClient> found{window(kTab)};
  for (ClientId client = 1'000; client < 1'300; ++client) found.push_back(worker(client));
  clients.found(found, 1'000);
  EXPECT_EQ(clients.inAskingOrder(found, 1'000, false), (Ids{kTab}));
}

TEST(Clients, OthersMayStillReplyForASilentClient) {
  Clients clients;
  EXPECT_TRUE(clients.mayReplyFor(kTab)) << "never heard of";
  EXPECT_TRUE(clients.mayReplyFor(0)) << "nobody is known, so anybody may be there";
  clients.began(kWorker);
  EXPECT_TRUE(clients.mayReplyFor(0)) << "a document that begins shows nothing of others";
  clients.forget(kWorker);
  clients.note(kTab);
  clients.fellSilent(kTab);
  EXPECT_FALSE(clients.mayReplyFor(kTab));
  EXPECT_FALSE(clients.mayReplyFor(0));
  clients.began(kFrame);
  EXPECT_FALSE(clients.mayReplyFor(0)) << "a document that begins replies to nothing";
  clients.note(kWorker);
  EXPECT_TRUE(clients.mayReplyFor(0)) << "may be a window";
  clients.found(std::vector{window(kTab), worker(kWorker)}, 0);
  EXPECT_FALSE(clients.mayReplyFor(kTab)) << "is none";
  clients.found(std::vector{window(kTab), worker(kWorker), window(kOtherTab)}, 0);
  EXPECT_TRUE(clients.mayReplyFor(kTab));
  clients.fellSilent(kOtherTab);
  EXPECT_FALSE(clients.mayReplyFor(kTab));
  clients.spoke(kOtherTab);
  EXPECT_TRUE(clients.mayReplyFor(kTab));
}

/// The asking order when these are all the clients there are.
Ids order(Clients& clients, const std::vector<FoundClient>& found, ClientId initiating, bool evenSilent = false) {
  clients.found(found, initiating);
  return clients.inAskingOrder(found, initiating, evenSilent);
}

TEST(AskingOrder, InitiatingWindowThenFocusedThenVisibleThenTheRest) {
  Clients clients;
  EXPECT_EQ(order(clients, {window(10), visible(11), focused(12), window(13), visible(14)}, 13),
            (Ids{13, 12, 11, 14, 10}));
}

TEST(AskingOrder, WorkerFallsBackToTheWindows) {
  Clients clients;
  EXPECT_EQ(order(clients, {worker(kWorker), window(10), focused(11)}, kWorker), (Ids{11, 10}));
  clients.spoke(kWorker);
  EXPECT_EQ(order(clients, {worker(kWorker), window(10)}, kWorker), (Ids{10})) << "workers have no listener of ours";
}

TEST(AskingOrder, FrameFallsBackToTheWindowsUnlessItHasSpoken) {
  Clients clients;
  EXPECT_EQ(order(clients, {frame(kFrame), window(10), focused(11)}, kFrame), (Ids{11, 10, kFrame}));
  clients.spoke(kFrame);
  EXPECT_EQ(order(clients, {frame(kFrame), window(10), focused(11)}, kFrame), (Ids{kFrame, 11, 10}));
  EXPECT_EQ(order(clients, {frame(kFrame), window(10), focused(11)}, 10), (Ids{10, 11, kFrame}));
}

TEST(AskingOrder, UnknownInitiatingClientFallsBackToTheWindows) {
  Clients clients;
  EXPECT_EQ(order(clients, {window(10), focused(11)}, 0), (Ids{11, 10}));
  EXPECT_EQ(order(clients, {}, 10), Ids{});
}

TEST(AskingOrder, SilentClientsAreLeftOut) {
  Clients clients;
  const std::vector found{window(10), focused(11)};
  clients.found(found, 0);
  clients.fellSilent(10);
  EXPECT_EQ(order(clients, found, 10), (Ids{11}));
  EXPECT_EQ(order(clients, found, 10, true), (Ids{10, 11}));
}

TEST(AskingOrder, NamesNobodyWhomTheLimitHasForgotten) {
  Clients clients;
  std::vector<FoundClient> found;
  for (ClientId client = 1; client <= 300; ++client) found.push_back(window(client));
  const Ids forgotten = clients.found(found, 7);
  EXPECT_EQ(forgotten.size(), 44u);
  const Ids asked = clients.inAskingOrder(found, 7, false);
  EXPECT_EQ(asked.size(), 256u);
  EXPECT_EQ(asked.front(), 7) << "whose request it is";
  EXPECT_EQ(std::find_first_of(asked.begin(), asked.end(), forgotten.begin(), forgotten.end()), asked.end());
}

}  // namespace
}  // namespace auth
