// What happens to a request at once: cpp/README.md, "Requests".
#include "story.h"

namespace auth::story {
namespace {

class CoreRequests : public StoryTest {};

/// A request of the tab to a URL, by a core that has had these messages.
std::string oneRequest(std::string_view url, RequestInfo info, const std::vector<std::string>& messages,
                       const Options& options = {}) {
  Story story(options);
  for (const std::string& message : messages) story.message(kOtherTab, message);
  return story.at(0).request(1, kTab, url, info);
}

constexpr std::string_view kAlone = "leaveAlone #1";
constexpr std::string_view kAsked = "hold #1 · findClients ask1 #1 · wake@200";
constexpr std::string_view kSent = "fetch #1 with t1";

TEST_F(CoreRequests, EveryDestinationByWhatIsKnown) {
  struct Row {
    Destination destination;
    std::string_view cold, stranger, knownHost, knownHostNobodySpoke;
  };
  using D = Destination;
  for (const Row& row : std::vector<Row>{
           // Cannot send the header itself, and no app needs it to start: asked for cold.
           {D::Empty, kAsked, kAlone, kAsked, kAsked},
           {D::Audio, kAsked, kAlone, kAsked, kAsked},
           {D::Image, kAsked, kAlone, kAsked, kAsked},
           {D::Track, kAsked, kAlone, kAsked, kAsked},
           {D::Video, kAsked, kAlone, kAsked, kAsked},
           // Asked for once there is a host.
           {D::Embed, kAlone, kAlone, kAsked, kAsked},
           {D::Font, kAlone, kAlone, kAsked, kAsked},
           {D::Object, kAlone, kAlone, kAsked, kAsked},
           {D::Report, kAlone, kAlone, kAsked, kAsked},
           {D::Other, kAlone, kAlone, kAsked, kAsked},
           // What an app starts from: only when someone is known to reply.
           {D::AudioWorklet, kAlone, kAlone, kAsked, kAlone},
           {D::Document, kAlone, kAlone, kAsked, kAlone},
           {D::Frame, kAlone, kAlone, kAsked, kAlone},
           {D::Iframe, kAlone, kAlone, kAsked, kAlone},
           {D::Json, kAlone, kAlone, kAsked, kAlone},
           {D::Manifest, kAlone, kAlone, kAsked, kAlone},
           {D::PaintWorklet, kAlone, kAlone, kAsked, kAlone},
           {D::Script, kAlone, kAlone, kAsked, kAlone},
           {D::ServiceWorker, kAlone, kAlone, kAsked, kAlone},
           {D::SharedWorker, kAlone, kAlone, kAsked, kAlone},
           {D::Style, kAlone, kAlone, kAsked, kAlone},
           {D::Worker, kAlone, kAlone, kAsked, kAlone},
           {D::Xslt, kAlone, kAlone, kAsked, kAlone},
       }) {
    SCOPED_TRACE(nameAt(kDestinationNames, static_cast<std::size_t>(row.destination)));
    const RequestInfo info = as(row.destination);
    EXPECT_EQ(oneRequest(kCat, info, {}), row.cold);
    EXPECT_EQ(oneRequest(kStranger, info, {set(kPhotos, "t1")}), row.stranger);
    EXPECT_EQ(oneRequest(kSong, info, {set(kPhotos, "t1")}), row.knownHost);
    EXPECT_EQ(oneRequest(kCat, info, {set(kPhotos, "t1")}), kSent);

    Story nobodySpoke;
    nobodySpoke.message(0, set(kPhotos, "t1"));
    EXPECT_EQ(nobodySpoke.request(1, kTab, kSong, info), row.knownHostNobodySpoke);
  }
}

TEST_F(CoreRequests, AColdWorkerOfWhichAClientHasSpokenStillLeavesScriptsAlone) {
  EXPECT_EQ(oneRequest(kCat, as(Destination::Script), {std::string(kHello)}), kAlone);
  EXPECT_EQ(oneRequest(kCat, as(Destination::Image), {std::string(kHello)}), kAsked);
}

TEST_F(CoreRequests, AskingUnknownHostsIsAnOption) {
  Options options;
  options.askUnknownHosts = true;
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Image), {set(kPhotos, "t1")}, options), kAsked);
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Script), {set(kPhotos, "t1")}, options), kAlone);
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Font), {set(kPhotos, "t1")}, options), kAlone);
}

TEST_F(CoreRequests, HostsOutliveTheirTokens) {
  EXPECT_EQ(oneRequest(kCat, as(Destination::Image), {set(kPhotos, "t1"), std::string(kClear)}), kAsked);
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Image), {set(kPhotos, "t1"), std::string(kClear)}), kAlone);
  EXPECT_EQ(oneRequest(kCat, as(Destination::Image), {set(kPhotos, "t1"), remove(kPhotos)}), kAsked);
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Image), {sync({{kPhotos, "t1"}}), sync({})}), kAlone);
}

TEST_F(CoreRequests, RefusedRealmsAndTokensMakeNoHost) {
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Image), {set(kPhotos, "no good")}), kAsked) << "still cold";
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Image), {set("https://realms.example/x?y", "t1")}), kAsked);
  EXPECT_EQ(oneRequest(kStranger, as(Destination::Image), {remove(kPhotos)}), kAsked);
}

TEST_F(CoreRequests, OnlyReadsWithoutAuthorizationAreTouched) {
  RequestInfo head = as(Destination::Empty), post = head, authorized = head, cached = head, navigation = head;
  head.method = Method::Head;
  post.method = Method::Other;
  authorized.hasAuthorization = true;
  cached.isOnlyIfCached = true;
  navigation.isNavigation = navigation.isFromApp = true;
  navigation.destination = Destination::Document;
  const std::vector warm{set(kPhotos, "t1")};
  EXPECT_EQ(oneRequest(kCat, head, warm), kSent);
  EXPECT_EQ(oneRequest(kCat, post, warm), kAlone);
  EXPECT_EQ(oneRequest(kCat, RequestInfo::fromBits(3), warm), kAlone) << "a method that the core does not know";
  EXPECT_EQ(oneRequest(kCat, authorized, warm), kAlone);
  EXPECT_EQ(oneRequest(kCat, cached, warm), kAlone);
  EXPECT_EQ(oneRequest(kCat, navigation, warm), kSent);
  EXPECT_EQ(oneRequest(kSong, head, warm), kAsked);
  EXPECT_EQ(oneRequest(kSong, post, warm), kAlone);
  EXPECT_EQ(oneRequest(kSong, authorized, warm), kAlone);
  EXPECT_EQ(oneRequest(kSong, cached, warm), kAlone);
  EXPECT_EQ(oneRequest(kSong, navigation, warm), kAlone) << "a navigation is never held";
  EXPECT_EQ(oneRequest(kSong, head, {}), kAsked);
  EXPECT_EQ(oneRequest(kSong, post, {}), kAlone);
  EXPECT_EQ(oneRequest(kSong, authorized, {}), kAlone);
  EXPECT_EQ(oneRequest(kSong, cached, {}), kAlone);
  EXPECT_EQ(oneRequest(kSong, navigation, {}), kAlone);
}

TEST_F(CoreRequests, ANavigationGetsNoTokenUnlessAPageOfTheAppBeganIt) {
  Options all;
  all.authorizesNavigations = true;
  for (const Destination destination : {Destination::Document, Destination::Iframe, Destination::Frame}) {
    RequestInfo ours = as(destination);
    ours.isNavigation = ours.isFromApp = true;
    ours.isNoCors = false;
    RequestInfo anyones = ours;
    anyones.isFromApp = false;
    Story story, daring(all);
    for (Story* each : {&story, &daring}) each->message(kTab, set(kPhotos, "t1"));
    EXPECT_EQ(story.request(1, kTab, kCat, ours), "fetch #1 with t1");
    EXPECT_EQ(story.request(2, kTab, kCat, anyones), "leaveAlone #2");
    EXPECT_EQ(daring.request(1, kTab, kCat, anyones), "fetch #1 with t1");
  }
}

TEST_F(CoreRequests, AHostThatAPolicyForbidsIsLeftAloneFromThenOnAndThatIsToldOnce) {
  message(kTab, set(kPhotos, "t1"));
  message(kTab, set(kAttic, "t2"));
  EXPECT_EQ(request(1, kTab, kCat), "fetch #1 with t1");
  EXPECT_EQ(forbidden(kDog), "warn hostForbidden");
  EXPECT_EQ(forbidden("data:image/png,"), "nothing");
  EXPECT_EQ(forbidden("https://attic.example/" + std::string(8'171, 'a')), "nothing") << "it was cut";
  EXPECT_EQ(request(2, kTab, kCat), "leaveAlone #2");
  EXPECT_EQ(request(3, kTab, kSong), "leaveAlone #3");
  EXPECT_EQ(request(4, kTab, kBox), "fetch #4 with t2");
}

TEST_F(CoreRequests, ARealmOfAHostForWhichThereIsNoRoomIsRefused) {
  for (int host = 0; host < 10'000; ++host) message(kTab, set("https://h" + std::to_string(host) + ".example/", "t1"));
  EXPECT_EQ(message(kTab, set(kPhotos, "t1")), "warn realmsFull");
  EXPECT_EQ(message(kTab, set("https://h9999.example/more/", "t1")), "nothing") << "a realm of a host that is known";
}

TEST_F(CoreRequests, HostsWithoutATokenMakeRoomForOneWithAToken) {
  std::string origins;
  for (int host = 0; host < 10'000; ++host) origins += ",\"https://h" + std::to_string(host) + ".example/\"";
  message(kTab, set(kAttic, "t1"));
  message(kTab, R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":[)" + origins.substr(1) + "]}");
  EXPECT_EQ(core.stats().hosts, 10'000u);
  EXPECT_EQ(message(kTab, set(kPhotos, "t2")), "nothing");
  EXPECT_EQ(core.stats().hosts, 2u);
  // The cache may have responses to users who are not known any more.
  EXPECT_EQ(request(1, kTab, kBox), "fetch #1 with t1 revalidated");
  EXPECT_EQ(request(2, kTab, kCat), "fetch #2 with t2 revalidated");
}

TEST_F(CoreRequests, UntilATokenIsToldEveryPageFromOutsideIsLeftAlone) {
  Options options;
  options.askUnknownHosts = true;
  options.keepsState = true;
  for (const Destination destination : {Destination::Document, Destination::Iframe, Destination::Image}) {
    RequestInfo navigation = as(destination);
    navigation.isNavigation = navigation.isFromApp = true;
    Story story(options);
    RequestInfo fromOutside = navigation;
    fromOutside.isFromApp = false;
    EXPECT_EQ(story.request(1, kTab, kCat, fromOutside), "leaveAlone #1");
    story.stateLoaded(R"({"origins":["https://realms.example/"]})");
    story.message(
        kTab,
        R"({"type":"hello","minProtocol":1,"maxProtocol":2,"origins":["https://realms.example"],"complete":true})");
    EXPECT_EQ(story.request(2, kTab, kCat, navigation), "leaveAlone #2");
    story.message(kTab, set(kPhotos, "t1"));
    EXPECT_EQ(story.request(3, kTab, kCat, navigation).substr(0, 8), "fetch #3");
  }
}

TEST_F(CoreRequests, LongestRealmWins) {
  message(kTab, sync({{"https://a.com/", "root"}, {"https://a.com/r/", "r"}, {"https://a.com/r/s/", "s"}}));
  EXPECT_EQ(request(1, kTab, "https://a.com/r/s/x"), "fetch #1 with s");
  EXPECT_EQ(request(2, kTab, "https://a.com/r/s"), "fetch #2 with r");
  EXPECT_EQ(request(3, kTab, "https://a.com/r?/s/"), "fetch #3 with root");
  message(kTab, remove("https://a.com/r/s/"));
  EXPECT_EQ(request(4, kTab, "https://a.com/r/s/x"), "fetch #4 with r revalidated");
}

TEST_F(CoreRequests, NoTokenLeavesItsRealm) {
  message(kTab, sync({{"https://a.com/r", "t1"}, {"http://localhost:42/", "t2"}}));
  EXPECT_EQ(request(1, kTab, "https://a.com/r/x"), "fetch #1 with t1");
  EXPECT_EQ(request(2, kTab, "https://a.com.evil/r/x"), "leaveAlone #2");
  EXPECT_EQ(request(3, kTab, "http://localhost:4201/x"), "leaveAlone #3");
  EXPECT_EQ(request(4, kTab, "http://a.com/r/x"), "leaveAlone #4");
  EXPECT_EQ(request(5, kTab, "https://a.com@evil.com/r/x"), "leaveAlone #5");
  EXPECT_EQ(request(6, kTab, "https://a.com/r-evil/x"), "hold #6 · findClients ask1 #6 · wake@200")
      << "the host is known, so asking is worth it";
}

TEST_F(CoreRequests, OddUrlsAreLeftAlone) {
  for (const char* url : {"", "data:image/png,x", "blob:https://realms.example/1", "about:blank", "ftp://a.com/x",
                          "https://u:p@realms.example/photos/cat.png"}) {
    EXPECT_EQ(request(1, kTab, url), "leaveAlone #1") << url;
  }
}

TEST_F(CoreRequests, UrlsLongerThan8KiBAreLeftAlone) {
  std::string url(kPhotos);
  url.resize(8192, 'x');
  EXPECT_EQ(request(1, kTab, url + 'x'), "leaveAlone #1");
  EXPECT_EQ(request(2, kTab, url), "hold #2 · findClients ask1 #2 · wake@200");
  message(kTab, set(kPhotos, "t1"));
  EXPECT_EQ(request(3, kTab, url), "fetch #3 with t1 · wake@10000");
  EXPECT_EQ(request(4, kTab, url + 'x'), "leaveAlone #4 · wake@10000");
}

TEST_F(CoreRequests, ExpiredTokenIsAMissWithItsReason) {
  message(kTab, set(kPhotos, jwt(10)));
  EXPECT_EQ(at(9'999).request(1, kTab, kCat), "fetch #1 with " + jwt(10));
  EXPECT_EQ(at(10'000).request(2, kTab, kCat), "hold #2 · findClients ask1 #2 · wake@10200");
  EXPECT_EQ(at(10'001).found(1, {window(kTab)}), "askClient ask1 tab #2 · wake@10200");
  EXPECT_EQ(at(10'002).reply(1, kTab, token(kPhotos, jwt(10))), "fetch #2 with " + jwt(10) + " · closeAsk ask1")
      << "the page's clock may be right and ours wrong";
  EXPECT_EQ(at(10'003).request(3, kTab, kDog), "fetch #3 with " + jwt(10));
}

TEST_F(CoreRequests, ExpiredTokenPushedIsNotConfirmed) {
  at(20'000).request(1, kTab, kCat);
  EXPECT_EQ(message(kTab, set(kPhotos, jwt(10))), "wake@20200");
  EXPECT_EQ(message(kTab, set(kPhotos, jwt(30))), "forgetTokens · fetch #1 with " + jwt(30) + " · wake@30000");
}

TEST_F(CoreRequests, DecideIsWhatRequestDoes) {
  message(kTab, set(kPhotos, "t1"));
  const RequestInfo image = as(Destination::Image);
  const TokenId token = core.decide(kCat, image, 0);
  EXPECT_EQ(core.realmOfToken(token), "https://realms.example/photos/");
  EXPECT_EQ(core.textOfToken(token), "t1");
  EXPECT_EQ(core.decide(kSong, image, 0), Core::kMiss);
  EXPECT_EQ(core.decide(kStranger, image, 0), Core::kLeaveAlone);
  EXPECT_EQ(core.decide(std::string(8193, 'x'), image, 0), Core::kLeaveAlone);
  EXPECT_EQ(core.realmOfToken(12345), "");
  EXPECT_EQ(core.textOfToken(12345), "");
}

TEST_F(CoreRequests, NetworkErrorOfANoCorsRequestIsSentOnceAsTheBrowserWould) {
  EXPECT_EQ(response(1, 0), "fetch #1 plain");
  EXPECT_EQ(response(1, 0, as(Destination::Empty)), "respond #1") << "the page asked for CORS";
  EXPECT_EQ(response(1, 200), "respond #1");
  EXPECT_EQ(response(1, 404), "respond #1");
  EXPECT_EQ(response(1, 500), "respond #1");
}

TEST(Bits, OfTraitsAndClients) {
  const RequestInfo none = RequestInfo::fromBits(0);
  EXPECT_EQ(none.method, Method::Get);
  EXPECT_EQ(none.destination, Destination::Empty);
  EXPECT_FALSE(none.hasAuthorization || none.isNavigation || none.isOnlyIfCached || none.isNoCors || none.isFromApp);
  EXPECT_TRUE(RequestInfo::fromBits(1 << 16 | 3 << 8).isFromApp);
  EXPECT_EQ(RequestInfo::fromBits(1 << 16 | 3 << 8).destination, Destination::Document);
  EXPECT_EQ(RequestInfo::fromBits(1).method, Method::Head);
  EXPECT_EQ(RequestInfo::fromBits(2).method, Method::Other);
  EXPECT_TRUE(RequestInfo::fromBits(4).hasAuthorization);
  EXPECT_TRUE(RequestInfo::fromBits(8).isNavigation);
  EXPECT_TRUE(RequestInfo::fromBits(16).isOnlyIfCached);
  EXPECT_TRUE(RequestInfo::fromBits(32).isNoCors);
  EXPECT_TRUE(RequestInfo::fromBits(64).isRetry);
  EXPECT_TRUE(RequestInfo::fromBits(128).isElsewhere);
  EXPECT_EQ(RequestInfo::fromBits(8 << 8).destination, Destination::Image);
  EXPECT_EQ(nameAt(kMethodNames, static_cast<std::size_t>(Method::Head)), "HEAD");
  EXPECT_EQ(nameAt(kDestinationNames, 0), "");
  EXPECT_EQ(nameAt(kDestinationNames, 2), "audioworklet");
  EXPECT_EQ(nameAt(kDestinationNames, 8), "image");
  EXPECT_EQ(nameAt(kDestinationNames, static_cast<std::size_t>(Destination::Other)), "other");
  EXPECT_EQ(nameAt(kOrderKindNames, static_cast<std::size_t>(OrderKind::Warn)), "warn");
  EXPECT_EQ(nameAt(kWarningNames, static_cast<std::size_t>(Warning::WaitersFull)), "waitersFull");

  const FoundClient client = FoundClient::fromBits(9, 1 | 4);
  EXPECT_EQ(client.client, 9);
  EXPECT_TRUE(client.isWindow && client.isFocused);
  EXPECT_FALSE(client.isTopLevel || client.isVisible);
  EXPECT_TRUE(FoundClient::fromBits(9, 2).isTopLevel);
  EXPECT_TRUE(FoundClient::fromBits(9, 8).isVisible);
}

TEST_F(CoreRequests, APresignedURLIsLeftAlone) {
  message(kTab, set(kPhotos, "t1"));
  const std::string query = "?X-Amz-Date=1&X-Amz-Signature=s";
  EXPECT_EQ(request(1, kTab, std::string(kCat) + query), "leaveAlone #1");
  EXPECT_EQ(request(2, kTab, std::string(kSong) + query), "leaveAlone #2") << "a miss";
  EXPECT_EQ(request(3, kTab, std::string(kCat) + "?size=2"), "fetch #3 with t1");
}

}  // namespace
}  // namespace auth::story
